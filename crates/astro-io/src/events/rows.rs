//! Rows of events and what is in them.

use std::ops::RangeInclusive;
use std::sync::Arc;

use astro_core::{EventColumns, WantedColumns};

use super::rxte::{EventWord, PcaEnergies};
use crate::fits::{Column, Number, TableLayout};
use crate::store::Store;
use crate::{ResponseMatrix, Result};

/// What stands for a channel or detector that an event does not have.
pub const NO_CHANNEL: i32 = i32::MIN;

/// Bytes of rows that are decoded at once: they stay in the cache of a core.
const BLOCK_BYTES: usize = 768 << 10;

/// A table of events.
#[derive(Debug)]
pub(crate) struct EventRows {
    pub(crate) store: Store,
    pub(crate) data_offset: u64,
    pub(crate) row_bytes: usize,
    pub(crate) rows: u64,
    pub(crate) decoder: Decoder,
    /// Every column of the file; `None` for a table that has been sorted, which keeps only those of the decoder.
    pub(crate) layout: Option<TableLayout>,
}

/// How the columns of a row become the values of an event.
#[derive(Debug)]
pub(crate) struct Decoder {
    pub(crate) time: Column,
    /// Seconds in the unit of the column.
    pub(crate) time_unit_s: f64,
    /// Added to every time, seconds.
    pub(crate) time_shift_s: f64,
    pub(crate) channel: Option<WholeNumber>,
    pub(crate) detector: Option<WholeNumber>,
    pub(crate) energy: Option<Energy>,
    /// The word that says which rows are photons.
    pub(crate) photon: Option<(Column, EventWord)>,
}

/// A column of whole numbers, or bits of an event word.
#[derive(Debug)]
pub(crate) struct WholeNumber {
    pub(crate) column: Column,
    /// The bits of the word that count; `None` for the column's value.
    pub(crate) bits: Option<RangeInclusive<u32>>,
    /// What each number stands for; empty where it stands for itself.
    pub(crate) meaning: Vec<i32>,
}

/// Where an energy comes from.
#[derive(Debug)]
pub(crate) enum Energy {
    /// A column, in this many keV.
    Column { column: Column, kev: f64 },
    /// `zero_kev + kev_per_channel · channel`.
    Linear { kev_per_channel: f64, zero_kev: f64 },
    /// The channel energies of a response file.
    Response(Arc<ResponseMatrix>),
    /// The channels and units of the RXTE PCA.
    RxtePca(Box<PcaEnergies>),
}

/// Buffers for the events of one block.
#[derive(Debug, Default)]
pub(crate) struct Block {
    raw: Vec<u8>,
    words: Vec<u64>,
    pub(crate) times: Vec<f64>,
    energies: Vec<f32>,
    channels: Vec<i32>,
    detectors: Vec<i32>,
}

impl EventRows {
    /// Rows that are decoded at once.
    pub(crate) fn rows_per_block(&self) -> u64 {
        (BLOCK_BYTES / self.row_bytes).max(1) as u64
    }

    /// Reads rows and decodes their times.
    pub(crate) fn read_times(&self, first: u64, count: u64, block: &mut Block) -> Result<()> {
        let row_bytes = self.row_bytes as u64;
        block.raw.resize((count * row_bytes) as usize, 0);
        self.store
            .read_at(self.data_offset + first * row_bytes, &mut block.raw)?;
        block.times.clear();
        let Decoder {
            time_unit_s: unit,
            time_shift_s: shift,
            ..
        } = self.decoder;
        let time = &self.decoder.time;
        // The usual case first: nothing to be done to a time.
        if unit == 1.0 && shift == 0.0 {
            time.read(&block.raw, self.row_bytes, |time| time, &mut block.times);
        } else {
            let convert = |time: f64| time * unit + shift;
            time.read(&block.raw, self.row_bytes, convert, &mut block.times);
        }
        Ok(())
    }

    /// Decodes the wanted columns of the rows read last, of the range `rows` of them.
    pub(crate) fn decode<'b>(
        &self,
        rows: std::ops::Range<usize>,
        wanted: WantedColumns,
        block: &'b mut Block,
    ) -> EventColumns<'b> {
        let raw = &block.raw[rows.start * self.row_bytes..rows.end * self.row_bytes];
        let decoder = &self.decoder;
        let from_channels =
            matches!(&decoder.energy, Some(energy) if !matches!(energy, Energy::Column { .. }));
        let by_detector = matches!(&decoder.energy, Some(Energy::RxtePca(_)));
        let read = |number: &Option<WholeNumber>,
                    needed: bool,
                    words: &mut Vec<u64>,
                    out: &mut Vec<i32>| {
            out.clear();
            if let (Some(number), true) = (number, needed) {
                number.read(raw, self.row_bytes, words, out);
            }
        };
        let needed = wanted.channels || (wanted.energies && from_channels);
        read(
            &decoder.channel,
            needed,
            &mut block.words,
            &mut block.channels,
        );
        let needed = wanted.detectors || (wanted.energies && by_detector);
        read(
            &decoder.detector,
            needed,
            &mut block.words,
            &mut block.detectors,
        );
        block.energies.clear();
        if let (Some(energy), true) = (&decoder.energy, wanted.energies) {
            energy.read(
                raw,
                self.row_bytes,
                &block.channels,
                &block.detectors,
                &mut block.energies,
            );
        }
        EventColumns {
            times: &block.times[rows],
            energies_kev: &block.energies,
            channels: if wanted.channels {
                &block.channels
            } else {
                &[]
            },
            detectors: if wanted.detectors {
                &block.detectors
            } else {
                &[]
            },
        }
    }

    /// Reads numbers of other columns for the range `rows` of the rows read last.
    pub(crate) fn numbers(
        &self,
        rows: std::ops::Range<usize>,
        columns: &[&Column],
        block: &Block,
        out: &mut [Vec<f64>],
    ) {
        let raw = &block.raw[rows.start * self.row_bytes..rows.end * self.row_bytes];
        for (column, values) in columns.iter().zip(out) {
            values.clear();
            column.read(raw, self.row_bytes, |value| value, values);
        }
    }

    /// Which of the rows read last are photons.
    pub(crate) fn photons(&self, block: &mut Block) -> Vec<bool> {
        let Some((column, word)) = &self.decoder.photon else {
            return vec![true; block.times.len()];
        };
        let Some(Number::Bits(bits)) = column.number else {
            return vec![true; block.times.len()];
        };
        block.words.clear();
        column.read_bits(&block.raw, self.row_bytes, &mut block.words);
        block
            .words
            .iter()
            .map(|&bits_of_row| word.is_photon(bits_of_row, bits))
            .collect()
    }
}

impl WholeNumber {
    pub(crate) fn new(column: Column) -> Self {
        Self {
            column,
            bits: None,
            meaning: Vec::new(),
        }
    }

    fn read(&self, raw: &[u8], row_bytes: usize, words: &mut Vec<u64>, out: &mut Vec<i32>) {
        match (&self.bits, self.column.number) {
            (Some(place), Some(Number::Bits(bits))) => {
                words.clear();
                self.column.read_bits(raw, row_bytes, words);
                out.extend(words.iter().map(|&word| {
                    let field = EventWord::field(word, bits, place);
                    field
                        .and_then(|field| i32::try_from(field).ok())
                        .unwrap_or(NO_CHANNEL)
                }));
            }
            _ => self.column.read_whole(raw, row_bytes, NO_CHANNEL, out),
        }
        if !self.meaning.is_empty() {
            for number in out {
                let meaning = usize::try_from(*number).ok();
                let meaning = meaning.and_then(|number| self.meaning.get(number));
                *number = meaning.copied().unwrap_or(NO_CHANNEL);
            }
        }
    }
}

impl Energy {
    fn read(
        &self,
        raw: &[u8],
        row_bytes: usize,
        channels: &[i32],
        detectors: &[i32],
        out: &mut Vec<f32>,
    ) {
        let known = |channel: i32| channel != NO_CHANNEL;
        match self {
            Self::Column { column, kev } => {
                column.read(raw, row_bytes, |energy| (energy * kev) as f32, out);
            }
            Self::Linear {
                kev_per_channel,
                zero_kev,
            } => out.extend(channels.iter().map(|&channel| {
                if known(channel) {
                    (zero_kev + kev_per_channel * f64::from(channel)) as f32
                } else {
                    f32::NAN
                }
            })),
            Self::Response(response) => out.extend(channels.iter().map(|&channel| {
                response
                    .energy_kev(channel)
                    .map_or(f32::NAN, |kev| kev as f32)
            })),
            Self::RxtePca(energies) => {
                let pairs = channels.iter().zip(detectors);
                out.extend(pairs.map(|(&channel, &pcu)| energies.energy_kev(channel, pcu)));
            }
        }
    }
}
