//! What is known of each mission's event files: names of extensions and columns, channel widths.
//!
//! The table follows the mission descriptions of HEASARC's `xselect.mdb` and the missions'
//! own data guides. It is data: a mission is a row, nothing elsewhere asks for its name.

/// How a channel number becomes an energy where nothing better is given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RoughEnergy {
    /// Not known: a response file is needed.
    None,
    /// `kev_at_zero + kev_per_channel · channel`.
    Linear {
        kev_per_channel: f64,
        kev_at_zero: f64,
    },
    /// By gain epoch and detector, for channels of the RXTE PCA.
    RxtePca,
}

/// One kind of event file.
#[derive(Debug)]
pub(crate) struct Mission {
    /// Values of TELESCOP or MISSION, upper case.
    pub(crate) names: &'static [&'static str],
    /// First letters of INSTRUME, upper case; empty for any.
    pub(crate) instrument: &'static str,
    /// Extensions that may hold the events, the first found counts.
    pub(crate) events: &'static [&'static str],
    /// First letters of extensions with good time intervals.
    pub(crate) gti: &'static [&'static str],
    /// Columns that may hold the time.
    pub(crate) time: &'static [&'static str],
    /// Columns that may hold the channel.
    pub(crate) channel: &'static [&'static str],
    /// Columns that may hold an energy.
    pub(crate) energy: &'static [&'static str],
    /// Columns that may hold the detector, chip or unit.
    pub(crate) detector: &'static [&'static str],
    pub(crate) rough_energy: RoughEnergy,
    /// Time between read-outs where TIMEDEL does not say, seconds; 0 where photons are timed one by one.
    pub(crate) frame_s: f64,
}

/// What most files look like, and every file of a mission that is not listed.
static COMMON: Mission = Mission {
    names: &[],
    instrument: "",
    events: &["EVENTS"],
    gti: &["GTI", "STDGTI"],
    time: &["TIME"],
    channel: &["PI", "PHA"],
    energy: &["ENERGY"],
    detector: &["DET_ID"],
    rough_energy: RoughEnergy::None,
    frame_s: 0.0,
};

const fn linear(kev_per_channel: f64, kev_at_zero: f64) -> RoughEnergy {
    RoughEnergy::Linear {
        kev_per_channel,
        kev_at_zero,
    }
}

/// Rows of one mission stand together, those for an instrument before those for any.
static MISSIONS: &[Mission] = &[
    // Of `astro timing simulate`.
    Mission {
        names: &["SIMULATED"],
        ..COMMON
    },
    Mission {
        names: &["NUSTAR"],
        detector: &["DET_ID"],
        rough_energy: linear(0.04, 1.62),
        ..COMMON
    },
    Mission {
        names: &["NICER"],
        detector: &["DET_ID"],
        rough_energy: linear(0.01, 0.0),
        ..COMMON
    },
    Mission {
        names: &["XMM"],
        instrument: "EPN",
        gti: &["STDGTI", "GTI"],
        detector: &["CCDNR"],
        rough_energy: linear(1e-3, 0.0),
        frame_s: 0.0734,
        ..COMMON
    },
    Mission {
        names: &["XMM"],
        instrument: "EMOS",
        gti: &["STDGTI", "GTI"],
        detector: &["CCDNR"],
        rough_energy: linear(1e-3, 0.0),
        frame_s: 2.6,
        ..COMMON
    },
    Mission {
        names: &["XMM"],
        gti: &["STDGTI", "GTI"],
        detector: &["CCDNR"],
        rough_energy: linear(1e-3, 0.0),
        ..COMMON
    },
    Mission {
        names: &["XTE"],
        instrument: "PCA",
        events: &["XTE_SE"],
        channel: &["PHA"],
        detector: &["PCUID"],
        rough_energy: RoughEnergy::RxtePca,
        ..COMMON
    },
    Mission {
        names: &["XTE"],
        events: &["XTE_SE"],
        channel: &["PHA"],
        ..COMMON
    },
    Mission {
        names: &["CHANDRA", "AXAF"],
        instrument: "ACIS",
        detector: &["CCD_ID"],
        rough_energy: linear(14.6e-3, -14.6e-3),
        frame_s: 3.241_04,
        ..COMMON
    },
    Mission {
        names: &["CHANDRA", "AXAF"],
        detector: &["CHIP_ID"],
        ..COMMON
    },
    Mission {
        names: &["SWIFT"],
        instrument: "XRT",
        rough_energy: linear(0.01, 0.0),
        frame_s: 2.507,
        ..COMMON
    },
    Mission {
        names: &["SWIFT"],
        instrument: "BAT",
        detector: &["DET_ID"],
        rough_energy: linear(0.1, 0.0),
        ..COMMON
    },
    Mission {
        names: &["SWIFT"],
        ..COMMON
    },
    Mission {
        names: &["IXPE"],
        rough_energy: linear(0.04, 0.0),
        ..COMMON
    },
    Mission {
        names: &["ASTROSAT"],
        instrument: "LAXPC",
        events: &["EVENTS", "EVENT FILE"],
        detector: &["LAXPC_NO", "LAXPC_NO."],
        channel: &["PI", "CHANNEL", "PHA"],
        ..COMMON
    },
    Mission {
        names: &["ASTROSAT"],
        instrument: "SXT",
        detector: &["CCDID"],
        rough_energy: linear(0.01, 0.0),
        frame_s: 2.3775,
        ..COMMON
    },
    Mission {
        names: &["ASTROSAT"],
        detector: &["DETID"],
        ..COMMON
    },
    Mission {
        names: &["SUZAKU", "ASTRO-E2"],
        instrument: "XIS",
        detector: &["SEGMENT"],
        rough_energy: linear(3.65e-3, 0.0),
        frame_s: 8.0,
        ..COMMON
    },
    Mission {
        names: &["SUZAKU", "ASTRO-E2"],
        channel: &["PI_PIN", "PI_SLOW", "PI", "PHA"],
        ..COMMON
    },
    Mission {
        names: &["HITOMI", "XRISM"],
        instrument: "RESOLVE",
        detector: &["PIXEL"],
        rough_energy: linear(5e-4, 0.0),
        ..COMMON
    },
    Mission {
        names: &["HITOMI", "XRISM"],
        detector: &["CCD_ID"],
        ..COMMON
    },
    Mission {
        names: &["EROSITA", "SRG", "SPECTRUM-RG"],
        detector: &["TM_NR"],
        rough_energy: linear(1e-3, 0.0),
        frame_s: 0.05,
        ..COMMON
    },
    Mission {
        names: &["ROSAT"],
        events: &["STDEVT", "EVENTS"],
        gti: &["STDGTI", "GTI"],
        rough_energy: linear(0.01, 0.0),
        ..COMMON
    },
    Mission {
        names: &["ASCA"],
        detector: &["CCDID"],
        ..COMMON
    },
    Mission {
        names: &["MAXI"],
        ..COMMON
    },
];

impl Mission {
    /// The row for a file of this mission and instrument.
    pub(crate) fn find(mission: &str, instrument: &str) -> &'static Self {
        let (mission, instrument) = (
            mission.to_ascii_uppercase(),
            instrument.to_ascii_uppercase(),
        );
        let matches = |row: &&Self| {
            row.names.contains(&mission.trim()) && instrument.starts_with(row.instrument)
        };
        MISSIONS.iter().find(matches).unwrap_or(&COMMON)
    }

    /// Whether there is a row for it.
    pub(crate) fn is_known(&self) -> bool {
        !self.names.is_empty()
    }

    /// Whether an extension of this name holds good time intervals.
    pub(crate) fn is_gti(&self, extension: &str) -> bool {
        let extension = extension.to_ascii_uppercase();
        self.gti.iter().any(|&start| {
            extension.strip_prefix(start).is_some_and(|rest| {
                let rest = rest.trim_start_matches(['_', '-']);
                rest.bytes().all(|byte| byte.is_ascii_digit())
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_mission_and_instrument() {
        assert_eq!(
            Mission::find("NuSTAR", "FPMA").rough_energy,
            linear(0.04, 1.62)
        );
        assert_eq!(Mission::find("XTE", "PCA").events, ["XTE_SE"]);
        assert_eq!(Mission::find("chandra ", "ACIS").detector, ["CCD_ID"]);
        assert_eq!(
            Mission::find("CHANDRA", "HRC").rough_energy,
            RoughEnergy::None
        );
        assert!(!Mission::find("TARDIS", "").is_known());
        for (index, row) in MISSIONS.iter().enumerate() {
            let found = Mission::find(row.names[0], row.instrument);
            assert!(std::ptr::eq(found, row), "row {index} is never found");
        }
    }

    #[test]
    fn good_time_extensions_are_recognised() {
        let xmm = Mission::find("XMM", "EPN");
        assert!(xmm.is_gti("STDGTI04") && xmm.is_gti("GTI00401") && xmm.is_gti("gti"));
        assert!(!xmm.is_gti("EVENTS") && !xmm.is_gti("STDGTIX") && !xmm.is_gti("BADGTI"));
    }
}
