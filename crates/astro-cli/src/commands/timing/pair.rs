//! The cross spectrum of a subject with a reference.

use std::fmt::Write as _;

use anyhow::Result;
use astro_fft::FftReal;
use astro_timing::{ChannelOverlap, CrossSpectrum, CrossSpectrumPlan, EnergyBand, EventSelection};
use clap::Args;
use serde_json::{Value, json};

use super::device::obstacle;
use super::source::Events;
use crate::args::timing::{CompatOption, PairInput, PrecisionOption, SegmentOptions};
use crate::args::{DeviceOptions, Interval, Ordered, Place, Precision, Real};
use crate::output::{Console, Usage};
use crate::progress::Bar;
use crate::text;

/// What both verbs on pairs ask for.
#[derive(Clone, Debug, Args)]
#[group(skip)]
pub(crate) struct PairOptions {
    #[command(flatten)]
    pub(super) input: PairInput,
    #[command(flatten)]
    pub(super) segments: SegmentOptions,
    #[command(flatten)]
    pub(super) precision: PrecisionOption,
    #[command(flatten)]
    pub(super) compat: CompatOption,
    #[command(flatten)]
    pub(super) device: DeviceOptions,
    /// Coherence and lags averaged between these frequencies, Hz; may be repeated
    #[arg(long, value_name = "LOW:HIGH", value_parser = Ordered(Real::NonNegative), help_heading = "Numbers")]
    pub(super) band: Vec<Interval>,
}

/// Open files and what they are compared in.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) subject: Events,
    /// `None` where both are bands of the same events.
    reference: Option<Events>,
    subject_band: Option<EnergyBand>,
    reference_band: Option<EnergyBand>,
}

impl PairOptions {
    /// The spectrum of a pair, and where it was computed.
    pub(super) fn compute(
        &self,
        console: &Console,
    ) -> Result<Option<(Pair, CrossSpectrum, Place)>> {
        let pair = self.open(console)?;
        let spectrum = match self.precision.precision {
            Precision::F64 => self.compute_in::<f64>(&pair, console),
            Precision::F32 => self.compute_in::<f32>(&pair, console),
        }?;
        // Of many ranks the first has the result.
        let Some((spectrum, place)) = spectrum else {
            return Ok(None);
        };
        if spectrum.empty_segments > 0 {
            console.warn(format!(
                "in {} segments of the good time subject or reference have no counts",
                spectrum.empty_segments
            ));
        }
        Ok(Some((pair, spectrum, place)))
    }

    fn open(&self, console: &Console) -> Result<Pair> {
        let input = &self.input;
        let band = |range: Interval| EnergyBand::new(range.low, range.high);
        let subject_band = input.subject.map(band).transpose()?;
        let reference_band = input.reference.map(band).transpose()?;
        let open = |paths: &[_]| Events::open(paths, &input.selection, &input.file, console);
        let bands = subject_band.is_some() && reference_band.is_some();
        let (subject, reference) = match (input.inputs.as_slice(), input.reference_file.as_slice())
        {
            ([subject, reference], []) if !bands => (
                open(std::slice::from_ref(subject))?,
                Some(open(std::slice::from_ref(reference))?),
            ),
            (files, []) if bands => (open(files)?, None),
            (_, []) => {
                return Err(Usage(
                    "one file is no pair: give two files (subject, then reference), two bands with --subject and --reference, or --reference-file".to_owned(),
                )
                .into());
            }
            (files, others) => (open(files)?, Some(open(others)?)),
        };
        Ok(Pair {
            subject,
            reference,
            subject_band,
            reference_band,
        })
    }

    fn compute_in<T: FftReal>(
        &self,
        pair: &Pair,
        console: &Console,
    ) -> Result<Option<(CrossSpectrum, Place)>> {
        let (segment_s, bin_s) = pair.subject.segment_and_bin_s(&self.segments, console);
        let plan = CrossSpectrumPlan::<T>::new(segment_s, bin_s)?
            .normalization(self.segments.norm.into())
            .averaging(self.segments.averaging())
            .compat(self.compat.into());
        let (ranks, bar) = (console.ranks(), Bar::new(console));
        let subject = pair.subject.source();
        let place = |plan| {
            let bins = (segment_s / bin_s).round() as usize;
            self.device.place::<T, _>(plan, bins, obstacle(ranks))
        };
        let (spectrum, place) = match (&pair.reference, pair.subject_band, pair.reference_band) {
            (None, Some(hard), Some(soft)) => {
                let (plan, place) = place(plan.overlap(overlap(hard, soft)?))?;
                let spectrum = plan.execute_bands_on(ranks, &subject, hard, soft, &bar)?;
                (spectrum, place)
            }
            (reference, hard, soft) => {
                let of = |energies| EventSelection {
                    energies,
                    ..EventSelection::default()
                };
                let reference = reference.as_ref().unwrap_or(&pair.subject).source();
                let (hard, soft) = (of(hard), of(soft));
                let (plan, place) = place(plan)?;
                let (subject, reference) = (hard.of(&subject), soft.of(&reference));
                (plan.execute_on(ranks, &subject, &reference, &bar)?, place)
            }
        };
        Ok(spectrum.map(|spectrum| (spectrum, place)))
    }
}

/// Whether the photons of one band are part of the other.
fn overlap(subject: EnergyBand, reference: EnergyBand) -> Result<ChannelOverlap> {
    match subject.overlap(reference) {
        None => Ok(ChannelOverlap::Independent),
        Some(common) if common == subject => Ok(ChannelOverlap::SubjectInReference),
        Some(common) => Err(Usage(format!(
            "the bands share {} to {} keV but not all of the subject: separate them, or put the subject into the reference",
            common.low_kev, common.high_kev
        ))
        .into()),
    }
}

impl Pair {
    /// What is compared with what.
    fn in_words(&self) -> String {
        let band = |band: Option<EnergyBand>| match band {
            Some(band) => format!(" {} to {} keV", band.low_kev, band.high_kev),
            None => String::new(),
        };
        format!(
            "subject{}, reference{}",
            band(self.subject_band),
            band(self.reference_band)
        )
    }

    /// "the subject (3 to 10 keV) lags", for figures.
    pub(super) fn lag_sign(&self) -> String {
        match self.subject_band {
            Some(band) => format!("positive: {}–{} keV lags", band.low_kev, band.high_kev),
            None => "positive: the subject lags".to_owned(),
        }
    }
}

/// The first lines of a summary.
pub(super) fn summary(pair: &Pair, spectrum: &CrossSpectrum, place: &Place) -> String {
    let shared = match spectrum.overlap {
        ChannelOverlap::Independent => "",
        ChannelOverlap::SubjectInReference => "; the subject's photons are in the reference too",
    };
    format!(
        "{}{shared}\n{} segments of {} s in bins of {} s; {:.3} and {:.3} counts/s; normalisation {}\n{place}",
        pair.in_words(),
        spectrum.segments,
        spectrum.subject.segment_s(),
        spectrum.subject.bin_s,
        spectrum.subject.rate(),
        spectrum.reference.rate(),
        spectrum.normalization.name(),
    )
}

/// Coherence and lags between two frequencies.
#[derive(Clone, Copy, Debug)]
pub(super) struct BandNumbers {
    band: Interval,
    phase: astro_timing::Estimate,
    time: astro_timing::Estimate,
    coherence: astro_timing::Estimate,
}

pub(super) fn band_numbers(
    bands: &[Interval],
    spectrum: &CrossSpectrum,
) -> Result<Vec<BandNumbers>> {
    let of = |&band: &Interval| {
        let one = spectrum.band(band.low, band.high)?;
        Ok(BandNumbers {
            band,
            phase: one.phase_lags()[0],
            time: one.time_lags()[0],
            coherence: one.intrinsic_coherence(astro_timing::BiasCoherence::default())[0],
        })
    };
    bands.iter().map(of).collect()
}

pub(super) fn bands_in_words(numbers: &[BandNumbers]) -> String {
    let mut text = String::new();
    for one in numbers {
        let said = |e: astro_timing::Estimate| text::measurement(e.value, e.error);
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n{} to {} Hz: phase lag {} rad, time lag {} s, coherence {}",
            one.band.low,
            one.band.high,
            said(one.phase),
            said(one.time),
            said(one.coherence)
        );
    }
    text
}

pub(super) fn value(spectrum: &CrossSpectrum, numbers: &[BandNumbers], place: &Place) -> Value {
    let bands: Vec<Value> = numbers
        .iter()
        .map(|one| {
            let pair = |e: astro_timing::Estimate| [e.value, e.error];
            json!({
                "low_hz": one.band.low,
                "high_hz": one.band.high,
                "phase_lag_rad": pair(one.phase),
                "time_lag_s": pair(one.time),
                "coherence": pair(one.coherence),
            })
        })
        .collect();
    json!({
        "segments": spectrum.segments,
        "empty_segments": spectrum.empty_segments,
        "segment_s": spectrum.subject.segment_s(),
        "bin_s": spectrum.subject.bin_s,
        "subject_rate_per_s": spectrum.subject.rate(),
        "reference_rate_per_s": spectrum.reference.rate(),
        "normalization": spectrum.normalization.name(),
        "photons_shared": spectrum.overlap == ChannelOverlap::SubjectInReference,
        "lag_sign": "positive: the subject lags",
        "device": place.json(),
        "bands": bands,
    })
}
