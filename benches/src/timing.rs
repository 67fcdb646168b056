//! The work of `bench-timing`: an event file of any size, and what is made of it.

use std::f64::consts::TAU;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use astro_core::{
    EventColumns, EventSource, GoodTimeIntervals, NoProgress, TimeReference, WantedColumns,
};
use astro_fft::FftReal;
use astro_io::{EventFile, EventListLabels, IfExists, write_event_file};
use astro_timing::modeling::{SpectralModel, SpectrumData, SpectrumFit};
use astro_timing::pulsation::{PulseStatistic, SearchGrid, SearchPlan};
use astro_timing::{
    Compat, CrossSpectrumPlan, EnergyBand, EnergySpectraPlan, Normalization, PowerSpectrumPlan,
};
use rayon::prelude::*;

/// Counts per second.
pub const RATE: f64 = 1028.0;
/// When the events begin, seconds after the reference.
pub const START_S: f64 = 8e7;
/// Segments and bins of averaged spectra, seconds.
pub const SEGMENT_S: f64 = 256.0;
/// Width of a bin, seconds.
pub const BIN_S: f64 = 1.0 / 2048.0;
/// Segments of the dynamical and of the energy spectra, seconds.
pub const SHORT_S: f64 = 16.0;
/// Edges of the energy bands, keV: between the energies of channels.
pub const EDGES_KEV: [f64; 9] = [3.0, 5.0, 8.0, 12.0, 18.0, 26.0, 36.0, 50.0, 78.0];
/// Where the two bands of the cross spectrum meet, keV.
pub const MIDDLE_KEV: f64 = 20.0;
/// Frequency of the pulsation, hertz.
pub const PULSE_HZ: f64 = 4.5;
/// Events that are searched for it.
pub const SEARCHED: u64 = 1_000_000;
/// Trial frequencies, a quarter of the frequency resolution apart.
pub const TRIALS: usize = 10_000;
/// Powers that are fitted, averages of as many.
pub const FITTED: (usize, usize) = (16_384, 10);

/// Events that are computed when they are read: one in each 1/RATE seconds, at a random moment
/// modulated by 5 % with [`PULSE_HZ`], in a random channel of NuSTAR (3 to 78 keV).
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
        let gti = GoodTimeIntervals::single(START_S, START_S + events as f64 / RATE)
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
            channels: true,
            ..WantedColumns::default()
        };
        let labels = EventListLabels {
            mission: "NuSTAR".to_owned(),
            instrument: "FPMA".to_owned(),
            ..EventListLabels::default()
        };
        Ok(write_event_file(
            path,
            self,
            wanted,
            &labels,
            IfExists::Replace,
        )?)
    }

    fn time(index: u64) -> f64 {
        let even = (index as f64 + uniform(2 * index)) / RATE;
        let angular = TAU * PULSE_HZ;
        START_S + even + 0.05 / angular * (angular * even).sin()
    }

    /// Number of events before `time`.
    fn before(&self, time: f64) -> u64 {
        let guess = ((time - START_S) * RATE).clamp(0.0, self.events as f64) as u64;
        // The modulation moves an event by up to two.
        let mut index = guess.saturating_sub(4);
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
        let (mut times, mut channels) = (Vec::with_capacity(ROWS), Vec::with_capacity(ROWS));
        while next < after {
            let end = after.min(next + ROWS as u64);
            times.clear();
            channels.clear();
            times.extend((next..end).map(Self::time));
            if wanted.channels {
                channels.extend((next..end).map(|k| 35 + (1875.0 * uniform(2 * k + 1)) as i32));
            }
            visit(EventColumns {
                times: &times,
                channels: &channels,
                ..EventColumns::default()
            });
            next = end;
        }
        Ok(())
    }
}

/// What is timed, by the name that it has in the results.
pub const JOBS: [&str; 11] = [
    "read",
    "power.f64",
    "power.f32",
    "cross.f64",
    "cross.f32",
    "dynamical.f64",
    "lags.f64",
    "lags.stingray",
    "z2.exact",
    "z2.binned",
    "fit",
];

/// A job with all that it needs but the file's rows.
#[derive(Debug)]
pub struct Job {
    name: String,
    path: PathBuf,
    /// The grid that is searched where it is not [`TRIALS`] about [`PULSE_HZ`].
    grid: Option<SearchGrid>,
    searched: Vec<f64>,
    spectrum: Option<SpectrumData>,
}

impl Job {
    /// A job on an event file: those of [`JOBS`], and `z1.exact` of a grid of the caller's.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn new(name: &str, path: &Path, grid: Option<SearchGrid>) -> Result<Self> {
        let mut searched = Vec::new();
        if name.starts_with('z') {
            let file = EventFile::open(path)?;
            let stop = START_S + SEARCHED as f64 / RATE;
            file.visit(START_S, stop, WantedColumns::default(), &mut |run| {
                searched.extend_from_slice(run.times);
            })?;
        }
        Ok(Self {
            name: name.to_owned(),
            path: path.to_owned(),
            grid,
            searched,
            spectrum: (name == "fit").then(noisy_line).transpose()?,
        })
    }

    /// Does it, the file opened anew, and returns numbers that depend on all of its result.
    ///
    /// # Errors
    /// An unknown job; a file that cannot be read.
    pub fn run(&self) -> Result<Vec<f64>> {
        let open = || EventFile::open(&self.path);
        let sum = |values: &[f64]| vec![values.iter().sum()];
        Ok(match self.name.as_str() {
            "read" => vec![read_whole(&self.path)? as f64],
            "power.f64" => sum(&power::<f64>()?.execute(&open()?)?.power),
            "power.f32" => sum(&power::<f32>()?.execute(&open()?)?.power),
            "cross.f64" => cross::<f64>(&open()?)?,
            "cross.f32" => cross::<f32>(&open()?)?,
            "dynamical.f64" => {
                // As it would go to disk: row by row.
                let plan = PowerSpectrumPlan::<f64>::new(SHORT_S, 1.0 / 512.0)?;
                let plan = plan.normalization(Normalization::Leahy);
                let mut total = 0.0;
                plan.stream_rows(&open()?, &NoProgress, |row| {
                    total += row.values.iter().sum::<f64>();
                    Ok(())
                })?;
                vec![total]
            }
            "lags.f64" => lags(&open()?, Compat::Correct)?,
            "lags.stingray" => lags(&open()?, Compat::Stingray)?,
            "z1.exact" => self.search(PulseStatistic::ZSquared { harmonics: 1 })?,
            "z2.exact" => self.search(PulseStatistic::ZSquared { harmonics: 2 })?,
            "z2.binned" => self.search(PulseStatistic::BinnedZSquared {
                harmonics: 2,
                bins: 128,
            })?,
            "fit" => self.fit()?,
            unknown => anyhow::bail!("there is no job `{unknown}`: choose one of {JOBS:?}"),
        })
    }

    /// Mean of the statistic, its maximum, and where that is.
    fn search(&self, statistic: PulseStatistic) -> Result<Vec<f64>> {
        let span = SEARCHED as f64 / RATE;
        let gti = GoodTimeIntervals::single(START_S, START_S + span)?;
        let step = 0.25 / span;
        let first = PULSE_HZ - (TRIALS / 2) as f64 * step;
        let grid = SearchGrid::new(START_S, first, step, TRIALS);
        let plan = SearchPlan::new(self.grid.unwrap_or(grid), statistic).compat(Compat::Stingray);
        let found = plan.search(&self.searched, &gti)?;
        let best = found.best()?;
        let mean = found.statistic.mean().unwrap_or(f64::NAN);
        Ok(vec![mean, best.statistic, best.solution.frequency_hz])
    }

    /// Centre and width of the line, and the noise.
    fn fit(&self) -> Result<Vec<f64>> {
        let data = self.spectrum.as_ref().context("this job has no spectrum")?;
        let model = SpectralModel::lorentzian() + SpectralModel::constant();
        let fit = SpectrumFit::new(&model, data).start(&[5.0, 2.8, 1.0, 1.8]);
        let fitted = fit.run()?;
        anyhow::ensure!(fitted.converged, "the fit has not converged");
        Ok(fitted.values()[1..].to_vec())
    }
}

fn power<T: FftReal>() -> Result<PowerSpectrumPlan<T>> {
    Ok(PowerSpectrumPlan::<T>::new(SEGMENT_S, BIN_S)?.normalization(Normalization::Leahy))
}

fn cross<T: FftReal>(file: &EventFile) -> Result<Vec<f64>> {
    let soft = EnergyBand::new(EDGES_KEV[0], MIDDLE_KEV)?;
    let hard = EnergyBand::new(MIDDLE_KEV, EDGES_KEV[8])?;
    let plan = CrossSpectrumPlan::<T>::new(SEGMENT_S, BIN_S)?;
    let spectrum = plan.execute_bands(file, hard, soft, &NoProgress)?;
    // Noise that does not average out tells two results apart.
    let squares = spectrum.cross.iter().map(|c| c.norm_sqr());
    Ok(vec![squares.sum()])
}

fn lags(file: &EventFile, compat: Compat) -> Result<Vec<f64>> {
    let bands = EnergyBand::between(&EDGES_KEV)?;
    let plan = EnergySpectraPlan::<f64>::new(SHORT_S, 1.0 / 128.0, bands, [0.1, 10.0])?;
    let spectra = plan.compat(compat).execute(file)?;
    Ok(spectra.lags().iter().map(|lag| lag.value).collect())
}

/// Reads every byte of a file, as many parts at a time as there are threads, and returns their
/// number.
fn read_whole(path: &Path) -> Result<u64> {
    const PIECE: u64 = 1 << 20;
    let length = std::fs::metadata(path)?.len();
    let parts = rayon::current_num_threads() as u64;
    let part = length.div_ceil(parts.max(1));
    let read = (0..parts).into_par_iter().map(|index| -> Result<u64> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(index * part))?;
        let mut left = part.min(length.saturating_sub(index * part));
        let mut piece = vec![0; PIECE as usize];
        let mut total = 0;
        while left > 0 {
            let wanted = left.min(PIECE) as usize;
            file.read_exact(&mut piece[..wanted])?;
            left -= wanted as u64;
            total += wanted as u64;
        }
        Ok(total)
    });
    read.sum()
}

/// A line at 3 Hz on a noise level of 2, averaged, to 128 Hz.
fn noisy_line() -> Result<SpectrumData> {
    let (points, averages) = FITTED;
    let frequencies: Vec<f64> = (1..=points).map(|i| i as f64 / 128.0).collect();
    let power = |(i, f): (usize, &f64)| {
        let model = 10.0 * 0.09 / ((f - 3.0).powi(2) + 0.09) + 2.0;
        let exponential = |k| -(1.0 - uniform((averages * i + k) as u64)).ln();
        let noise: f64 = (0..averages).map(exponential).sum();
        model * noise / averages as f64
    };
    let powers = frequencies.iter().enumerate().map(power).collect();
    Ok(SpectrumData::new(frequencies, powers, averages as f64)?)
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
            file.count(START_S, START_S + 100.0).unwrap(),
            source.count(START_S, START_S + 100.0).unwrap()
        );
        let grid = SearchGrid::new(START_S, PULSE_HZ - 0.01, 1e-3, 20);
        for name in JOBS.iter().chain(&["z1.exact"]) {
            let job = Job::new(name, &path, Some(grid)).unwrap();
            let result = job.run().unwrap();
            assert!(result.iter().all(|x| x.is_finite()), "{name}: {result:?}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
