//! What the keywords of a header say about its times.

use astro_core::{Mjd, ReferencePosition, SECONDS_PER_DAY, TimeReference, TimeScale};

use crate::Result;
use crate::fits::FitsHeader;

/// A table's header, and the primary one for what the table's does not say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keywords<'a> {
    pub(crate) own: &'a FitsHeader,
    pub(crate) primary: &'a FitsHeader,
}

impl<'a> Keywords<'a> {
    pub(crate) fn text(&self, keyword: &str) -> Option<&'a str> {
        self.own
            .text(keyword)
            .or_else(|| self.primary.text(keyword))
    }

    /// The day that times count from: MJDREFI + MJDREFF, or MJDREF.
    pub(crate) fn epoch(&self) -> Result<Option<Mjd>> {
        for header in [self.own, self.primary] {
            if let Some(day) = header.integer("MJDREFI")? {
                let fraction = header.float("MJDREFF")?.unwrap_or(0.0);
                return Ok(Some(Mjd::new(day, fraction)));
            }
            if let Some(days) = header.float("MJDREF")? {
                return Ok(Some(Mjd::from_days(days)));
            }
        }
        Ok(None)
    }

    /// The reference of the times; an epoch that is not given is MJD 0.
    pub(crate) fn reference(&self) -> Result<TimeReference> {
        let scale = self
            .text("TIMESYS")
            .map_or(TimeScale::Unknown, TimeScale::from_name);
        let place = self.text("TIMEREF").or_else(|| self.text("TREFPOS"));
        let position = place.map_or(ReferencePosition::Unknown, ReferencePosition::from_name);
        let epoch = self.epoch()?.unwrap_or_default();
        Ok(TimeReference::new(epoch, scale, position))
    }

    /// Seconds in the unit of the time keywords (TIMEUNIT).
    pub(crate) fn unit_s(&self) -> Option<f64> {
        match self.text("TIMEUNIT") {
            None => Some(1.0),
            Some(unit) => seconds(unit),
        }
    }

    /// TIMEZERO in whole units and the rest, in the unit of TIMEUNIT; of the table's own header alone.
    pub(crate) fn time_zero(&self) -> Result<Option<(i64, f64)>> {
        if let Some(whole) = self.own.integer("TIMEZERI")? {
            let rest = self.own.float("TIMEZERF")?.unwrap_or(0.0);
            return Ok(Some((whole, rest)));
        }
        Ok(self.own.float("TIMEZERO")?.map(|zero| (0, zero)))
    }

    /// Seconds to add to a time to bring it from where TIMEPIXR says it lies in its bin to the
    /// middle, and the bin (TIMEDEL, 0 where it is not given).
    pub(crate) fn bin(&self) -> Result<(f64, f64)> {
        let unit = self.unit_s().unwrap_or(1.0);
        let width = self.own.float("TIMEDEL")?.unwrap_or(0.0) * unit;
        let place = self.own.float("TIMEPIXR")?.unwrap_or(0.5);
        Ok(((0.5 - place) * width, width))
    }
}

/// Seconds in a unit of time; `None` for what is none.
pub(crate) fn seconds(unit: &str) -> Option<f64> {
    match unit.trim().to_ascii_lowercase().as_str() {
        "" | "s" | "sec" | "second" | "seconds" => Some(1.0),
        "d" | "day" | "days" => Some(SECONDS_PER_DAY),
        "ms" => Some(1e-3),
        "us" => Some(1e-6),
        "min" => Some(60.0),
        "h" => Some(3600.0),
        _ => None,
    }
}
