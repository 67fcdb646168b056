//! How the variability of all energies is measured in one pass.

use astro_core::{
    Communicator, EventSource, GoodTimeIntervals, Merge, NoProgress, Pool, Progress, Segments,
    WantedColumns,
};
use astro_fft::FftReal;
use num_complex::Complex;

use super::bands::{BandsInput, SeriesTable};
use super::spectra::EnergySpectra;
use crate::error::{require, require_positive};
use crate::spectrum::engine::{Buffers, Engine, no_counts, weighted};
use crate::spectrum::ranks::{SharedTable, looked_at};
use crate::spectrum::sums::SeriesLight;
use crate::{Compat, EnergyBand, Error, Result, SpectrumSums};

/// Whether the photons of a band are taken out of the reference that it is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubjectInReference {
    /// Taken out: noise is independent, and so are subject and reference (Uttley et al. 2014).
    #[default]
    Removed,
    /// Left in, as Stingray does; the noise that both share is subtracted from the cross power.
    Kept,
}

/// How rms, lags, covariance, counts and excess variance of energy bands are measured, all in one
/// pass over the events.
///
/// Events of a segment are counted into a series for each band and one for the reference; each
/// series is transformed once. Powers and cross powers are averaged over segments and over the
/// frequencies of a range.
///
/// ```
/// use astro_core::GoodTimeIntervals;
/// use astro_timing::{EnergyBand, EnergySpectraPlan, EventList};
///
/// let times: Vec<f64> = (0..9000).map(|i| f64::from(i) / 100.0).collect();
/// let energies = (0..9000).map(|i| [1.0, 3.0, 5.0][i % 3]).collect();
/// let gti = GoodTimeIntervals::single(0.0, 90.0)?;
/// let events = EventList::new(times, gti)?.with_energies(energies)?;
/// let plan = EnergySpectraPlan::<f64>::new(
///     15.0, 0.05, EnergyBand::between(&[0.5, 2.0, 4.0, 6.0])?, [0.1, 2.0],
/// )?;
/// let spectra = plan.execute(&events)?;
/// assert_eq!(spectra.count_rates()[1].value, 3000.0 / 90.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EnergySpectraPlan<T = f64> {
    pub(super) segment_s: f64,
    pub(super) bin_s: f64,
    pub(super) bands: Vec<EnergyBand>,
    pub(super) reference: EnergyBand,
    frequency_hz: [f64; 2],
    subject: SubjectInReference,
    compat: Compat,
    pub(super) buffers: Pool<Buffers<T>>,
}

impl<T: FftReal> EnergySpectraPlan<T> {
    /// Bands in segments of `segment_s` and bins of `bin_s`, seconds, at the frequencies from
    /// `frequency_hz[0]` up to, but not including, `frequency_hz[1]`. The reference reaches from
    /// the lowest to the highest energy of the bands.
    ///
    /// # Errors
    /// [`Error::Parameter`] for times that are not positive, no band, or a range that is none.
    pub fn new(
        segment_s: f64,
        bin_s: f64,
        bands: Vec<EnergyBand>,
        frequency_hz: [f64; 2],
    ) -> Result<Self> {
        require_positive("segment length", segment_s)?;
        require_positive("bin width", bin_s)?;
        require(
            "number of bands",
            bands.len() as f64,
            !bands.is_empty(),
            "at least 1",
        )?;
        let [low, high] = frequency_hz;
        require("lower frequency", low, low < high, "below the upper one")?;
        let lowest = bands
            .iter()
            .map(|b| b.low_kev)
            .fold(f64::INFINITY, f64::min);
        let highest = bands
            .iter()
            .map(|b| b.high_kev)
            .fold(f64::NEG_INFINITY, f64::max);
        Ok(Self {
            segment_s,
            bin_s,
            reference: EnergyBand::new(lowest, highest)?,
            bands,
            frequency_hz,
            subject: SubjectInReference::default(),
            compat: Compat::default(),
            buffers: Pool::new(),
        })
    }

    /// Another reference band.
    #[must_use]
    pub fn reference(mut self, reference: EnergyBand) -> Self {
        self.reference = reference;
        self
    }

    /// Whether the photons of a band stay in its reference; not by default.
    #[must_use]
    pub fn subject_in_reference(mut self, subject: SubjectInReference) -> Self {
        self.subject = subject;
        self
    }

    /// With [`Compat::Stingray`], the subject stays in the reference, segments in which a band has
    /// fewer than two events are left out for it, and each product is as Stingray 2.3.2 computes
    /// it; see the methods of [`EnergySpectra`].
    #[must_use]
    pub fn compat(mut self, compat: Compat) -> Self {
        self.compat = compat;
        self
    }

    /// Measures all bands.
    ///
    /// # Errors
    /// [`Error::Segments`] if no good time interval holds a segment, [`Error::Parameter`] if no
    /// Fourier frequency lies in the range, [`Error::NoCounts`] if the reference has no counts,
    /// and those of the source.
    pub fn execute<S: EventSource>(&self, source: &S) -> Result<EnergySpectra> {
        self.execute_with(source, &NoProgress)
    }

    /// As [`Self::execute`], telling `progress` how many segments are done.
    ///
    /// # Errors
    /// As [`Self::execute`]; [`Error::Stopped`] on request.
    pub fn execute_with<S: EventSource>(
        &self,
        source: &S,
        progress: &dyn Progress,
    ) -> Result<EnergySpectra> {
        let segments = &self.segments(source.gti())?;
        let table = &SeriesTable::new(&self.bands, self.reference);
        let range = self.frequencies(segments)?;
        let input = BandsInput {
            source,
            segments,
            table,
        };
        let engine = Engine::new(segments.bins(), table.series, &self.buffers)?;
        let sums = engine.fold(&input, progress, |sums, spectra, lights| {
            self.add(sums, table, &range, spectra, lights);
        })?;
        self.finish(source, segments, table, range, sums)
    }

    /// As [`Self::execute_with`], shared out among ranks: see
    /// [`crate::PowerSpectrumPlan::execute_on`].
    ///
    /// # Errors
    /// As [`Self::execute_with`]; [`Error::Communication`] where a rank is lost.
    pub fn execute_on<S: EventSource>(
        &self,
        ranks: &dyn Communicator,
        source: &S,
        progress: &dyn Progress,
    ) -> Result<Option<EnergySpectra>> {
        let shared = SharedTable::new(
            ranks,
            || Ok(source.gti().clone()),
            |gti| self.segments(gti),
            |part| looked_at(source, part),
        )?;
        let segments = &shared.segments;
        let table = &SeriesTable::new(&self.bands, self.reference);
        let range = self.frequencies(segments)?;
        let input = BandsInput {
            source,
            segments,
            table,
        };
        let engine = Engine::new(segments.bins(), table.series, &self.buffers)?;
        let sums = shared.fold(&engine, &input, progress, |sums, spectra, lights| {
            self.add(sums, table, &range, spectra, lights);
        })?;
        sums.map(|sums| self.finish(source, segments, table, range, sums))
            .transpose()
    }

    fn segments(&self, gti: &GoodTimeIntervals) -> Result<Segments> {
        Ok(Segments::new(gti, self.segment_s, self.bin_s)?)
    }

    fn finish<S: EventSource>(
        &self,
        source: &S,
        segments: &Segments,
        table: &SeriesTable,
        range: std::ops::Range<usize>,
        sums: BandSums,
    ) -> Result<EnergySpectra> {
        let reference = self.bands.len();
        if sums
            .counts
            .get(reference)
            .is_none_or(|&counts| counts == 0.0)
        {
            return Err(no_counts(segments.len() as u64));
        }
        let outside = self.outside(source, segments, table)?;
        Ok(EnergySpectra {
            bands: self.bands.clone(),
            reference_band: self.reference,
            frequency_hz: range.map(|k| k as f64 / segments.length_s()).collect(),
            bins: segments.bins(),
            bin_s: self.bin_s,
            segments: segments.len() as u64,
            exposure_s: source.gti().exposure_s(),
            kept: self.keeps_subject(),
            shared: table.shared.clone(),
            sums,
            outside,
            compat: self.compat,
        })
    }

    fn keeps_subject(&self) -> bool {
        self.compat.is_stingray() || self.subject == SubjectInReference::Kept
    }

    /// Numbers of the Fourier frequencies in the range.
    pub(super) fn frequencies(&self, segments: &Segments) -> Result<std::ops::Range<usize>> {
        let [low, high] = self.frequency_hz;
        let at = |k: usize| k as f64 / segments.length_s();
        let below = |limit: f64| {
            (1..segments.bins().div_ceil(2))
                .take_while(|&k| at(k) < limit)
                .count()
        };
        let range = 1 + below(low)..1 + below(high);
        let some = range.start < range.end;
        require(
            "lower frequency",
            low,
            some,
            "below the upper one, with a Fourier frequency of the segments between them",
        )?;
        Ok(range)
    }

    /// Adds a segment of all series.
    fn add(
        &self,
        sums: &mut BandSums,
        table: &SeriesTable,
        range: &std::ops::Range<usize>,
        spectra: &[Vec<Complex<T>>],
        lights: &[SeriesLight],
    ) {
        let bands = self.bands.len();
        sums.bands.resize_with(bands, SpectrumSums::default);
        sums.counts.resize(lights.len(), 0.0);
        sums.squares.resize(lights.len(), 0.0);
        for (s, light) in lights.iter().enumerate() {
            sums.counts[s] += light.counts;
            sums.squares[s] += light.squares;
        }
        let compat = self.compat.is_stingray();
        let reference = &spectra[bands][range.clone()];
        if !(compat && lights[bands].sparse) {
            let series = weighted(reference, lights[bands], 1.0);
            sums.reference.add_power(&series);
        }
        for band in 0..bands {
            let light = lights[band];
            if light.counts == 0.0 {
                sums.bands[band].empty += 1;
            }
            if compat && (light.sparse || lights[bands].sparse) {
                continue;
            }
            let subject = weighted(&spectra[band][range.clone()], light, 1.0);
            let shared = if self.keeps_subject() {
                None
            } else {
                table.shared[band]
            };
            let Some(shared) = shared else {
                sums.bands[band].add_cross(&subject, &weighted(reference, lights[bands], 1.0));
                continue;
            };
            // A transform is linear: the reference without the subject needs none of its own.
            let rest: Vec<Complex<T>> = (reference.iter().zip(&spectra[shared][range.clone()]))
                .map(|(all, own)| all - own)
                .collect();
            let light = SeriesLight {
                counts: lights[bands].counts - lights[shared].counts,
                ..lights[bands]
            };
            sums.bands[band].add_cross(&subject, &weighted(&rest, light, 1.0));
        }
    }

    /// Events outside the segments: in the rest of the good time, or, with
    /// [`Compat::Stingray`], anywhere.
    fn outside<S: EventSource>(
        &self,
        source: &S,
        segments: &Segments,
        table: &SeriesTable,
    ) -> Result<Vec<u64>> {
        let used = GoodTimeIntervals::merged(segments.iter().map(|segment| segment.interval()))?;
        let rest = match self.compat {
            Compat::Correct => source.gti().difference(&used),
            Compat::Stingray => used.complement(f64::MIN, f64::MAX)?,
        };
        let mut events = vec![0; table.series];
        let wanted = WantedColumns {
            energies: true,
            ..WantedColumns::default()
        };
        for interval in rest.intervals() {
            source
                .visit(interval.start, interval.stop, wanted, &mut |columns| {
                    for &energy in columns.energies_kev {
                        for &s in table.series_of(energy) {
                            events[s] += 1;
                        }
                    }
                })
                .map_err(Error::from_source)?;
        }
        Ok(events)
    }
}

/// Sums over segments for all bands.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct BandSums {
    /// Each band with its reference.
    pub(super) bands: Vec<SpectrumSums>,
    /// The whole reference.
    pub(super) reference: SpectrumSums,
    /// Counts of each series in all segments.
    pub(super) counts: Vec<f64>,
    /// Sum of the squares of its bins.
    pub(super) squares: Vec<f64>,
}

impl Merge for BandSums {
    fn merge(&mut self, other: Self) {
        if self.bands.is_empty() {
            *self = other;
            return;
        }
        for (sums, other) in self.bands.iter_mut().zip(other.bands) {
            sums.merge(other);
        }
        self.reference.merge(other.reference);
        let add = |sums: &mut [f64], terms: Vec<f64>| {
            sums.iter_mut()
                .zip(terms)
                .for_each(|(sum, term)| *sum += term);
        };
        add(&mut self.counts, other.counts);
        add(&mut self.squares, other.squares);
    }
}
