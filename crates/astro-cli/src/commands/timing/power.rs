//! `astro timing power`: the averaged power spectrum.

use std::fmt::Write as _;

use anyhow::Result;
use astro_fft::FftReal;
use astro_timing::{Normalization, PowerSpectrum, PowerSpectrumPlan, Rebinning};
use clap::Args;
use serde_json::{Value, json};

use super::device::obstacle;
use super::outputs::Outputs;
use super::series::Series;
use super::source::curve_segment_and_bin_s;
use crate::args::timing::{
    BackgroundOption, CompatOption, EventInput, PrecisionOption, RebinOptions, SegmentOptions,
    TableOutput,
};
use crate::args::{DeviceOptions, HELP, Interval, Ordered, Place, Precision, Real, RunOptions};
use crate::output::Console;
use crate::plot::figures::{BinnedCurve, SpectrumPanel, spectrum};
use crate::plot::{Axis, Figure};
use crate::progress::Bar;
use crate::text;

/// A figure of a spectrum that is not rebinned shows bins that grow by this.
const FIGURE_GROWTH: f64 = 0.05;
/// Significant powers listed in the text.
const POWERS_LISTED: usize = 20;

/// Averages the power spectra of segments of events, of files of any size.
///
/// Powers are those of the average of |transform|² over segments; errors are P/√m of m averages.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro timing power source.evt --segment 64 --out power.fits
  astro timing power source.evt --energy 3:10 --norm leahy --rebin-log 0.02 --plot power.svg
  astro timing power source.evt --segment 64 --rms 0.1:10 --f-times-p --plot power.png")]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: EventInput,
    #[command(flatten)]
    segments: SegmentOptions,
    #[command(flatten)]
    rebin: RebinOptions,
    #[command(flatten)]
    background: BackgroundOption,
    #[command(flatten)]
    precision: PrecisionOption,
    #[command(flatten)]
    compat: CompatOption,
    #[command(flatten)]
    device: DeviceOptions,
    /// One transform of the whole span, gaps included, in place of segments
    #[arg(long, conflicts_with = "segment", help_heading = "Spectrum")]
    whole_span: bool,
    /// Subtract the power of noise from the table and the figure
    #[arg(long, help_heading = "Spectrum")]
    subtract_noise: bool,
    /// Fractional rms between these frequencies, Hz; may be repeated
    #[arg(long, value_name = "LOW:HIGH", value_parser = Ordered(Real::NonNegative), help_heading = "Numbers")]
    rms: Vec<Interval>,
    /// List powers that noise reaches anywhere in the spectrum with less than this probability
    #[arg(long, value_name = "PROBABILITY", value_parser = Real::Within(0.0, 1.0), default_value = "0.01", help_heading = "Numbers")]
    significance: f64,
    /// Largest amplitude of a sinusoid that these frequencies still allow (95 %), Hz
    #[arg(long, value_name = "LOW:HIGH", value_parser = Ordered(Real::NonNegative), help_heading = "Numbers")]
    upper_limit: Option<Interval>,
    /// Plot frequency times power
    #[arg(long, help_heading = "Output")]
    f_times_p: bool,
    #[command(flatten)]
    output: TableOutput,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// Confidence of upper limits.
const CONFIDENCE: f64 = 0.95;

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let outputs = Outputs::new(&self.output)?;
        let series = self.input.open_series(console)?;
        let full = match self.precision.precision {
            Precision::F64 => self.compute::<f64>(&series, console),
            Precision::F32 => self.compute::<f32>(&series, console),
        }?;
        // Of many ranks the first has the result.
        let Some((full, place)) = full else {
            return Ok(());
        };
        warn_of_empty(&full, console);
        let shown = match self.rebin.rebinning() {
            Some(rebinning) => full.rebinned(rebinning)?,
            None => full.clone(),
        };
        let numbers = Numbers::new(self, &full, &shown)?;
        let written = self.less_noise(&shown);
        outputs.tables(&[series.label(written.to_table())])?;
        outputs.figure(|| self.figure(&shown))?;
        let text = format!("{}\n{place}", numbers.text(&full, &shown)) + &outputs.in_words();
        let mut value = numbers.value(&full, &shown, &outputs);
        value["device"] = place.json();
        console.result(&text, &value);
        Ok(())
    }

    fn compute<T: FftReal>(
        &self,
        series: &Series,
        console: &Console,
    ) -> Result<Option<(PowerSpectrum, Place)>> {
        let (segment_s, bin_s) = match series {
            Series::Events(events) => events.segment_and_bin_s(&self.segments, console),
            Series::Curve(curve) => curve_segment_and_bin_s(curve, &self.segments),
        };
        let (selection, file) = (&self.input.selection, &self.input.file);
        let background = self.background.rate(selection, file, console)?;
        let plan = if self.whole_span {
            PowerSpectrumPlan::<T>::whole_span(bin_s)?
        } else {
            PowerSpectrumPlan::<T>::new(segment_s, bin_s)?
        };
        let plan = plan
            .normalization(self.segments.norm.into())
            .averaging(self.segments.averaging())
            .background_rate(background)
            .compat(self.compat.into());
        let ranks = console.ranks();
        let (bins, obstacle) = match series {
            Series::Events(_) => ((segment_s / bin_s).round() as usize, obstacle(ranks)),
            Series::Curve(curve) => (curve.len(), Some("light curves have no GPU version")),
        };
        let (plan, place) = self.device.place::<T, _>(plan, bins, obstacle)?;
        let spectrum = match series {
            Series::Events(events) => {
                plan.execute_on(ranks, &events.source(), &Bar::new(console))?
            }
            Series::Curve(_) if ranks.rank() > 0 => None,
            Series::Curve(curve) => Some(plan.execute_curve(curve)?),
        };
        Ok(spectrum.map(|spectrum| (spectrum, place)))
    }

    fn less_noise(&self, spectrum: &PowerSpectrum) -> PowerSpectrum {
        let mut less = spectrum.clone();
        if self.subtract_noise {
            let noise = spectrum.noise_level();
            less.power.iter_mut().for_each(|power| *power -= noise);
        }
        less
    }

    fn figure(&self, shown: &PowerSpectrum) -> Result<Figure> {
        let rebinned = match self.rebin.rebinning() {
            Some(_) => shown.clone(),
            None => shown.rebinned(Rebinning::Logarithmic(FIGURE_GROWTH))?,
        };
        let drawn = self.less_noise(&rebinned);
        let times = |values: &[f64]| -> Vec<f64> {
            let pairs = values.iter().zip(&drawn.bins.frequency_hz);
            pairs
                .map(|(value, f)| if self.f_times_p { value * f } else { *value })
                .collect()
        };
        let level = (!self.subtract_noise && !self.f_times_p)
            .then(|| (drawn.noise_level(), "noise".to_owned()));
        let panel = SpectrumPanel {
            y: Axis::logarithmic(&power_label(drawn.normalization, self.f_times_p)),
            curves: vec![BinnedCurve {
                label: String::new(),
                x: drawn.bins.frequency_hz.clone(),
                width: drawn.bins.width_hz.clone(),
                y: times(&drawn.power),
                error: times(&drawn.error),
            }],
            level,
        };
        let title = format!("Power spectrum, {} segments", drawn.segments);
        Ok(spectrum(
            &title,
            &Axis::logarithmic("Frequency [Hz]"),
            &[panel],
        ))
    }
}

/// Name and unit of powers.
pub(super) fn power_label(normalization: Normalization, times_frequency: bool) -> String {
    use Normalization as N;
    let (quantity, unit) = match (normalization, times_frequency) {
        (N::Leahy, false) => ("Power (Leahy)", ""),
        (N::Leahy, true) => ("f × power (Leahy)", " [Hz]"),
        (N::FractionalRms, false) => ("Power", " [(rms/mean)^{2} Hz^{−1}]"),
        (N::FractionalRms, true) => ("f × power", " [(rms/mean)^{2}]"),
        (N::AbsoluteRms, false) => ("Power", " [(count/s)^{2} Hz^{−1}]"),
        (N::AbsoluteRms, true) => ("f × power", " [(count/s)^{2}]"),
        (_, false) => ("|X|^{2}", ""),
        (_, true) => ("f |X|^{2}", " [Hz]"),
    };
    format!("{quantity}{unit}")
}

pub(super) fn warn_of_empty(spectrum: &PowerSpectrum, console: &Console) {
    if spectrum.empty_segments > 0 {
        console.warn(format!(
            "{} segments of the good time have no counts; they may be gaps in telemetry that the good time intervals do not know of",
            spectrum.empty_segments
        ));
    }
}

/// What is found in a spectrum.
#[derive(Clone, Debug)]
struct Numbers {
    rms: Vec<(Interval, astro_timing::BandRms)>,
    /// Bin, Nσ and probability with all bins as trials.
    significant: Vec<(usize, f64, f64)>,
    upper_limit: Option<(Interval, f64)>,
}

impl Numbers {
    fn new(arguments: &Arguments, full: &PowerSpectrum, shown: &PowerSpectrum) -> Result<Self> {
        let rms = |&band: &Interval| Ok((band, full.band_rms(band.low, band.high, None)?));
        let trials = shown.bins.len() as f64;
        let mut significant: Vec<(usize, f64, f64)> = shown
            .significant_powers(arguments.significance, trials)?
            .iter()
            .map(|one| {
                let probability = one.probability;
                (one.index, probability.gaussian_sigma(), probability.value())
            })
            .collect();
        significant.sort_by(|a, b| b.1.total_cmp(&a.1));
        let upper_limit = |band: Interval| -> Result<(Interval, f64)> {
            let limit = shown.modulation_upper_limit(band.low, band.high, CONFIDENCE)?;
            Ok((band, limit))
        };
        Ok(Self {
            rms: arguments.rms.iter().map(rms).collect::<Result<_>>()?,
            significant,
            upper_limit: arguments.upper_limit.map(upper_limit).transpose()?,
        })
    }

    fn text(&self, full: &PowerSpectrum, shown: &PowerSpectrum) -> String {
        let light = full.light;
        let frequency = &shown.bins.frequency_hz;
        let mut text = format!(
            "{} segments of {} s in bins of {} s; {:.3} counts/s",
            full.segments,
            light.segment_s(),
            light.bin_s,
            light.rate()
        );
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n{} frequencies, {:.6} to {:.6} Hz; normalisation {}, noise level {:.6}",
            frequency.len(),
            frequency.first().copied().unwrap_or(f64::NAN),
            frequency.last().copied().unwrap_or(f64::NAN),
            full.normalization.name(),
            full.noise_level()
        );
        for (band, rms) in &self.rms {
            let _ = write!(
                text,
                "\nrms {} to {} Hz: {}",
                band.low,
                band.high,
                match rms.error.is_nan() {
                    true => format!(
                        "none above the noise (variance {})",
                        text::measurement(rms.variance, rms.variance_error)
                    ),
                    false => text::measurement(rms.rms, rms.error),
                }
            );
        }
        if let Some((band, limit)) = self.upper_limit {
            let _ = write!(
                text,
                "\nsinusoid from {} to {} Hz: amplitude below {limit:.4} of the mean (95 %)",
                band.low, band.high
            );
        }
        let _ = write!(
            text,
            "\npowers that noise does not explain: {}",
            self.significant.len()
        );
        for &(index, sigma, probability) in self.significant.iter().take(POWERS_LISTED) {
            let _ = write!(
                text,
                "\n  {:.6} Hz: {:.6} ({sigma:.1} σ, p = {probability:.2e})",
                frequency[index], shown.power[index]
            );
        }
        if self.significant.len() > POWERS_LISTED {
            text += "\n  …";
        }
        text
    }

    fn value(&self, full: &PowerSpectrum, shown: &PowerSpectrum, outputs: &Outputs) -> Value {
        let light = full.light;
        let rms: Vec<Value> = self
            .rms
            .iter()
            .map(|(band, rms)| {
                json!({
                    "low_hz": band.low,
                    "high_hz": band.high,
                    "rms": rms.rms,
                    "error": rms.error,
                    "variance": rms.variance,
                    "variance_error": rms.variance_error,
                })
            })
            .collect();
        let significant: Vec<Value> = self
            .significant
            .iter()
            .map(|&(index, sigma, probability)| {
                json!({
                    "frequency_hz": shown.bins.frequency_hz[index],
                    "power": shown.power[index],
                    "sigma": sigma,
                    "probability": probability,
                })
            })
            .collect();
        let value = json!({
            "segments": full.segments,
            "empty_segments": full.empty_segments,
            "segment_s": light.segment_s(),
            "bin_s": light.bin_s,
            "rate_per_s": light.rate(),
            "net_rate_per_s": light.net_rate(),
            "normalization": full.normalization.name(),
            "noise_level": full.noise_level(),
            "frequencies": shown.bins.len(),
            "lowest_hz": shown.bins.frequency_hz.first(),
            "highest_hz": shown.bins.frequency_hz.last(),
            "rms": rms,
            "significant": significant,
            "upper_limit": self.upper_limit.map(|(band, limit)| json!({
                "low_hz": band.low, "high_hz": band.high, "amplitude": limit, "confidence": CONFIDENCE,
            })),
        });
        outputs.in_value(value)
    }
}
