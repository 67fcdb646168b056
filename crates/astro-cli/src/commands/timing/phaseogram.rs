//! `astro timing phaseogram`: pulse phase against time or energy.

use anyhow::Result;
use astro_io::Table;
use astro_timing::pulsation::{Ephemeris, OffsetGrid, Phaseogram, PulseProfile};
use astro_timing::statistics::z_squared_probability;
use astro_timing::{EnergyBand, EventSelection};
use clap::{Args, ValueEnum};
use ndarray::Array2;
use serde_json::{Value, json};

use super::outputs::Outputs;
use super::significance;
use super::source::Events;
use crate::args::timing::{EventInput, SpinOptions, TableOutput};
use crate::args::{HELP, Real, RunOptions, Whole};
use crate::output::{Console, Usage};
use crate::plot::figures::{PhasePicture, phase_picture};
use crate::plot::{Axis, Figure};

/// Folds consecutive intervals of time, or energy bands, into a picture of pulse phase.
///
/// A pulse that drifts shows what the frequency lacks: the drift with the highest Z² of one harmonic around
/// the solution is found without folding again, and drawn.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro timing phaseogram pulsar.evt --period 0.7 --plot phaseogram.png
  astro timing phaseogram pulsar.evt --frequency 1.4281 --drift-fdot 1e-6 --plot drift.svg
  astro timing phaseogram pulsar.evt --period 0.7 --against energy --edges 2,4,6,10 \\
    --plot energies.png")]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: EventInput,
    #[command(flatten)]
    spin: SpinOptions,
    /// Bins of the profiles
    #[arg(long, value_name = "N", value_parser = Whole::Within(4, 65536), default_value = "32", help_heading = "Pulsation")]
    bins: usize,
    /// What phase is shown against
    #[arg(
        long,
        value_enum,
        value_name = "AXIS",
        default_value = "time",
        help_heading = "Pulsation"
    )]
    against: Against,
    /// Intervals of time
    #[arg(long, value_name = "N", value_parser = Whole::Within(1, 65536), default_value = "32", help_heading = "Pulsation")]
    intervals: usize,
    /// Edges of the energy bands, keV, ascending
    #[arg(long, value_name = "KEV", value_parser = Real::NonNegative, value_delimiter = ',', required_if_eq("against", "energy"), help_heading = "Pulsation")]
    edges: Vec<f64>,
    /// Also draw the drift of a pulse whose frequency differs by this from the one folded at
    #[arg(long, value_name = "HZ", value_parser = Real::Finite, allow_negative_numbers = true, help_heading = "Pulsation")]
    drift_frequency: Option<f64>,
    /// The same for its derivative, Hz/s
    #[arg(long, value_name = "HZ/S", value_parser = Real::Finite, allow_negative_numbers = true, help_heading = "Pulsation")]
    drift_fdot: Option<f64>,
    #[command(flatten)]
    output: TableOutput,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// The axis beside phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Against {
    /// Time
    #[default]
    Time,
    /// Energy
    Energy,
}

/// Trial offsets of frequency and derivative; odd, so that the solution itself is one.
const TRIALS: usize = 41;

/// The drift that makes the pulse strongest.
#[derive(Clone, Copy, Debug)]
struct Drift {
    frequency_hz: f64,
    frequency_dot: f64,
    z_squared: f64,
    z_squared_without: f64,
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let outputs = Outputs::new(&self.output)?;
        let events = self.input.open(console)?;
        events.warn_unless_barycentred(console);
        let ephemeris = self
            .spin
            .ephemeris(events.gti(), events.reference(), console)?;
        match self.against {
            Against::Time => self.against_time(&events, &ephemeris, &outputs, console),
            Against::Energy => self.against_energy(&events, &ephemeris, &outputs, console),
        }
    }

    fn against_time(
        &self,
        events: &Events,
        ephemeris: &Ephemeris,
        outputs: &Outputs,
        console: &Console,
    ) -> Result<()> {
        let watched = events.watched(1, console);
        let source = events.of(&watched);
        let found = Phaseogram::fold_source(&source, ephemeris, self.bins, self.intervals)?;
        drop(watched);
        let drift = best_drift(&found)?;
        outputs.tables(&[events.label(table_of_times(&found))])?;
        outputs.figure(|| Ok(self.figure_of_times(&found, drift)))?;
        let mut text = format!(
            "{} events in {} intervals of {:.3} s and {} phases",
            found.counts.sum(),
            self.intervals,
            found.time_edges_s[1] - found.time_edges_s[0],
            self.bins
        );
        let mut value = json!({
            "events": found.counts.sum(),
            "intervals": self.intervals,
            "bins": self.bins,
            "spin": ephemeris.spin,
            "time_edges_s": found.time_edges_s,
        });
        if let Some(drift) = drift {
            let probability = z_squared_probability(drift.z_squared, 1, 1.0)?
                .in_trials((TRIALS * TRIALS) as f64)?;
            text += &format!(
                "\nZ² {:.2} as folded, {:.2} at a frequency {:+.3e} Hz and a derivative {:+.3e} Hz/s from it: {}",
                drift.z_squared_without,
                drift.z_squared,
                drift.frequency_hz,
                drift.frequency_dot,
                significance::in_words(probability)
            );
            value["drift"] = json!({
                "frequency_hz": drift.frequency_hz,
                "frequency_dot": drift.frequency_dot,
                "z_squared": drift.z_squared,
                "z_squared_without": drift.z_squared_without,
                "probability": probability.value(),
            });
        }
        console.result(&(text + &outputs.in_words()), &outputs.in_value(value));
        Ok(())
    }

    fn figure_of_times(&self, found: &Phaseogram, drift: Option<Drift>) -> Figure {
        let rate = &found.counts / &found.exposure_s;
        let edges = &found.time_edges_s;
        let (first, last) = (edges[0], edges[edges.len() - 1]);
        let epoch = found.solution.epoch_s;
        let curve = |frequency: f64, dot: f64, start: f64| -> Vec<(f64, f64)> {
            (0..=400)
                .map(|k| first + (last - first) * f64::from(k) / 400.0)
                .map(|t| (start - phase_drift(t - epoch, frequency, dot), t - first))
                .collect()
        };
        let mut drifts = Vec::new();
        if let Some(drift) = drift {
            let peak = peak_phase(found, drift);
            let label = format!(
                "Δf = {:+.1e} Hz, Δḟ = {:+.1e} Hz/s",
                drift.frequency_hz, drift.frequency_dot
            );
            drifts.push((label, curve(drift.frequency_hz, drift.frequency_dot, peak)));
        }
        if self.drift_frequency.is_some() || self.drift_fdot.is_some() {
            let frequency = self.drift_frequency.unwrap_or(0.0);
            let dot = self.drift_fdot.unwrap_or(0.0);
            let label = format!("given: {frequency:+.1e} Hz, {dot:+.1e} Hz/s");
            drifts.push((label, curve(frequency, dot, 0.5)));
        }
        phase_picture(&PhasePicture {
            title: format!("Phaseogram at {} Hz", found.solution.frequency_hz),
            values: rate.view(),
            quantity: "Rate [count/s]".to_owned(),
            rows: Axis::linear("Time since the beginning [s]"),
            ends: (0.0, last - first),
            drifts,
        })
    }

    fn against_energy(
        &self,
        events: &Events,
        ephemeris: &Ephemeris,
        outputs: &Outputs,
        console: &Console,
    ) -> Result<()> {
        if self.edges.len() < 2 {
            return Err(Usage("--edges needs at least two energies".to_owned()).into());
        }
        let bands =
            EnergyBand::between(&self.edges).map_err(|error| Usage(format!("--edges: {error}")))?;
        let watched = events.watched(bands.len() as u64, console);
        let source = events.of(&watched);
        let mut profiles = Vec::new();
        for &band in &bands {
            let inside = EventSelection::energies(band).of(&source);
            profiles.push(PulseProfile::fold_source(&inside, ephemeris, self.bins)?);
        }
        drop(watched);
        outputs.tables(&[events.label(table_of_energies(&bands, &profiles))])?;
        outputs.figure(|| Ok(self.figure_of_energies(&profiles)))?;
        let mut text = format!("{} energy bands and {} phases", bands.len(), self.bins);
        let mut rows: Vec<Value> = Vec::new();
        for (band, profile) in bands.iter().zip(&profiles) {
            // A band without events has no pulse.
            let found = profile.harmonic_amplitude(1);
            let (amplitude, error) = found.unwrap_or((f64::NAN, f64::NAN));
            text += &format!(
                "\n{} to {} keV: {} events, amplitude of the fundamental {}",
                band.low_kev,
                band.high_kev,
                profile.events(),
                crate::text::measurement(amplitude, error)
            );
            rows.push(json!({
                "low_kev": band.low_kev,
                "high_kev": band.high_kev,
                "events": profile.events(),
                "amplitude": amplitude,
                "error": error,
                "counts": profile.counts,
            }));
        }
        let value = json!({"spin": ephemeris.spin, "bins": self.bins, "bands": rows});
        console.result(&(text + &outputs.in_words()), &outputs.in_value(value));
        Ok(())
    }

    fn figure_of_energies(&self, profiles: &[PulseProfile]) -> Figure {
        /// Rows of the picture, so that bands are as high as they are wide.
        const ROWS: usize = 240;
        let (first, last) = (self.edges[0], self.edges[self.edges.len() - 1]);
        // Rates of bands differ by their widths: each is shown relative to its mean.
        let relative: Vec<Vec<f64>> = profiles
            .iter()
            .map(|profile| {
                let pairs = profile.counts.iter().zip(profile.expected());
                pairs.map(|(n, e)| n / e).collect()
            })
            .collect();
        let band = |row: usize| {
            let energy = first + (last - first) * (row as f64 + 0.5) / ROWS as f64;
            self.edges
                .partition_point(|&edge| edge <= energy)
                .clamp(1, profiles.len())
                - 1
        };
        let values =
            Array2::from_shape_fn((ROWS, self.bins), |(row, bin)| relative[band(row)][bin]);
        phase_picture(&PhasePicture {
            title: "Pulse phase against energy".to_owned(),
            values: values.view(),
            quantity: "Rate relative to the mean of the band".to_owned(),
            rows: Axis::linear("Energy [keV]"),
            ends: (first, last),
            drifts: Vec::new(),
        })
    }
}

/// Turns that a pulse gains on the solution.
fn phase_drift(elapsed_s: f64, frequency_hz: f64, frequency_dot: f64) -> f64 {
    elapsed_s * (frequency_hz + 0.5 * elapsed_s * frequency_dot)
}

/// The offsets, as far as intervals resolve them, of the highest Z² of one harmonic; none for one interval.
fn best_drift(found: &Phaseogram) -> Result<Option<Drift>> {
    let edges = &found.time_edges_s;
    let intervals = edges.len() - 1;
    if intervals < 3 || found.counts.sum() <= 0.0 {
        return Ok(None);
    }
    let epoch = found.solution.epoch_s;
    let farthest = (edges[0] - epoch)
        .abs()
        .max((edges[intervals] - epoch).abs());
    // A quarter of a turn an interval, shared by the two; and no finer than the span can tell.
    let reach = 0.12 / (edges[1] - edges[0]);
    let grid = OffsetGrid {
        frequency_hz: reach.min(20.0 / (edges[intervals] - edges[0])),
        frequencies: TRIALS,
        frequency_dot: reach.min(20.0 / (edges[intervals] - edges[0])) / farthest,
        frequency_dots: TRIALS,
    };
    let found = found.shear_z_squared(&grid, 1)?;
    let mut best = ((0, 0), f64::NEG_INFINITY);
    for (place, &z) in found.indexed_iter() {
        if z > best.1 {
            best = (place, z);
        }
    }
    let ((dot, frequency), z_squared) = best;
    Ok(Some(Drift {
        frequency_hz: grid.frequency(frequency),
        frequency_dot: grid.dot(dot),
        z_squared,
        z_squared_without: found[[TRIALS / 2, TRIALS / 2]],
    }))
}

/// The phase of the fundamental's maximum at the epoch, along a drift.
fn peak_phase(found: &Phaseogram, drift: Drift) -> f64 {
    let bins = found.counts.ncols() as f64;
    let (mut sine, mut cosine) = (0.0, 0.0);
    for (row, time) in found.times_s().iter().enumerate() {
        let moved = phase_drift(
            time - found.solution.epoch_s,
            drift.frequency_hz,
            drift.frequency_dot,
        );
        for (bin, count) in found.counts.row(row).iter().enumerate() {
            let angle = std::f64::consts::TAU * ((bin as f64 + 0.5) / bins + moved);
            sine += count * angle.sin();
            cosine += count * angle.cos();
        }
    }
    (sine.atan2(cosine) / std::f64::consts::TAU).rem_euclid(1.0)
}

/// One row an interval and phase.
fn table_of_times(found: &Phaseogram) -> Table<'static> {
    let (intervals, bins) = found.counts.dim();
    let times = found.times_s();
    let each = |value: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
        let places = (0..intervals).flat_map(|row| (0..bins).map(move |bin| (row, bin)));
        places.map(|(row, bin)| value(row, bin)).collect()
    };
    Table::new("PHASEOGRAM")
        .column("TIME", "s", each(&|row, _| times[row]))
        .column(
            "PHASE",
            "",
            each(&|_, bin| (bin as f64 + 0.5) / bins as f64),
        )
        .column(
            "COUNTS",
            "count",
            each(&|row, bin| found.counts[[row, bin]]),
        )
        .column(
            "EXPOSURE",
            "s",
            each(&|row, bin| found.exposure_s[[row, bin]]),
        )
        .keyword("NTIMES", intervals as i64, "intervals of time")
        .keyword("NPHASES", bins as i64, "bins of phase")
        .keyword("EPOCH", found.solution.epoch_s, "[s] epoch of phase 0")
        .keyword("F0", found.solution.frequency_hz, "[Hz] frequency")
        .keyword("F1", found.solution.frequency_dot, "[Hz/s] its derivative")
}

/// One row a band and phase.
fn table_of_energies(bands: &[EnergyBand], profiles: &[PulseProfile]) -> Table<'static> {
    let each = |value: &dyn Fn(&EnergyBand, &PulseProfile, usize) -> f64| -> Vec<f64> {
        let pairs = bands.iter().zip(profiles);
        pairs
            .flat_map(|(band, profile)| {
                (0..profile.counts.len()).map(move |bin| value(band, profile, bin))
            })
            .collect()
    };
    Table::new("PHASEOGRAM")
        .column("E_MIN", "keV", each(&|band, _, _| band.low_kev))
        .column("E_MAX", "keV", each(&|band, _, _| band.high_kev))
        .column(
            "PHASE",
            "",
            each(&|_, profile, bin| (bin as f64 + 0.5) / profile.counts.len() as f64),
        )
        .column(
            "COUNTS",
            "count",
            each(&|_, profile, bin| profile.counts[bin]),
        )
        .column(
            "EXPOSURE",
            "s",
            each(&|_, profile, bin| profile.exposure_s[bin]),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use astro_core::GoodTimeIntervals;
    use astro_timing::pulsation::TimingSolution;
    use astro_timing::simulate::{PulseShape, pulsed_events};

    /// The sign of the drift, of the line, and its place: the pulse lies on it.
    #[test]
    fn the_line_follows_the_pulse() {
        let truth = TimingSolution::new(500.0, 2.001).with_derivatives(4e-6, 0.0);
        let pulse = PulseShape::sinusoid(0.8);
        let times = pulsed_events(0.0, 1000.0, 40.0, &pulse, &|t| truth.phase(t), 3).unwrap();
        let gti = GoodTimeIntervals::single(0.0, 1000.0).unwrap();
        let folded = TimingSolution::new(500.0, 2.0);
        let found = Phaseogram::fold(&times, &gti, &folded, 32, 64).unwrap();
        let drift = best_drift(&found).unwrap().unwrap();
        assert!((drift.frequency_hz - 1e-3).abs() < 3e-4, "{drift:?}");
        assert!((drift.frequency_dot - 4e-6).abs() < 2e-6, "{drift:?}");
        assert!(drift.z_squared > 3.0 * drift.z_squared_without);
        let peak = peak_phase(&found, drift);
        for t in [100.0, 500.0, 900.0] {
            // Where the true phase is 0, the folded one is the line's.
            let time = truth.time_of_phase(0.0, t);
            let line = peak - phase_drift(time - 500.0, drift.frequency_hz, drift.frequency_dot);
            let away = folded.phase(time) - line;
            // Half a step of both offsets turns the ends by that much.
            assert!((away - away.round()).abs() < 0.1, "{away}");
        }
    }
}
