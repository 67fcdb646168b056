//! The builder of a [`CubePlan`]: one plan a channel, all made alike.

use astro_core::UvTable;
use astro_fft::FftReal;

use super::{Channel, CubePlan};
use crate::error::check_positive;
use crate::plan::Source;
use crate::{
    Error, ImageGrid, ImageMethod, PrimaryBeam, ProfileMethod, ProfileRadii, Result, UvCoverage,
    VisibilityPlan, VisibilityPlanBuilder, WTerm,
};

/// Collects what a [`CubePlan`] depends on: what a [`VisibilityPlanBuilder`] does, for every channel.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct CubePlanBuilder<'a, T> {
    every: VisibilityPlanBuilder<'a, T>,
    /// A beam and the frequency at which it is given, Hz.
    beam: Option<(PrimaryBeam, f64)>,
}

impl<T: FftReal> CubePlan<T> {
    /// A plan for data: visibilities and χ².
    pub fn builder(table: &UvTable, grid: ImageGrid) -> CubePlanBuilder<'_, T> {
        CubePlanBuilder {
            every: VisibilityPlan::builder(table, grid),
            beam: None,
        }
    }

    /// A plan for uv points without data: visibilities only.
    pub fn builder_for_coverage(coverage: &UvCoverage, grid: ImageGrid) -> CubePlanBuilder<'_, T> {
        CubePlanBuilder {
            every: VisibilityPlan::builder_for_coverage(coverage, grid),
            beam: None,
        }
    }
}

impl<T: FftReal> CubePlanBuilder<'_, T> {
    /// As [`VisibilityPlanBuilder::image_method`].
    pub fn image_method(mut self, method: ImageMethod) -> Self {
        self.every = self.every.image_method(method);
        self
    }

    /// As [`VisibilityPlanBuilder::profile_method`].
    pub fn profile_method(mut self, method: ProfileMethod) -> Self {
        self.every = self.every.profile_method(method);
        self
    }

    /// As [`VisibilityPlanBuilder::radii`].
    pub fn radii(mut self, radii: impl Into<ProfileRadii>) -> Self {
        self.every = self.every.radii(radii);
        self
    }

    /// A primary beam as it is at one frequency, Hz; its size goes with the wavelength of each channel.
    pub fn primary_beam(mut self, beam: PrimaryBeam, at_hz: f64) -> Self {
        self.beam = Some((beam, at_hz));
        self
    }

    /// As [`VisibilityPlanBuilder::w_term`]; `w`, like `u` and `v`, is in wavelengths of each row's frequency.
    pub fn w_term(mut self, w_term: WTerm) -> Self {
        self.every = self.every.w_term(w_term);
        self
    }

    /// Checks everything and prepares the plan of every frequency.
    ///
    /// # Errors
    /// uv points without frequencies, a frequency that is not above zero (that of the beam
    /// included), and as [`VisibilityPlanBuilder::build`].
    pub fn build(self) -> Result<CubePlan<T>> {
        let coverage = match self.every.source() {
            Source::Table(table) => {
                table.check()?;
                &table.into()
            }
            Source::Coverage(coverage) => {
                coverage.check()?;
                coverage
            }
        };
        if coverage.frequency_hz.is_empty() {
            return Err(Error::NoFrequency);
        }
        let nu = &coverage.frequency_hz;
        let mut by_frequency: Vec<usize> = (0..coverage.len()).collect();
        by_frequency.sort_by(|&a, &b| nu[a].total_cmp(&nu[b]));
        check_positive("frequency_hz", nu[by_frequency[0]])?;
        let channels = by_frequency
            .chunk_by(|&a, &b| nu[a] == nu[b])
            .map(|rows| self.channel(nu[rows[0]], rows, coverage))
            .collect::<Result<_>>()?;
        Ok(CubePlan {
            channels,
            rows: coverage.len(),
            grid: *self.every.grid(),
        })
    }

    fn channel(
        &self,
        frequency_hz: f64,
        rows: &[usize],
        coverage: &UvCoverage,
    ) -> Result<Channel<T>> {
        let data = match self.every.source() {
            Source::Table(table) => Some(table.selected(rows)).filter(|part| part.unflagged() > 0),
            Source::Coverage(_) => None,
        };
        let part = coverage.selected(rows);
        let source = match &data {
            Some(data) => Source::Table(data),
            None => Source::Coverage(&part),
        };
        let mut builder = self.every.with_source(source);
        if let Some((beam, at_hz)) = &self.beam {
            check_positive("the frequency of the primary beam", *at_hz)?;
            builder = builder.primary_beam(beam.at_frequency_ratio(frequency_hz / at_hz)?);
        }
        Ok(Channel {
            frequency_hz,
            table_rows: rows.to_vec(),
            plan: builder.build()?,
        })
    }
}
