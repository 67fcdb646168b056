//! Variability against energy as a table.

use astro_io::Table;

use super::cross::estimates;
use crate::{EnergySpectra, Estimate, RmsUnit};

impl EnergySpectra {
    /// All products as a table ENERGY with a row a band: E_MIN, E_MAX, COUNTS, RATE, RMS, LAG,
    /// COVARIANCE, CCOV (complex covariance) and EXCESS (normalised excess variance), each with its
    /// error; rms and covariances in `unit`.
    #[must_use]
    pub fn to_table(&self, unit: RmsUnit) -> Table<'static> {
        let edge =
            |of: fn(&crate::EnergyBand) -> f64| self.bands.iter().map(of).collect::<Vec<f64>>();
        let rms_unit = match unit {
            RmsUnit::Fractional => "",
            RmsUnit::Absolute => "count s-1",
        };
        let table = Table::new("ENERGY")
            .column("E_MIN", "keV", edge(|band| band.low_kev))
            .column("E_MAX", "keV", edge(|band| band.high_kev));
        let table = estimates(table, "COUNTS", "count", &self.counts());
        let table = estimates(table, "RATE", "count s-1", &self.count_rates());
        let table = estimates(table, "RMS", rms_unit, &self.rms(unit));
        let table = estimates(table, "LAG", "s", &self.lags());
        let table = estimates(table, "COVARIANCE", rms_unit, &self.covariance(unit));
        let complex = self.complex_covariance(unit);
        let table = table
            .column(
                "CCOV",
                rms_unit,
                complex.iter().map(|one| one.value).collect::<Vec<_>>(),
            )
            .column(
                "CCOV_ERR_RE",
                rms_unit,
                complex.iter().map(|one| one.re_error).collect::<Vec<_>>(),
            )
            .column(
                "CCOV_ERR_IM",
                rms_unit,
                complex.iter().map(|one| one.im_error).collect::<Vec<_>>(),
            );
        let excess: Vec<Estimate> = self
            .excess_variance()
            .iter()
            .map(|one| one.normalized)
            .collect();
        let range = [self.frequency_hz.first(), self.frequency_hz.last()];
        let [low, high] = range.map(|end| end.copied().unwrap_or(f64::NAN));
        estimates(table, "EXCESS", "", &excess)
            .keyword("F_MIN", low, "[Hz] lowest frequency averaged")
            .keyword("F_MAX", high, "[Hz] highest frequency averaged")
            .keyword(
                "REF_MIN",
                self.reference_band.low_kev,
                "[keV] reference band",
            )
            .keyword(
                "REF_MAX",
                self.reference_band.high_kev,
                "[keV] reference band",
            )
            .keyword("SEGMENTS", self.segments as i64, "segments averaged")
            .keyword("LAGSIGN", "positive: the band lags", "")
    }
}
