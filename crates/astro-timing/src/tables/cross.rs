//! Cross spectra, coherence and lags as tables.

use astro_io::Table;

use super::{averaging_keywords, frequency_columns};
use crate::{BiasCoherence, ChannelOverlap, CrossSpectrum, Estimate};

impl CrossSpectrum {
    /// The spectrum as a table CROSS: FREQUENCY, WIDTH, AVERAGES, the complex CROSS power with ERR_RE and
    /// ERR_IM, the powers SUBJECT and REFERENCE, and the squared coherences RAWCOH and COHERENCE (of the
    /// signals alone) with their errors.
    ///
    /// The real part of CROSS is the cospectrum. Positive phases are those of a subject that lags.
    #[must_use]
    pub fn to_table(&self) -> Table<'_> {
        let unit = self.normalization.unit();
        let errors = self.errors();
        let pick = |of: fn(&crate::CrossErrors) -> f64| errors.iter().map(of).collect::<Vec<f64>>();
        let table = frequency_columns(Table::new("CROSS"), &self.bins)
            .column("CROSS", unit, &self.cross)
            .column("ERR_RE", unit, pick(|errors| errors.re))
            .column("ERR_IM", unit, pick(|errors| errors.im))
            .column("SUBJECT", unit, &self.subject_power)
            .column("REFERENCE", unit, &self.reference_power);
        let table = estimates(table, "RAWCOH", "", &self.raw_coherence());
        let coherence = self.intrinsic_coherence(BiasCoherence::default());
        let table = estimates(table, "COHERENCE", "", &coherence);
        self.keywords(table)
    }

    /// Lags as a table LAGS: FREQUENCY, WIDTH, AVERAGES, PHASE (radians) and TIME (seconds) by which
    /// the subject lags the reference, and the squared COHERENCE of the signals, each with its error.
    #[must_use]
    pub fn to_lag_table(&self) -> Table<'_> {
        let table = frequency_columns(Table::new("LAGS"), &self.bins);
        let table = estimates(table, "PHASE", "rad", &self.phase_lags());
        let table = estimates(table, "TIME", "s", &self.time_lags());
        let coherence = self.intrinsic_coherence(BiasCoherence::default());
        let table = estimates(table, "COHERENCE", "", &coherence);
        self.keywords(table)
            .keyword("LAGSIGN", "positive: the subject lags", "")
    }

    fn keywords<'t>(&self, table: Table<'t>) -> Table<'t> {
        let overlap = self.overlap == ChannelOverlap::SubjectInReference;
        let segments = [self.segments, self.empty_segments];
        let (subject, reference) = (&self.subject, &self.reference);
        averaging_keywords(
            table,
            self.normalization,
            self.averaging,
            segments,
            self.compat,
        )
        .keyword(
            "NOISE_S",
            subject.noise_level(self.normalization),
            "noise of the subject",
        )
        .keyword(
            "NOISE_R",
            reference.noise_level(self.normalization),
            "noise of the reference",
        )
        .keyword("RATE_S", subject.rate(), "[count/s] subject")
        .keyword("RATE_R", reference.rate(), "[count/s] reference")
        .keyword("OVERLAP", overlap, "subject's photons are in the reference")
        .keyword("SEGLEN", subject.segment_s(), "[s] length of a segment")
        .keyword("TIMEDEL", subject.bin_s, "[s] width of a time bin")
    }
}

/// A column NAME and its errors, `NAME_ERR`.
pub(super) fn estimates<'t>(
    table: Table<'t>,
    name: &str,
    unit: &str,
    estimates: &[Estimate],
) -> Table<'t> {
    let values: Vec<f64> = estimates.iter().map(|one| one.value).collect();
    let errors: Vec<f64> = estimates.iter().map(|one| one.error).collect();
    table
        .column(name, unit, values)
        .column(&format!("{name}_ERR"), unit, errors)
}
