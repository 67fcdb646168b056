//! `astro timing simulate`: an event file of known truth.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use astro_core::{
    EventSource as _, GoodTimeIntervals, Mjd, ReferencePosition, TimeReference, TimeScale,
    WantedColumns,
};
use astro_io::{EventListLabels, FitsLightCurve, write_event_file, write_fits_light_curve};
use astro_timing::LightCurve;
use astro_timing::deadtime::DeadTime;
use astro_timing::simulate::{PulseShape, SimulatedBand, SimulatedEvents, SimulatedObservation};
use clap::Args;
use serde_json::json;

use super::simulated_noise::NoiseOptions;
use crate::args::timing::SpinOptions;
use crate::args::{HELP, Interval, Ordered, OverwriteOption, Real, RunOptions, Whole};
use crate::output::{Console, Files, Usage};

/// Makes an event file of known truth: variable, pulsed, lagging, with dead time and gaps.
///
/// Photons are drawn from rate × (1 + noise) × pulse, each detector and band for itself, and the noise is the
/// same in all of them but for its lag. Times are barycentric unless --local says otherwise.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro timing simulate --rate 100 --duration 500 --out noise.evt
  astro timing simulate --rate 200 --qpo 5,0.5,0.1 --out qpo.evt
  astro timing simulate --period 0.7 --pulsed-fraction 0.3 --out pulsar.evt
  astro timing simulate --detectors 2 --dead-time 2.5e-3 --rate 300 --out dead.evt
  astro timing simulate --bands 3,10,30 --lags 0,0.02 --red-noise 1,0.2 --out lag.evt")]
#[command(allow_negative_numbers = true)]
pub(crate) struct Arguments {
    /// Event file to write (FITS)
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    out: PathBuf,
    /// Light curve to write too (FITS), of all detectors
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    light_curve: Option<PathBuf>,
    /// Width of the bins of the light curve
    #[arg(long, value_name = "S", value_parser = Real::Positive, default_value = "1", help_heading = "Output")]
    dt: f64,
    #[command(flatten)]
    output: OverwriteOption,
    /// Incident counts per second of each detector, all bands together
    #[arg(long, value_name = "RATE", value_parser = Real::Positive, default_value = "100", help_heading = "Source")]
    rate: f64,
    /// Edges of the energy bands, keV, ascending
    #[arg(long, value_name = "KEV", value_parser = Real::Positive, value_delimiter = ',', default_value = "2,10", help_heading = "Source")]
    bands: Vec<f64>,
    /// Photon index Γ of the spectrum E^−Γ, which shares the rate among the bands
    #[arg(long, value_name = "INDEX", value_parser = Real::Finite, default_value = "2", help_heading = "Source")]
    photon_index: f64,
    /// How much later the noise arrives in each band, seconds [default: 0]
    #[arg(long, value_name = "S", value_parser = Real::Finite, value_delimiter = ',', help_heading = "Source")]
    lags: Vec<f64>,
    #[command(flatten)]
    noise: NoiseOptions,
    #[command(flatten)]
    spin: SpinOptions,
    /// Amplitude of a sinusoidal pulse relative to the mean: (max − min)/(max + min)
    #[arg(long, value_name = "FRACTION", value_parser = Real::Within(0.0, 1.0), default_value = "0.2", help_heading = "Pulsation")]
    pulsed_fraction: f64,
    /// Amplitudes of the harmonics of another pulse, from the fundamental on
    #[arg(long, value_name = "A", value_parser = Real::Within(0.0, 1.0), value_delimiter = ',', conflicts_with = "pulsed_fraction", help_heading = "Pulsation")]
    harmonics: Vec<f64>,
    /// Phases of the maxima of these harmonics, turns [default: 0]
    #[arg(long, value_name = "TURNS", value_parser = Real::Finite, value_delimiter = ',', help_heading = "Pulsation")]
    phases: Vec<f64>,
    #[command(flatten)]
    instrument: SimulatedInstrument,
    /// Seed of all random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// When and how the source is seen.
#[derive(Clone, Debug, Args)]
#[group(skip)]
#[command(next_help_heading = "Instrument", allow_negative_numbers = true)]
struct SimulatedInstrument {
    /// Length of the observation
    #[arg(long, value_name = "S", value_parser = Real::Positive, default_value = "1000", conflicts_with = "gti")]
    duration: f64,
    /// Its beginning, seconds after the reference
    #[arg(long, value_name = "S", value_parser = Real::Finite, default_value = "0", conflicts_with = "gti")]
    start: f64,
    /// Good time, seconds after the reference; may be repeated
    #[arg(long, value_name = "START:STOP", value_parser = Ordered(Real::Finite))]
    gti: Vec<Interval>,
    /// Number of detectors that see the same noise, each with its own photons
    #[arg(long, value_name = "N", value_parser = Whole::Within(1, 1000), default_value = "1")]
    detectors: usize,
    /// Dead time after each photon
    #[arg(long, value_name = "S", value_parser = Real::Positive)]
    dead_time: Option<f64>,
    /// Photons that are not detected prolong the dead time
    #[arg(long, requires = "dead_time")]
    paralysable: bool,
    /// Reference day of the times (MJDREF)
    #[arg(long, value_name = "MJD", value_parser = Real::Finite, default_value = "55197.00076601852")]
    mjdref: f64,
    /// Times hold at the satellite (TT), not at the barycentre (TDB)
    #[arg(long)]
    local: bool,
}

impl SimulatedInstrument {
    fn good_time(&self) -> Result<GoodTimeIntervals> {
        if self.gti.is_empty() {
            let stop = self.start + self.duration;
            return Ok(GoodTimeIntervals::single(self.start, stop)?);
        }
        let ends = self.gti.iter().map(|one| [one.low, one.high]);
        GoodTimeIntervals::new(ends).context("while reading --gti")
    }

    fn reference(&self) -> TimeReference {
        let (scale, position) = if self.local {
            (TimeScale::Tt, ReferencePosition::Local)
        } else {
            (TimeScale::Tdb, ReferencePosition::SolarSystem)
        };
        TimeReference::new(Mjd::from_days(self.mjdref), scale, position)
    }
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let files = Files::new(self.output);
        files.claim([self.out.as_path()])?;
        files.claim(self.light_curve.as_deref())?;
        let observation = self.observation(console)?;
        let found = observation.simulate(self.seed)?;
        if found.clipped > 1e-3 {
            console.warn(format!(
                "the noise is below zero {:.1} % of the time, and was cut there: powers will be lower than asked for; lower the rms",
                100.0 * found.clipped
            ));
        }
        self.write(&found, &files)?;
        let events = &found.events;
        let exposure = events.gti().exposure_s();
        let rate = events.len() as f64 / exposure;
        let text = format!(
            "{} events in {exposure} s of good time ({rate:.3} counts/s), detectors: {}, photons lost to dead time: {}\nwritten: {}",
            events.len(),
            observation.detectors,
            found.lost,
            self.written().join(", ")
        );
        let noise = observation.variability.as_ref();
        let value = json!({
            "events": events.len(),
            "lost_to_dead_time": found.lost,
            "exposure_s": exposure,
            "rate_per_s": rate,
            "detectors": observation.detectors,
            "incident_rate_per_s": self.rate,
            "bands_kev": self.bands,
            "band_rates_per_s": observation.bands.iter().map(|band| band.rate).collect::<Vec<_>>(),
            "lags_s": observation.bands.iter().map(|band| band.lag_s).collect::<Vec<_>>(),
            "noise": noise.map(|noise| noise.model.to_string()),
            "noise_parameters": noise.map(|noise| noise.parameters.clone()),
            "spin": observation.pulse.as_ref().map(|(_, ephemeris)| ephemeris.spin),
            "harmonics": observation.pulse.as_ref().map(|(pulse, _)| pulse.harmonics.clone()),
            "dead_time_s": self.instrument.dead_time,
            "clipped": found.clipped,
            "seed": self.seed,
            "files": self.written(),
        });
        console.result(&text, &value);
        Ok(())
    }

    fn observation(&self, console: &Console) -> Result<SimulatedObservation> {
        let mut bands = SimulatedBand::power_law(&self.bands, self.photon_index, self.rate)?;
        if !self.lags.is_empty() && self.lags.len() != bands.len() {
            return Err(Usage(format!(
                "--lags has {} numbers for {} bands; give one for each band",
                self.lags.len(),
                bands.len()
            ))
            .into());
        }
        for (band, lag) in bands.iter_mut().zip(&self.lags) {
            band.lag_s = *lag;
        }
        let gti = self.instrument.good_time()?;
        let span = gti.span().context("no good time")?;
        let reference = self.instrument.reference();
        let mut observation = SimulatedObservation::new(bands, span.start, span.stop)?;
        observation.variability = self.noise.variability(span.length())?;
        if self.spin.is_given() {
            let ephemeris = self.spin.ephemeris(&gti, &reference, console)?;
            observation.pulse = Some((self.pulse()?, ephemeris));
        }
        observation.gti = gti;
        observation.detectors = self.instrument.detectors;
        let kind = if self.instrument.paralysable {
            DeadTime::Paralysable
        } else {
            DeadTime::NonParalysable
        };
        observation.dead_time = self.instrument.dead_time.map(|seconds| (kind, seconds));
        observation.reference = reference;
        Ok(observation)
    }

    fn pulse(&self) -> Result<PulseShape> {
        if self.harmonics.is_empty() {
            return Ok(PulseShape::sinusoid(self.pulsed_fraction));
        }
        if !self.phases.is_empty() && self.phases.len() != self.harmonics.len() {
            return Err(Usage(format!(
                "--phases has {} numbers for {} harmonics; give one for each harmonic",
                self.phases.len(),
                self.harmonics.len()
            ))
            .into());
        }
        let phase = |k: usize| self.phases.get(k).copied().unwrap_or(0.0);
        let harmonics = self.harmonics.iter().enumerate();
        Ok(PulseShape {
            harmonics: harmonics.map(|(k, &a)| (a, phase(k))).collect(),
        })
    }

    fn write(&self, found: &SimulatedEvents, files: &Files) -> Result<()> {
        let columns = WantedColumns {
            energies: true,
            channels: false,
            detectors: true,
        };
        let labels = EventListLabels {
            mission: "SIMULATED".to_owned(),
            instrument: String::new(),
            object: "SIMULATED SOURCE".to_owned(),
        };
        write_event_file(&self.out, &found.events, columns, &labels, files.if_exists)?;
        if let Some(path) = &self.light_curve {
            let curve = LightCurve::from_events(&found.events, self.dt)?;
            let per_second = |counts: f64| counts / self.dt;
            let curve = FitsLightCurve {
                times: curve.times().to_vec(),
                bin_s: self.dt,
                rate: curve.counts().iter().map(|&n| per_second(n)).collect(),
                error: curve
                    .counts()
                    .iter()
                    .map(|&n| per_second(n.max(1.0).sqrt()))
                    .collect(),
                exposed_fraction: Vec::new(),
                reference: *found.events.reference(),
                gti: found.events.gti().clone(),
            };
            write_fits_light_curve(path, &curve, files.if_exists)?;
        }
        Ok(())
    }

    fn written(&self) -> Vec<String> {
        let all = [Some(&self.out), self.light_curve.as_ref()];
        let names = all.into_iter().flatten();
        names.map(|path| path.display().to_string()).collect()
    }
}
