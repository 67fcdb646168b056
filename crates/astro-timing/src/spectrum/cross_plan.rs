//! Cross spectra from events and light curves of any length.

use astro_core::{
    Communicator, EventSource, GoodTimeIntervals, NoProgress, Pool, Progress, Segments,
};
use astro_fft::FftReal;
use num_complex::{Complex, Complex64};

use super::backend::{Backend, TickInput};
use super::cross::{ChannelOverlap, CrossKind, CrossSpectrum};
use super::engine::{Buffers, Engine, weighted};
use super::input::{BandPairInput, CurveInput, EventInput, PairInput, SegmentInput};
use super::normalization::Normalization;
use super::power::Averaging;
use super::ranks::{SharedTable, looked_at};
use super::settings::{SegmentLength, Settings, common_gti};
use super::sums::{SeriesLight, SpectrumSums};
use crate::{Compat, EnergyBand, Error, LightCurve, Result};

/// How a cross spectrum is made; the transforms' buffers, kept from call to call.
///
/// As [`crate::PowerSpectrumPlan`], with two series: the subject (1) and the reference (2).
///
/// ```
/// use astro_core::GoodTimeIntervals;
/// use astro_timing::{CrossSpectrumPlan, EventList};
///
/// // Bursts every 2 s; the subject sees them 0.1 s later.
/// let bursts = |delay: f64| -> Vec<f64> {
///     (0..6400).map(|i| f64::from(i / 100) * 2.0 + f64::from(i % 100) * 0.01 + delay).collect()
/// };
/// let gti = GoodTimeIntervals::single(0.0, 128.0)?;
/// let subject = EventList::new(bursts(0.1), gti.clone())?;
/// let reference = EventList::new(bursts(0.0), gti)?;
/// let spectrum = CrossSpectrumPlan::<f64>::new(16.0, 0.025)?.execute(&subject, &reference)?;
/// // Bin 7 is 0.5 Hz, where the signal is.
/// assert!((spectrum.time_lags()[7].value - 0.1).abs() < 1e-3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct CrossSpectrumPlan<T = f64> {
    pub(super) settings: Settings,
    overlap: ChannelOverlap,
    pub(super) background_rates: [f64; 2],
    pub(super) buffers: Pool<Buffers<T>>,
    pub(super) backend: Backend,
}

/// The cross powers of all Fourier frequencies, in the order of a transform: 0 and the positive
/// ones, then the negative ones.
#[derive(Clone, Debug, PartialEq)]
pub struct TwoSidedCrossSpectrum {
    /// Frequencies, hertz.
    pub frequency_hz: Vec<f64>,
    /// Cross power, normalised.
    pub cross: Vec<Complex64>,
}

impl<T: FftReal> CrossSpectrumPlan<T> {
    /// Segments of `segment_s` in bins of `bin_s`, seconds.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless both are positive.
    pub fn new(segment_s: f64, bin_s: f64) -> Result<Self> {
        Ok(Self {
            settings: Settings::new(SegmentLength::Seconds(segment_s), bin_s)?,
            overlap: ChannelOverlap::default(),
            background_rates: [0.0; 2],
            buffers: Pool::new(),
            backend: Backend::default(),
        })
    }

    /// What powers are measured in; fractional rms by default.
    #[must_use]
    pub fn normalization(mut self, normalization: Normalization) -> Self {
        self.settings.normalization = normalization;
        self
    }

    /// What segments are normalised with; their common mean by default.
    #[must_use]
    pub fn averaging(mut self, averaging: Averaging) -> Self {
        self.settings.averaging = averaging;
        self
    }

    /// Whether the subject's photons are part of the reference; not by default.
    #[must_use]
    pub fn overlap(mut self, overlap: ChannelOverlap) -> Self {
        self.overlap = overlap;
        self
    }

    /// Background counts per second of subject and reference.
    #[must_use]
    pub fn background_rates(mut self, subject: f64, reference: f64) -> Self {
        self.background_rates = [subject, reference];
        self
    }

    /// Whose formulas; see [`crate::CrossPower`] and [`crate::PowerSpectrumPlan::compat`].
    #[must_use]
    pub fn compat(mut self, compat: Compat) -> Self {
        self.settings.compat = compat;
        self
    }

    /// The cross spectrum of two sources in the good time of both.
    ///
    /// # Errors
    /// [`Error::Time`] and [`Error::Mismatch`] if they count from different epochs,
    /// [`Error::Segments`] if no shared interval holds a segment, [`Error::NoCounts`], and those
    /// of the sources.
    pub fn execute<A: EventSource, B: EventSource>(
        &self,
        subject: &A,
        reference: &B,
    ) -> Result<CrossSpectrum> {
        self.execute_with(subject, reference, &NoProgress)
    }

    /// As [`Self::execute`], telling `progress` how many segments are done.
    ///
    /// # Errors
    /// As [`Self::execute`]; [`Error::Stopped`] on request.
    pub fn execute_with<A: EventSource, B: EventSource>(
        &self,
        subject: &A,
        reference: &B,
        progress: &dyn Progress,
    ) -> Result<CrossSpectrum> {
        let (sums, bins) = self.sums(subject, reference, progress)?;
        self.finish(&sums, bins)
    }

    /// The cross spectrum of two energy bands of one source, which is read once.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn execute_bands<S: EventSource>(
        &self,
        source: &S,
        subject: EnergyBand,
        reference: EnergyBand,
        progress: &dyn Progress,
    ) -> Result<CrossSpectrum> {
        let segments = &self.settings.table(source.gti())?;
        let input = BandPairInput {
            source,
            segments,
            bands: [subject, reference],
        };
        let sums = self.fold_events(&input, segments.bins(), progress)?;
        self.finish(&sums, segments.bins())
    }

    /// As [`Self::execute_with`], shared out among ranks: see
    /// [`crate::PowerSpectrumPlan::execute_on`].
    ///
    /// # Errors
    /// As [`Self::execute_with`]; [`Error::Communication`] where a rank is lost.
    pub fn execute_on<A: EventSource, B: EventSource>(
        &self,
        ranks: &dyn Communicator,
        subject: &A,
        reference: &B,
        progress: &dyn Progress,
    ) -> Result<Option<CrossSpectrum>> {
        if ranks.size() == 1 {
            return self.execute_with(subject, reference, progress).map(Some);
        }
        self.backend.require_host("the spectrum of many ranks")?;
        let table = SharedTable::new(
            ranks,
            || common_gti(subject, reference),
            |gti| self.settings.table(gti),
            |part| Ok(looked_at(subject, part)? + looked_at(reference, part)?),
        )?;
        let input = pair(subject, reference, &table.segments);
        self.fold_shared(&table, &input, progress)
    }

    /// As [`Self::execute_bands`], shared out among ranks: see
    /// [`crate::PowerSpectrumPlan::execute_on`].
    ///
    /// # Errors
    /// As [`Self::execute_bands`]; [`Error::Communication`] where a rank is lost.
    pub fn execute_bands_on<S: EventSource>(
        &self,
        ranks: &dyn Communicator,
        source: &S,
        subject: EnergyBand,
        reference: EnergyBand,
        progress: &dyn Progress,
    ) -> Result<Option<CrossSpectrum>> {
        if ranks.size() == 1 {
            let spectrum = self.execute_bands(source, subject, reference, progress)?;
            return Ok(Some(spectrum));
        }
        self.backend.require_host("the spectrum of many ranks")?;
        let table = SharedTable::new(
            ranks,
            || Ok(source.gti().clone()),
            |gti| self.settings.table(gti),
            |part| looked_at(source, part),
        )?;
        let input = BandPairInput {
            source,
            segments: &table.segments,
            bands: [subject, reference],
        };
        self.fold_shared(&table, &input, progress)
    }

    fn fold_shared(
        &self,
        table: &SharedTable<'_>,
        input: &impl SegmentInput<T>,
        progress: &dyn Progress,
    ) -> Result<Option<CrossSpectrum>> {
        let bins = table.segments.bins();
        let engine = Engine::new(bins, 2, &self.buffers)?;
        let sums = table.fold(&engine, input, progress, |sums, spectra, lights| {
            self.add(sums, bins, spectra, lights);
        })?;
        sums.map(|sums| self.finish(&sums, bins)).transpose()
    }

    /// The cross spectrum of two light curves with the same bins, in the good time of both.
    ///
    /// # Errors
    /// As [`Self::execute`]; [`Error::Mismatch`] if the bins differ.
    pub fn execute_curves(
        &self,
        subject: &LightCurve,
        reference: &LightCurve,
    ) -> Result<CrossSpectrum> {
        self.backend
            .require_host("the cross spectrum of light curves")?;
        // Checks the bins and the references of both.
        let gti = subject.added(reference)?.gti().clone();
        let input = PairInput::new(self.curve(subject, &gti)?, self.curve(reference, &gti)?);
        let bins = input.first.bins;
        let sums = self.fold(&input, bins, &NoProgress)?;
        self.finish(&sums, bins)
    }

    fn curve<'a>(&self, curve: &'a LightCurve, gti: &GoodTimeIntervals) -> Result<CurveInput<'a>> {
        let (starts, bins) = self.settings.curve_segments(curve, gti)?;
        Ok(CurveInput {
            curve,
            starts,
            bins,
            compat: self.settings.compat,
        })
    }

    /// The cross powers at all frequencies, zero and negative ones too.
    ///
    /// # Errors
    /// As [`Self::execute`]; [`Error::Unsuitable`] if each segment is normalised by itself.
    #[doc(alias = "fullspec")]
    pub fn two_sided<A: EventSource, B: EventSource>(
        &self,
        subject: &A,
        reference: &B,
    ) -> Result<TwoSidedCrossSpectrum> {
        let (sums, bins) = self.sums(subject, reference, &NoProgress)?;
        let one_sided = self.finish(&sums, bins)?;
        if self.settings.averaging == Averaging::EachSegment {
            return Err(Error::Unsuitable {
                operation: "a two-sided cross spectrum",
                requirement: "segments that are averaged with their common mean",
            });
        }
        let normalization = self.settings.normalization;
        let factor =
            one_sided.subject.factor(normalization) * one_sided.reference.factor(normalization);
        let length = one_sided.subject.segment_s();
        let positive = bins.div_ceil(2);
        let at = |k: usize| {
            if k < positive {
                (k as f64 / length, sums.mean_cross(k))
            } else {
                let back = bins - k;
                (-(back as f64) / length, sums.mean_cross(back).conj())
            }
        };
        Ok(TwoSidedCrossSpectrum {
            frequency_hz: (0..bins).map(|k| at(k).0).collect(),
            cross: (0..bins).map(|k| at(k).1 * factor.sqrt()).collect(),
        })
    }

    fn sums<A: EventSource, B: EventSource>(
        &self,
        subject: &A,
        reference: &B,
        progress: &dyn Progress,
    ) -> Result<(SpectrumSums, usize)> {
        let segments = &self.settings.table(&common_gti(subject, reference)?)?;
        let input = pair(subject, reference, segments);
        Ok((
            self.fold_events(&input, segments.bins(), progress)?,
            segments.bins(),
        ))
    }

    fn fold_events(
        &self,
        input: &(impl SegmentInput<T> + TickInput),
        bins: usize,
        progress: &dyn Progress,
    ) -> Result<SpectrumSums> {
        let rates = self.background_rates;
        let on_device = self.backend.sums(input, &self.settings, rates, progress);
        on_device.unwrap_or_else(|| self.fold(input, bins, progress))
    }

    fn fold(
        &self,
        input: &impl SegmentInput<T>,
        bins: usize,
        progress: &dyn Progress,
    ) -> Result<SpectrumSums> {
        let engine = Engine::new(bins, 2, &self.buffers)?;
        engine.fold(input, progress, |sums, spectra, lights| {
            self.add(sums, bins, spectra, lights);
        })
    }

    fn add(
        &self,
        sums: &mut SpectrumSums,
        bins: usize,
        spectra: &[Vec<Complex<T>>],
        lights: &[SeriesLight],
    ) {
        if lights.iter().any(|light| light.counts <= 0.0) {
            sums.empty += 1;
        }
        if self.settings.skips(lights) {
            return;
        }
        let series = |i: usize| {
            let weight = self
                .settings
                .weight(bins, lights[i], self.background_rates[i]);
            weighted(&spectra[i], lights[i], weight)
        };
        sums.add_cross(&series(0), &series(1));
    }

    fn finish(&self, sums: &SpectrumSums, bins: usize) -> Result<CrossSpectrum> {
        let settings = &self.settings;
        let [subject, reference] = self.background_rates;
        let kind = CrossKind {
            normalization: settings.normalization,
            averaging: settings.averaging,
            overlap: self.overlap,
            compat: settings.compat,
        };
        CrossSpectrum::from_sums(
            sums,
            settings.light(bins, &sums.subject, sums.segments, subject),
            settings.light(bins, &sums.reference, sums.segments, reference),
            kind,
        )
    }
}

/// Two sources over the same segments.
fn pair<'a, A, B>(
    subject: &'a A,
    reference: &'a B,
    segments: &'a Segments,
) -> PairInput<EventInput<'a, A>, EventInput<'a, B>> {
    PairInput::new(
        EventInput {
            source: subject,
            segments,
        },
        EventInput {
            source: reference,
            segments,
        },
    )
}
