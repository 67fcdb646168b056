//! Event words and energies of the RXTE PCA.

use std::ops::RangeInclusive;

/// Gain epochs of the PCA start at these MJD (UTC), the first at launch; changes of the high
/// voltage, and the loss of PCU 0's propane layer (RXTE Guest Observer Facility).
const EPOCH_STARTS_MJD: [f64; 5] = [
    50_081.0,
    50_163.772_92,
    50_188.961_81,
    51_259.734_03,
    51_677.0,
];

/// Energies of the upper edge of absolute channel `c`, keV, as quartics in `c`: they follow the
/// channel-to-energy table of the PCA team (RXTE GOF) within its rounding of 0.01 keV, for the
/// epochs 1 to 4, and 5 without and with PCU 0.
const ENERGY_KEV: [[f64; 5]; 6] = [
    [
        4.919_115_11e-1,
        2.536_549_38e-1,
        1.174_803_26e-4,
        6.038_968_66e-8,
        2.781_435_55e-10,
    ],
    [
        3.926_330_80e-1,
        3.034_017_53e-1,
        1.432_660_02e-4,
        4.931_545_31e-8,
        3.789_838_16e-10,
    ],
    [
        5.351_576_90e-1,
        3.502_081_95e-1,
        1.610_378_73e-4,
        7.657_652_42e-8,
        3.803_345_83e-10,
    ],
    [
        4.703_663_23e-1,
        4.136_477_02e-1,
        1.929_815_60e-4,
        8.992_607_07e-8,
        4.694_618_69e-10,
    ],
    [
        4.513_079_11e-1,
        4.025_626_48e-1,
        1.783_274_02e-4,
        9.282_925_07e-8,
        3.826_845_04e-10,
    ],
    [
        2.487_049_45e-1,
        4.257_198_12e-1,
        2.155_804_08e-4,
        7.777_157_93e-8,
        6.492_923_40e-10,
    ],
];
/// Rows of [`ENERGY_KEV`] for epoch 5: PCUs 1 to 4, and PCU 0.
const EPOCH_5: usize = 4;
const EPOCH_5_PCU_0: usize = 5;

/// Energies by detector and absolute channel.
#[derive(Clone, Debug)]
pub(crate) struct PcaEnergies {
    pcu_0: [f32; 256],
    others: [f32; 256],
}

impl PcaEnergies {
    /// For an observation at this day.
    pub(crate) fn at(mjd: f64) -> Self {
        let epoch = EPOCH_STARTS_MJD
            .iter()
            .rposition(|&start| mjd >= start)
            .unwrap_or(0);
        let pcu_0 = if epoch == EPOCH_5 {
            EPOCH_5_PCU_0
        } else {
            epoch
        };
        let table = |row: usize| -> [f32; 256] {
            std::array::from_fn(|channel| {
                let terms = ENERGY_KEV[row].iter().rev();
                terms.fold(0.0, |sum, term| sum * channel as f64 + term) as f32
            })
        };
        Self {
            pcu_0: table(pcu_0),
            others: table(epoch),
        }
    }

    /// NaN for channels beyond 255.
    pub(crate) fn energy_kev(&self, channel: i32, pcu: i32) -> f32 {
        let table = if pcu == 0 { &self.pcu_0 } else { &self.others };
        let channel = usize::try_from(channel).ok();
        channel
            .and_then(|channel| table.get(channel))
            .copied()
            .unwrap_or(f32::NAN)
    }
}

/// What the bits of an event word mean, from TEVTB2: `(M[1]{1},D[0:4]{3},C[0~4,5,…]{6},…)^…`.
///
/// Tokens are in the order of the bits, the most significant first: a marker, then a detector,
/// channel and time as they are packed, each with its number of bits.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct EventWord {
    /// Bits of the word that say whether it is a photon, and what they then hold.
    pub(crate) marker: Option<(RangeInclusive<u32>, u64)>,
    /// Bits with the detector.
    pub(crate) detector: Option<RangeInclusive<u32>>,
    /// Bits with the channel.
    pub(crate) channel: Option<RangeInclusive<u32>>,
    /// The absolute channel in the middle of each channel.
    pub(crate) absolute_channels: Vec<i32>,
}

impl EventWord {
    /// The first alternative of a TEVTB2 value; `None` where it is none.
    pub(crate) fn parse(description: &str) -> Option<Self> {
        let first = description.trim().strip_prefix('(')?;
        let mut word = Self::default();
        let mut bit = 0u32;
        let mut rest = first;
        while let Some((letter, content, bits, after)) = token(rest) {
            let place = bit..=bit.checked_add(bits)?.checked_sub(1)?;
            match letter {
                "M" => word.marker = Some((place, content.parse().ok()?)),
                "D" => word.detector = Some(place),
                "C" => {
                    word.channel = Some(place);
                    word.absolute_channels = channels(content)?;
                }
                _ => {}
            }
            bit += bits;
            rest = after;
        }
        (bit > 0 && bit <= 64).then_some(word)
    }

    /// A field of a word of `bits` bits; `None` where the word is too short.
    pub(crate) fn field(word: u64, bits: u32, place: &RangeInclusive<u32>) -> Option<u64> {
        let shift = bits.checked_sub(place.end() + 1)?;
        let width = place.end() - place.start() + 1;
        let mask = 1u64.checked_shl(width).map_or(u64::MAX, |top| top - 1);
        Some((word >> shift) & mask)
    }

    /// Whether a word of `bits` bits is a photon.
    pub(crate) fn is_photon(&self, word: u64, bits: u32) -> bool {
        let marker = self.marker.as_ref();
        marker.is_none_or(|(place, photon)| Self::field(word, bits, place) == Some(*photon))
    }
}

/// `M[1]{1},…`: letter, what is in the brackets, bits, and what follows.
fn token(text: &str) -> Option<(&str, &str, u32, &str)> {
    let (letter, rest) = text.split_once('[')?;
    let (content, rest) = rest.split_once(']')?;
    let (bits, rest) = rest.strip_prefix('{')?.split_once('}')?;
    // A word's last token is followed by a closing bracket: what comes after is another kind of word.
    let rest = rest.strip_prefix(',').unwrap_or_default();
    (letter.len() == 1).then_some((letter, content, bits.parse().ok()?, rest))
}

/// `0~4,5~6,7` or `0:255`: the middle of each range, rounded down.
fn channels(content: &str) -> Option<Vec<i32>> {
    const MOST: i32 = 1 << 16;
    let number = |text: &str| text.trim().parse().ok().filter(|n| (0..MOST).contains(n));
    if let Some((first, last)) = content.split_once(':') {
        return Some((number(first)?..=number(last)?).collect());
    }
    let middle = |range: &str| match range.split_once('~') {
        Some((first, last)) => Some((number(first)? + number(last)?) / 2),
        None => number(range),
    };
    content.split(',').map(middle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Energies of the PCA table in five places: absolute channels 10, 30 and 53, epochs 1, 4, 5.
    #[test]
    fn energies_follow_the_table() {
        for (mjd, pcu, channel, kev) in [
            (50_100.0, 2, 10, 3.04),
            (50_170.0, 0, 30, 9.63),
            (51_000.0, 1, 53, 19.56),
            (51_500.0, 4, 30, 13.06),
            (53_000.0, 3, 10, 4.49),
            (53_000.0, 0, 10, 4.53),
            (53_000.0, 0, 53, 23.43),
            (55_900.0, 1, 255, 117.86),
        ] {
            let found = f64::from(PcaEnergies::at(mjd).energy_kev(channel, pcu));
            assert!(
                (found - kev).abs() <= 0.016,
                "{mjd} {pcu} {channel}: {found}"
            );
        }
        assert!(PcaEnergies::at(53_000.0).energy_kev(256, 0).is_nan());
        assert!(PcaEnergies::at(53_000.0).energy_kev(-1, 0).is_nan());
    }

    #[test]
    fn event_words_are_taken_apart() {
        let word = EventWord::parse(
            "(M[1]{1},D[0:4]{3},C[0~4,5~6,7,8]{6},T[0.0:1;0.5]{6})^(M[127]{8},S[x]{8})",
        );
        let word = word.unwrap();
        assert_eq!(word.marker, Some((0..=0, 1)));
        assert_eq!(word.detector, Some(1..=3));
        assert_eq!(word.channel, Some(4..=9));
        assert_eq!(word.absolute_channels, [2, 5, 7, 8]);
        let bits = 0b1100_0000_1001_1010;
        assert!(word.is_photon(bits, 16) && !word.is_photon(bits & 0x7fff, 16));
        assert_eq!(EventWord::field(bits, 16, &(1..=3)), Some(4));
        assert_eq!(EventWord::field(bits, 16, &(4..=9)), Some(2));
        assert_eq!(EventWord::field(bits, 8, &(4..=9)), None);
        assert_eq!(
            EventWord::parse("(C[0:3]{8})").unwrap().absolute_channels,
            [0, 1, 2, 3]
        );
        for bad in [
            "",
            "M[1]{1}",
            "(M[x]{1})",
            "(C[0~]{3})",
            "(M[1]{99999999999})",
            "(D[0]{0})",
        ] {
            assert_eq!(EventWord::parse(bad), None, "{bad}");
        }
    }
}
