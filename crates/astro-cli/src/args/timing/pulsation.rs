//! The spin of a pulsar on the command line.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use astro_core::{GoodTimeIntervals, Mjd, TimeReference};
use astro_timing::pulsation::{Ephemeris, ParFile, TimingSolution};
use clap::Args;

use crate::args::range::Real;
use crate::output::{Console, Usage};

/// Frequency, derivatives and epoch, or a `.par` file.
#[derive(Clone, Debug, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Pulsation", allow_negative_numbers = true)]
pub(crate) struct SpinOptions {
    /// Frequency at the epoch
    #[arg(long, value_name = "HZ", value_parser = Real::Positive, conflicts_with_all = ["period", "par"])]
    pub(crate) frequency: Option<f64>,
    /// Period at the epoch, instead of the frequency
    #[arg(long, value_name = "S", value_parser = Real::Positive, conflicts_with = "par")]
    pub(crate) period: Option<f64>,
    /// First derivative of the frequency, Hz/s
    #[arg(long, value_name = "HZ/S", value_parser = Real::Finite, conflicts_with = "par", default_value = "0")]
    pub(crate) fdot: f64,
    /// Second derivative of the frequency, Hz/s²
    #[arg(long, value_name = "HZ/S2", value_parser = Real::Finite, conflicts_with = "par", default_value = "0")]
    pub(crate) fddot: f64,
    /// Epoch of frequency and phase 0, seconds of the file [default: the middle of the good time]
    #[arg(long, value_name = "S", value_parser = Real::Finite, conflicts_with_all = ["pepoch", "par"])]
    pub(crate) epoch: Option<f64>,
    /// The same epoch as a modified Julian day, in the time scale of the file
    #[arg(long, value_name = "MJD", value_parser = Real::Finite, conflicts_with = "par")]
    pub(crate) pepoch: Option<f64>,
    /// Ephemeris of spin and binary orbit (TEMPO, TEMPO2, PINT)
    #[arg(long, value_name = "FILE")]
    pub(crate) par: Option<PathBuf>,
}

impl SpinOptions {
    /// Whether any spin is given.
    pub(crate) fn is_given(&self) -> bool {
        self.frequency.is_some() || self.period.is_some() || self.par.is_some()
    }

    /// What gives phases, in the reference of the events.
    pub(crate) fn ephemeris(
        &self,
        gti: &GoodTimeIntervals,
        reference: &TimeReference,
        console: &Console,
    ) -> Result<Ephemeris> {
        if let Some(path) = &self.par {
            return read_par(path, reference, console);
        }
        let frequency = self.frequency.or(self.period.map(f64::recip));
        let Some(frequency) = frequency else {
            return Err(
                Usage("no spin is given; give --frequency, --period or --par".to_owned()).into(),
            );
        };
        let spin = TimingSolution::new(self.epoch_s(gti, reference), frequency);
        Ok(spin.with_derivatives(self.fdot, self.fddot).into())
    }

    /// The epoch in seconds of the file.
    pub(crate) fn epoch_s(&self, gti: &GoodTimeIntervals, reference: &TimeReference) -> f64 {
        let middle = || {
            gti.span()
                .map_or(0.0, |span| 0.5 * (span.start + span.stop))
        };
        let pepoch = self
            .pepoch
            .map(|days| reference.seconds_of(Mjd::from_days(days)));
        self.epoch.or(pepoch).unwrap_or_else(middle)
    }
}

/// Reads a `.par` file, and says what of it is not used.
pub(crate) fn read_par(
    path: &std::path::Path,
    reference: &TimeReference,
    console: &Console,
) -> Result<Ephemeris> {
    let what = || format!("while reading {}", path.display());
    let text = std::fs::read_to_string(path).with_context(what)?;
    let par = ParFile::parse(&text, reference).with_context(what)?;
    if !par.unused.is_empty() {
        console.detail(format!(
            "{}: not used: {}",
            path.display(),
            par.unused.join(", ")
        ));
    }
    Ok(par.ephemeris)
}
