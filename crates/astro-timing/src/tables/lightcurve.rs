//! Light curves as tables.

use astro_io::Table;

use crate::{Compat, LightCurve};

impl LightCurve {
    /// The curve as a table RATE as XRONOS and the missions have it: TIME (middle of each bin), RATE and
    /// ERROR, with the bin width (TIMEDEL) and what times count from.
    #[must_use]
    pub fn to_table(&self) -> Table<'_> {
        let errors = self.errors(Compat::Correct);
        let errors: Vec<f64> = errors.iter().map(|error| error / self.bin_s()).collect();
        Table::new("RATE")
            .column("TIME", "s", self.times())
            .column("RATE", "count/s", self.rates())
            .column("ERROR", "count/s", errors)
            .keyword("HDUCLASS", "OGIP", "")
            .keyword("HDUCLAS1", "LIGHTCURVE", "")
            .keyword("HDUCLAS3", "RATE", "")
            .keyword("TIMEDEL", self.bin_s(), "[s] width of a bin")
            .keyword("TIMEPIXR", 0.5, "times are the middle of bins")
            .time_reference(self.reference())
    }
}
