//! `astro timing cross`: the averaged cross spectrum and the coherence.

use anyhow::Result;
use astro_timing::{BiasCoherence, CrossSpectrum, Rebinning};
use clap::Args;

use super::outputs::Outputs;
use super::pair::{PairOptions, band_numbers, bands_in_words, summary, value};
use super::power::power_label;
use crate::args::timing::{RebinOptions, TableOutput};
use crate::args::{HELP, RunOptions};
use crate::output::Console;
use crate::plot::figures::{BinnedCurve, SpectrumPanel, spectrum};
use crate::plot::{Axis, Figure};

/// A figure of a spectrum that is not rebinned shows bins that grow by this.
pub(super) const FIGURE_GROWTH: f64 = 0.1;

/// Averages the cross spectra of two files or two energy bands: cospectrum, coherence, powers.
///
/// The table has the complex cross power (its real part is the cospectrum) and the coherence of the signals.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro timing cross source.evt --subject 3:10 --reference 0.5:3 --segment 64 --out cross.fits
  astro timing cross source.evt --subject 3:10 --reference 0.5:3 --rebin-log 0.1 --plot cross.svg
  astro timing cross hard.evt soft.evt --segment 64 --band 0.5:2")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pair: PairOptions,
    #[command(flatten)]
    rebin: RebinOptions,
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
        outputs.tables(&[pair.subject.label(shown.to_table())])?;
        outputs.figure(|| figure(&for_figure(&shown, &self.rebin)?))?;
        let text = summary(&pair, &full, &place) + &bands_in_words(&numbers) + &outputs.in_words();
        console.result(&text, &outputs.in_value(value(&full, &numbers, &place)));
        Ok(())
    }
}

/// As asked for.
pub(super) fn rebinned(full: &CrossSpectrum, rebin: &RebinOptions) -> Result<CrossSpectrum> {
    match rebin.rebinning() {
        Some(rebinning) => Ok(full.rebinned(rebinning)?),
        None => Ok(full.clone()),
    }
}

/// As asked for, or so that a figure is not all scatter.
pub(super) fn for_figure(shown: &CrossSpectrum, rebin: &RebinOptions) -> Result<CrossSpectrum> {
    match rebin.rebinning() {
        Some(_) => Ok(shown.clone()),
        None => Ok(shown.rebinned(Rebinning::Logarithmic(FIGURE_GROWTH))?),
    }
}

fn figure(shown: &CrossSpectrum) -> Result<Figure> {
    let errors = shown.errors();
    let modulus = BinnedCurve {
        label: "|C|".to_owned(),
        x: shown.bins.frequency_hz.clone(),
        width: shown.bins.width_hz.clone(),
        y: shown.cross.iter().map(|c| c.norm()).collect(),
        error: errors.iter().map(|e| e.modulus).collect(),
    };
    let cospectrum = BinnedCurve {
        label: "cospectrum".to_owned(),
        y: shown.cross.iter().map(|c| c.re).collect(),
        error: errors.iter().map(|e| e.re).collect(),
        ..modulus.clone()
    };
    let label = power_label(shown.normalization, false);
    let panels = [
        SpectrumPanel {
            y: Axis::logarithmic(&label.replace("Power", "Cross power")),
            curves: vec![modulus, cospectrum],
            level: None,
        },
        coherence_panel(shown),
    ];
    let title = format!("Cross spectrum, {} segments", shown.segments);
    Ok(spectrum(
        &title,
        &Axis::logarithmic("Frequency [Hz]"),
        &panels,
    ))
}

/// The coherence of the signals.
pub(super) fn coherence_panel(shown: &CrossSpectrum) -> SpectrumPanel {
    let coherence = shown.intrinsic_coherence(BiasCoherence::default());
    SpectrumPanel {
        y: Axis::linear("Coherence γ^{2}").with_range(0.0, 1.25),
        curves: vec![BinnedCurve {
            label: String::new(),
            x: shown.bins.frequency_hz.clone(),
            width: shown.bins.width_hz.clone(),
            y: coherence.iter().map(|one| one.value).collect(),
            error: coherence.iter().map(|one| one.error).collect(),
        }],
        level: Some((1.0, String::new())),
    }
}
