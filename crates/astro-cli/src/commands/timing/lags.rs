//! `astro timing lags`: phase and time lags against frequency.

use anyhow::Result;
use astro_timing::CrossSpectrum;
use clap::Args;

use super::cross::{coherence_panel, for_figure, rebinned};
use super::outputs::Outputs;
use super::pair::{Pair, PairOptions, band_numbers, bands_in_words, summary, value};
use crate::args::timing::{RebinOptions, TableOutput};
use crate::args::{HELP, RunOptions};
use crate::output::Console;
use crate::plot::figures::{BinnedCurve, SpectrumPanel, spectrum};
use crate::plot::{Axis, Figure};

/// Measures by how much a subject lags a reference, against frequency, with the coherence.
///
/// Positive: the subject lags; with the hard band as subject, a positive lag is a hard lag. Errors are those of
/// Ingram (2019). Time lags are ambiguous by the inverse of the frequency.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro timing lags source.evt --subject 3:10 --reference 0.5:3 --rebin-log 0.2 --plot lags.svg
  astro timing lags hard.evt soft.evt --segment 64 --band 0.5:2 --out lags.ecsv")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pair: PairOptions,
    #[command(flatten)]
    rebin: RebinOptions,
    /// Plot phase lags in place of time lags
    #[arg(long, help_heading = "Output")]
    phase: bool,
    #[command(flatten)]
    output: TableOutput,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let outputs = Outputs::new(&self.output)?;
        let Some((pair, full, place)) = self.pair.compute(console)? else {
            return Ok(());
        };
        let numbers = band_numbers(&self.pair.band, &full)?;
        let shown = rebinned(&full, &self.rebin)?;
        outputs.tables(&[pair.subject.label(shown.to_lag_table())])?;
        outputs.figure(|| Ok(self.figure(&pair, &for_figure(&shown, &self.rebin)?)))?;
        let text = summary(&pair, &full, &place)
            + "\npositive lags: the subject lags"
            + &bands_in_words(&numbers)
            + &outputs.in_words();
        console.result(&text, &outputs.in_value(value(&full, &numbers, &place)));
        Ok(())
    }

    fn figure(&self, pair: &Pair, shown: &CrossSpectrum) -> Figure {
        let (lags, quantity) = if self.phase {
            (shown.phase_lags(), "Phase lag [rad]")
        } else {
            (shown.time_lags(), "Time lag [s]")
        };
        let panel = SpectrumPanel {
            y: Axis::linear(quantity),
            curves: vec![BinnedCurve {
                label: String::new(),
                x: shown.bins.frequency_hz.clone(),
                width: shown.bins.width_hz.clone(),
                y: lags.iter().map(|lag| lag.value).collect(),
                error: lags.iter().map(|lag| lag.error).collect(),
            }],
            level: Some((0.0, String::new())),
        };
        let title = format!("Lags ({}), {} segments", pair.lag_sign(), shown.segments);
        let x = Axis::logarithmic("Frequency [Hz]");
        spectrum(&title, &x, &[panel, coherence_panel(shown)])
    }
}
