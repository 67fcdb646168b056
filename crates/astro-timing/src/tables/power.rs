//! Power spectra as tables.

use astro_io::Table;

use super::{averaging_keywords, frequency_columns};
use crate::PowerSpectrum;

impl PowerSpectrum {
    /// The spectrum as a table POWER: FREQUENCY, WIDTH, AVERAGES, POWER and ERROR, with the noise
    /// level (NOISE) and what a segment has as keywords.
    ///
    /// ```
    /// use astro_core::GoodTimeIntervals;
    /// use astro_timing::{EventList, PowerSpectrumPlan};
    /// # let folder = std::env::temp_dir();
    /// let times = (0..6400).map(|i| f64::from(i) / 100.0).collect();
    /// let events = EventList::new(times, GoodTimeIntervals::single(0.0, 64.0)?)?;
    /// let spectrum = PowerSpectrumPlan::<f64>::new(16.0, 0.02)?.execute(&events)?;
    /// let path = folder.join(format!("power-{}.ecsv", std::process::id()));
    /// astro_io::write_ecsv(&path, &spectrum.to_table(), astro_io::IfExists::Replace)?;
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_table(&self) -> Table<'_> {
        let unit = self.normalization.unit();
        let table = frequency_columns(Table::new("POWER"), &self.bins)
            .column("POWER", unit, &self.power)
            .column("ERROR", unit, &self.error);
        let segments = [self.segments, self.empty_segments];
        averaging_keywords(
            table,
            self.normalization,
            self.averaging,
            segments,
            self.compat,
        )
        .keyword("NOISE", self.noise_level(), "power of noise alone")
        .keyword("RATE", self.light.rate(), "[count/s] with background")
        .keyword("BKGRATE", background_rate(self), "[count/s] background")
        .keyword("SEGLEN", self.light.segment_s(), "[s] length of a segment")
        .keyword("TIMEDEL", self.light.bin_s, "[s] width of a time bin")
    }
}

fn background_rate(spectrum: &PowerSpectrum) -> f64 {
    spectrum.light.background_counts / spectrum.light.segment_s()
}
