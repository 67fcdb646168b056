//! The work of `bench-timing`: an event file of any size, and what is made of it.

use std::path::Path;

use anyhow::{Context, Result};
use astro_core::{
    EventColumns, EventSource, GoodTimeIntervals, NoProgress, TimeReference, WantedColumns,
};
use astro_io::{EventFile, EventListLabels, IfExists, write_event_file};
use astro_timing::{
    CrossSpectrumPlan, EnergyBand, EnergySpectraPlan, Normalization, PowerSpectrumPlan,
};

/// Counts per second.
pub const RATE: f64 = 1028.0;
/// Segments and bins of averaged spectra, seconds.
pub const SEGMENT_S: f64 = 256.0;
/// Width of a bin, seconds.
pub const BIN_S: f64 = 1.0 / 2048.0;
/// Segments of the dynamical and of the energy spectra, seconds.
pub const SHORT_S: f64 = 16.0;
/// Edges of the energy bands, keV.
pub const EDGES_KEV: [f64; 9] = [0.3, 0.5, 0.8, 1.2, 1.8, 2.7, 4.0, 6.0, 10.0];
/// Where the two bands of the cross spectrum meet, keV.
pub const MIDDLE_KEV: f64 = 2.0;

/// Events that are computed when they are read: one in each 1/RATE seconds, at a random moment,
/// with a random energy from 0.3 to 10 keV.
#[derive(Debug)]
pub struct Synthetic {
    events: u64,
    gti: GoodTimeIntervals,
    reference: TimeReference,
}

/// Rows handed out at a time.
const ROWS: usize = 1 << 14;

impl Synthetic {
    /// As many events.
    ///
    /// # Errors
    /// No events.
    pub fn new(events: u64) -> Result<Self> {
        let gti = GoodTimeIntervals::single(0.0, events as f64 / RATE)
            .context("the number of events must be at least 1")?;
        let reference = TimeReference::default();
        Ok(Self {
            events,
            gti,
            reference,
        })
    }

    /// Writes them to an event file.
    ///
    /// # Errors
    /// A disk that refuses.
    pub fn write(&self, path: &Path) -> Result<()> {
        let wanted = WantedColumns {
            energies: true,
            ..WantedColumns::default()
        };
        let labels = EventListLabels::default();
        Ok(write_event_file(
            path,
            self,
            wanted,
            &labels,
            IfExists::Replace,
        )?)
    }

    fn time(index: u64) -> f64 {
        (index as f64 + uniform(2 * index)) / RATE
    }

    /// Number of events before `time`.
    fn before(&self, time: f64) -> u64 {
        let guess = (time * RATE).clamp(0.0, self.events as f64) as u64;
        let mut index = guess.saturating_sub(2);
        while index < self.events && Self::time(index) < time {
            index += 1;
        }
        index
    }
}

/// The k-th number of the stream, in [0, 1): SplitMix64.
fn uniform(k: u64) -> f64 {
    let mut z = k.wrapping_add(12_345).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

impl EventSource for Synthetic {
    type Error = std::convert::Infallible;

    fn reference(&self) -> &TimeReference {
        &self.reference
    }

    fn gti(&self) -> &GoodTimeIntervals {
        &self.gti
    }

    fn count(&self, start: f64, stop: f64) -> Result<u64, Self::Error> {
        Ok(self.before(stop).saturating_sub(self.before(start)))
    }

    fn visit(
        &self,
        start: f64,
        stop: f64,
        wanted: WantedColumns,
        visit: &mut dyn FnMut(EventColumns<'_>),
    ) -> Result<(), Self::Error> {
        let (mut next, after) = (self.before(start), self.before(stop));
        let (mut times, mut energies) = (Vec::with_capacity(ROWS), Vec::with_capacity(ROWS));
        while next < after {
            let end = after.min(next + ROWS as u64);
            times.clear();
            energies.clear();
            times.extend((next..end).map(Self::time));
            if wanted.energies {
                energies.extend((next..end).map(|k| (0.3 + 9.7 * uniform(2 * k + 1)) as f32));
            }
            visit(EventColumns {
                times: &times,
                energies_kev: &energies,
                ..EventColumns::default()
            });
            next = end;
        }
        Ok(())
    }
}

/// What is timed, by the name that it has in the results.
pub const JOBS: [&str; 5] = [
    "power.f64",
    "power.f32",
    "cross.f64",
    "dynamical.f64",
    "lag_energy.f64",
];

/// Does one job on an event file and returns a number that depends on all of its result.
///
/// # Errors
/// An unknown job; a file that cannot be read.
pub fn run(job: &str, file: &EventFile) -> Result<f64> {
    let energies = EnergyBand::between(&EDGES_KEV)?;
    let powers = match job {
        "power.f64" => {
            let plan = PowerSpectrumPlan::<f64>::new(SEGMENT_S, BIN_S)?;
            plan.normalization(Normalization::Leahy)
                .execute(file)?
                .power
        }
        "power.f32" => {
            let plan = PowerSpectrumPlan::<f32>::new(SEGMENT_S, BIN_S)?;
            plan.normalization(Normalization::Leahy)
                .execute(file)?
                .power
        }
        "cross.f64" => {
            let [soft, hard] = [(0.3, MIDDLE_KEV), (MIDDLE_KEV, 10.0)];
            let (soft, hard) = (
                EnergyBand::new(soft.0, soft.1)?,
                EnergyBand::new(hard.0, hard.1)?,
            );
            let plan = CrossSpectrumPlan::<f64>::new(SEGMENT_S, BIN_S)?;
            let spectrum = plan.execute_bands(file, hard, soft, &NoProgress)?;
            spectrum.cross.iter().map(|c| c.re).collect()
        }
        "dynamical.f64" => {
            // As it would go to disk: row by row.
            let plan = PowerSpectrumPlan::<f64>::new(SHORT_S, 1.0 / 512.0)?;
            let mut sums = Vec::new();
            plan.normalization(Normalization::Leahy)
                .stream_rows(file, &NoProgress, |row| {
                    sums.push(row.values.iter().sum());
                    Ok(())
                })?;
            sums
        }
        "lag_energy.f64" => {
            let plan = EnergySpectraPlan::<f64>::new(SHORT_S, 1.0 / 128.0, energies, [0.1, 10.0])?;
            plan.execute(file)?
                .lags()
                .iter()
                .map(|lag| lag.value)
                .collect()
        }
        unknown => anyhow::bail!("there is no job `{unknown}`: choose one of {JOBS:?}"),
    };
    Ok(powers.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_the_events_and_every_job_runs() {
        let folder = std::env::temp_dir().join(format!("bench-timing-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("events.evt");
        let source = Synthetic::new(300_000).unwrap();
        source.write(&path).unwrap();
        let file = EventFile::open(&path).unwrap();
        assert_eq!(
            file.count(0.0, 100.0).unwrap(),
            source.count(0.0, 100.0).unwrap()
        );
        for job in JOBS {
            let memory = run(job, &file).unwrap();
            assert!(memory.is_finite(), "{job}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
