//! Event files or light curves, whichever a command is given.

use anyhow::{Context as _, Result};
use astro_io::{Error as IoError, Table, read_fits_light_curve};
use astro_timing::LightCurve;

use super::source::{Events, given_gti};
use crate::args::timing::EventInput;
use crate::output::{Console, Usage};

/// What the files are.
#[derive(Debug)]
pub(crate) enum Series {
    Events(Box<Events>),
    Curve(Box<LightCurve>),
}

impl EventInput {
    /// Opens event files, or light curves in FITS one after the other.
    pub(crate) fn open_series(&self, console: &Console) -> Result<Series> {
        let error = match self.open(console) {
            Ok(events) => return Ok(Series::Events(Box::new(events))),
            Err(error) => error,
        };
        let no_events = match error.downcast_ref::<IoError>() {
            Some(IoError::Reading { source, .. }) => matches!(**source, IoError::NoEvents { .. }),
            _ => false,
        };
        if !no_events || self.file.hdu.is_some() {
            return Err(error);
        }
        self.read_curves()
            .map(|curve| Series::Curve(Box::new(curve)))
    }

    fn read_curves(&self) -> Result<LightCurve> {
        let selection = &self.selection;
        if selection.energy.is_some()
            || selection.channels.is_some()
            || !selection.detector.is_empty()
        {
            let text = "a light curve has no energies, channels or detectors to select by; give event files";
            return Err(Usage(text.to_owned()).into());
        }
        let mut joined: Option<LightCurve> = None;
        for path in &self.inputs {
            let curve = read_fits_light_curve(path)?;
            let curve = LightCurve::from_fits(&curve)
                .with_context(|| format!("while reading {}", path.display()))?;
            joined = Some(match joined {
                Some(before) => before.joined(&curve)?,
                None => curve,
            });
        }
        let curve = joined.context("no file is given")?;
        if selection.gti.is_empty() {
            return Ok(curve);
        }
        let wanted = given_gti(&selection.gti, curve.reference())?;
        let gti = curve.gti().intersection(&wanted);
        Ok(curve.with_gti(gti))
    }
}

impl Series {
    /// Keywords that say what a table is of.
    pub(crate) fn label<'t>(&self, table: Table<'t>) -> Table<'t> {
        match self {
            Self::Events(events) => events.label(table),
            Self::Curve(curve) => {
                table.keyword("EXPOSURE", curve.gti().exposure_s(), "[s] good time")
            }
        }
    }
}
