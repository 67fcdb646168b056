//! `astro timing lightcurve`: rates in time bins, of all events or of energy bands.

use std::fmt::Write as _;

use anyhow::Result;
use astro_io::gti_table;
use astro_timing::{Compat, EnergyBand, Estimate, EventSelection, LightCurve};
use clap::Args;
use serde_json::{Value, json};

use super::outputs::Outputs;
use super::series::Series;
use super::source::Events;
use crate::args::timing::{BackgroundOption, EventInput, TableOutput};
use crate::args::{HELP, Interval, NumberOrFile, Ordered, Real, RunOptions, Whole};
use crate::output::{Console, Usage};
use crate::plot::figures::{BinnedCurve, SpectrumPanel, spectrum};
use crate::plot::{Axis, Figure};
use crate::text;

/// Makes light curves: counts per second in time bins, of one or several energy bands.
///
/// Only bins that lie in good time whole are kept, unless --all-bins is given. Light curves in FITS are read
/// too, to be rebinned, cut, drawn or written in another format.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro timing lightcurve source.evt --dt 1 --out curve.fits --plot curve.svg
  astro timing lightcurve source.evt --dt 4 --bands 0.5:3 --bands 3:10 --out colors.ecsv
  astro timing lightcurve curve.fits --rebin 8 --out slow.npz")]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: EventInput,
    /// Width of the bins, seconds [default: 1, or the resolution of the times if that is longer; of a light curve its own]
    #[arg(long, value_name = "S", value_parser = Real::Positive, help_heading = "Light curve")]
    dt: Option<f64>,
    /// Also the rate of this energy band, keV; may be repeated. Neighbours give colours: each band over the one before
    #[arg(long, value_name = "LOW:HIGH", value_parser = Ordered(Real::NonNegative), help_heading = "Light curve")]
    bands: Vec<Interval>,
    /// Merge this many neighbouring bins
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(1), default_value = "1", help_heading = "Light curve")]
    rebin: usize,
    /// Keep bins that are not in good time whole; their rates are too low
    #[arg(long, help_heading = "Light curve", conflicts_with = "rebin")]
    all_bins: bool,
    #[command(flatten)]
    background: BackgroundOption,
    #[command(flatten)]
    output: TableOutput,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// The curve of all events and those of bands.
#[derive(Debug)]
struct Curves {
    all: LightCurve,
    bands: Vec<LightCurve>,
    /// Each band over the one before.
    colors: Vec<Vec<Estimate>>,
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let outputs = Outputs::new(&self.output)?;
        let series = self.input.open_series(console)?;
        let curves = match &series {
            Series::Events(events) => self.of_events(events, console)?,
            Series::Curve(curve) => self.of_curve(curve)?,
        };
        if curves.all.is_empty() {
            anyhow::bail!(
                "no bin of {} s lies in good time whole; make bins shorter",
                curves.all.bin_s()
            );
        }
        let gti = gti_table(curves.all.gti(), curves.all.reference());
        outputs.tables(&[series.label(self.table(&curves)), gti])?;
        outputs.figure(|| Ok(self.figure(&curves)))?;
        let text = self.text(&curves) + &outputs.in_words();
        console.result(&text, &outputs.in_value(value(&curves)));
        Ok(())
    }

    fn of_curve(&self, curve: &LightCurve) -> Result<Curves> {
        if !self.bands.is_empty() || self.background.background.is_some() {
            let text = "--bands and --background need events, not a light curve";
            return Err(Usage(text.to_owned()).into());
        }
        let all = match self.dt {
            Some(dt) if dt > curve.bin_s() => curve.rebinned_to(dt, Compat::Correct)?,
            Some(dt) if dt < curve.bin_s() => {
                let text = format!(
                    "--dt {dt} is shorter than the bins of the light curve, {} s",
                    curve.bin_s()
                );
                return Err(Usage(text).into());
            }
            _ => curve.clone(),
        };
        Ok(Curves {
            all: self.finished(all)?,
            bands: Vec::new(),
            colors: Vec::new(),
        })
    }

    fn of_events(&self, events: &Events, console: &Console) -> Result<Curves> {
        let bin_s = self.dt.unwrap_or(f64::max(1.0, events.time_resolution_s()));
        let background = self.open_background(events, console)?;
        let watched = events.watched(1 + self.bands.len() as u64, console);
        let source = events.of(&watched);
        let all = LightCurve::from_events(&source, bin_s)?;
        let all = match &background {
            Some(background) => {
                let other = LightCurve::from_events(&background.source(), bin_s)?;
                all.subtracted(&other.scaled(self.background.backscale)?)?
            }
            None => self.less_rate(all)?,
        };
        let mut bands = Vec::new();
        for range in &self.bands {
            let band = || {
                EventSelection::energies(EnergyBand {
                    low_kev: range.low,
                    high_kev: range.high,
                })
            };
            let curve = LightCurve::from_events(&band().of(&source), bin_s)?;
            bands.push(match &background {
                Some(background) => {
                    let other = LightCurve::from_events(&band().of(&background.source()), bin_s)?;
                    curve.subtracted(&other.scaled(self.background.backscale)?)?
                }
                None => curve,
            });
        }
        let finish = |curve| self.finished(curve);
        let bands: Vec<LightCurve> = bands.into_iter().map(finish).collect::<Result<_>>()?;
        let colors = bands
            .windows(2)
            .map(|pair| Ok(pair[1].ratio(&pair[0])?))
            .collect::<Result<_>>()?;
        Ok(Curves {
            all: self.finished(all)?,
            bands,
            colors,
        })
    }

    /// The events of a background file in the good time of the source.
    fn open_background(&self, events: &Events, console: &Console) -> Result<Option<Events>> {
        match &self.background.background {
            Some(NumberOrFile::File(path)) => {
                let paths = std::slice::from_ref(path);
                let opened = Events::open(paths, &self.input.selection, &self.input.file, console)?;
                // Refuses other reference epochs, in which the bins would be others.
                let offset = opened.reference().offset_to(events.reference())?;
                anyhow::ensure!(
                    offset.apply(0.0) == 0.0,
                    "the background counts its times from another epoch than the source"
                );
                Ok(Some(opened.with_gti(events.gti().clone())))
            }
            Some(NumberOrFile::Number(_)) if !self.bands.is_empty() => {
                let text =
                    "a background rate cannot be shared out over --bands; give a background file";
                Err(Usage(text.to_owned()).into())
            }
            _ => Ok(None),
        }
    }

    /// Without a constant rate.
    fn less_rate(&self, curve: LightCurve) -> Result<LightCurve> {
        let Some(NumberOrFile::Number(rate)) = self.background.background else {
            return Ok(curve);
        };
        let counts = rate * self.background.backscale * curve.bin_s();
        let constant = LightCurve::new(
            curve.times().to_vec(),
            vec![counts; curve.len()],
            curve.bin_s(),
        )?;
        let constant = constant
            .with_errors(vec![0.0; curve.len()])?
            .with_gti(curve.gti().clone())
            .with_reference(*curve.reference());
        Ok(curve.subtracted(&constant)?)
    }

    fn finished(&self, curve: LightCurve) -> Result<LightCurve> {
        match (self.all_bins, self.rebin) {
            (true, _) => Ok(curve),
            (false, 1) => Ok(curve.apply_gti()?),
            (false, factor) => Ok(curve.rebinned(factor)?),
        }
    }

    fn table<'t>(&self, curves: &'t Curves) -> astro_io::Table<'t> {
        let mut table = curves.all.to_table();
        for (index, curve) in curves.bands.iter().enumerate() {
            let number = index + 1;
            let bin_s = curve.bin_s();
            let errors = curve.errors(Compat::Correct);
            table = table
                .column(&format!("RATE_{number}"), "count/s", curve.rates())
                .column(
                    &format!("ERROR_{number}"),
                    "count/s",
                    errors
                        .iter()
                        .map(|error| error / bin_s)
                        .collect::<Vec<f64>>(),
                )
                .keyword(
                    &format!("E_MIN{number}"),
                    self.bands[index].low,
                    "[keV] band",
                )
                .keyword(
                    &format!("E_MAX{number}"),
                    self.bands[index].high,
                    "[keV] band",
                );
        }
        for (index, color) in curves.colors.iter().enumerate() {
            let name = format!("COLOR_{}{}", index + 2, index + 1);
            let pick = |of: fn(&Estimate) -> f64| color.iter().map(of).collect::<Vec<f64>>();
            table = table.column(&name, "", pick(|one| one.value)).column(
                &format!("{name}_ERR"),
                "",
                pick(|one| one.error),
            );
        }
        table
    }

    fn figure(&self, curves: &Curves) -> Figure {
        let start = curves.all.times().first().copied().unwrap_or(0.0).floor();
        let x: Vec<f64> = curves.all.times().iter().map(|time| time - start).collect();
        let width = vec![curves.all.bin_s(); x.len()];
        let rate = |curve: &LightCurve, label: String| BinnedCurve {
            label,
            x: x.clone(),
            width: width.clone(),
            y: curve.rates(),
            error: curve
                .errors(Compat::Correct)
                .iter()
                .map(|error| error / curve.bin_s())
                .collect(),
        };
        let name = |band: &Interval| format!("{} to {} keV", band.low, band.high);
        let bands = curves.bands.iter().zip(&self.bands);
        let rates = match curves.bands.is_empty() {
            true => vec![rate(&curves.all, String::new())],
            false => bands.map(|(curve, band)| rate(curve, name(band))).collect(),
        };
        let mut panels = vec![SpectrumPanel {
            y: Axis::linear("Rate [count s^{−1}]"),
            curves: rates,
            level: None,
        }];
        for (index, color) in curves.colors.iter().enumerate() {
            panels.push(SpectrumPanel {
                y: Axis::linear(&format!("Colour {}/{}", index + 2, index + 1)),
                curves: vec![BinnedCurve {
                    label: String::new(),
                    x: x.clone(),
                    width: width.clone(),
                    y: color.iter().map(|one| one.value).collect(),
                    error: color.iter().map(|one| one.error).collect(),
                }],
                level: None,
            });
        }
        let axis = Axis::linear(&format!("Time − {start} [s]"));
        spectrum("Light curve", &axis, &panels)
    }

    fn text(&self, curves: &Curves) -> String {
        let mut text = format!(
            "{} bins of {} s, {:.3} s of good time\nrate {} counts/s",
            curves.all.len(),
            curves.all.bin_s(),
            curves.all.gti().exposure_s(),
            mean_in_words(&curves.all)
        );
        for (curve, band) in curves.bands.iter().zip(&self.bands) {
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                "\n{} to {} keV: {} counts/s",
                band.low,
                band.high,
                mean_in_words(curve)
            );
        }
        text
    }
}

/// Mean rate and its error.
fn mean(curve: &LightCurve) -> (f64, f64) {
    let time = curve.len() as f64 * curve.bin_s();
    let squares: f64 = curve.errors(Compat::Correct).iter().map(|e| e * e).sum();
    (curve.total() / time, squares.sqrt() / time)
}

fn mean_in_words(curve: &LightCurve) -> String {
    let (rate, error) = mean(curve);
    text::measurement(rate, error)
}

fn value(curves: &Curves) -> Value {
    let of = |curve: &LightCurve| {
        let (rate, error) = mean(curve);
        let excess = curve.excess_variance(Compat::Correct).ok();
        json!({
            "rate_per_s": rate,
            "error_per_s": error,
            "excess_variance": excess.map(|one| [one.normalized.value, one.normalized.error]),
        })
    };
    json!({
        "bins": curves.all.len(),
        "bin_s": curves.all.bin_s(),
        "exposure_s": curves.all.gti().exposure_s(),
        "all": of(&curves.all),
        "bands": curves.bands.iter().map(of).collect::<Vec<_>>(),
    })
}
