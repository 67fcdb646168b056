//! Visibilities and χ² of a model.

use std::path::Path;

use anyhow::{Result, bail};
use astro_core::UvTable;
use astro_core::constants::ARCSEC_RAD;
use astro_fft::FftReal;
use astro_io::{IfExists, UvFitsLabels, write_uv_npz, write_uv_text, write_uvfits};
use astro_visibility::{
    CubePlan, ImageGrid, ImageMethod, ImageSizeOptions, Orientation, Placement, ProfileMethod,
    SpectralMaps, Spectrum, UvCoverage, VisibilityPlan, image_size, reduce_chi2,
};
use ndarray::{Array2, ArrayView2, Axis};
use num_complex::{Complex, Complex64};
use serde_json::{Value, json};

use super::input::{SkyPixels, read_image};
use super::instrument::Instrument;
use super::parametric::parametric_profile;
use super::profile::{RadialProfile, read_profile};
use super::spectrum::Spectral;
use crate::args::{
    ComputeOptions, DeviceOptions, MethodOptions, ModelOptions, Place, PlacementOptions, Precision,
};
use crate::output::{Console, Usage, extension};

/// A model with its place on the sky.
#[derive(Clone, Debug)]
pub(crate) enum Model {
    Image(SkyPixels, Placement),
    Profile(RadialProfile, Orientation, Option<ImageGrid>),
}

/// How its visibilities are computed.
#[derive(Clone, Debug)]
pub(crate) struct Computation<'a> {
    method: &'a MethodOptions,
    device: &'a DeviceOptions,
    instrument: Instrument,
    spectral: Option<Spectral>,
}

/// What a model gives at the points of a table.
#[derive(Clone, Debug)]
pub(crate) struct Prediction {
    pub(crate) values: Vec<Complex64>,
    /// `Σ w |V_model − V_observed|²`.
    pub(crate) chi2: f64,
    /// Visibilities of positive weight.
    pub(crate) used: usize,
    /// The method that was taken, instrument and spectrum, one a line.
    pub(crate) words: Vec<String>,
    numbers: Value,
}

impl Model {
    pub(crate) fn read(options: &ModelOptions, place: &PlacementOptions) -> Result<Self> {
        if let Some(path) = &options.image {
            let image = read_image(path, options)?;
            let mut placement = place.placement()?;
            placement.ra_offset_rad += image.center.ra_offset_rad;
            placement.dec_offset_rad += image.center.dec_offset_rad;
            return Ok(Self::Image(image, placement));
        }
        let profile = match (&options.profile, &options.model) {
            (Some(path), _) => read_profile(path)?,
            (None, Some(model)) => parametric_profile(model, &options.set)?,
            (None, None) => {
                let text = "give a model: --image, --profile or --model";
                return Err(Usage(text.to_owned()).into());
            }
        };
        let grid = match (options.pixels, options.pixel) {
            (Some(n), Some(pixel)) => Some(ImageGrid::square(n, pixel * ARCSEC_RAD)),
            (None, None) => None,
            _ => return Err(Usage("give --pixels and --pixel together".to_owned()).into()),
        };
        Ok(Self::Profile(profile, place.orientation(), grid))
    }

    /// Inclination, position angle and offsets, for deprojection; an image counts as face-on.
    pub(crate) fn orientation(&self) -> Orientation {
        match self {
            Self::Image(_, placement) => Orientation {
                inclination_rad: 0.0,
                position_angle_rad: placement.position_angle_rad,
                ra_offset_rad: placement.ra_offset_rad,
                dec_offset_rad: placement.dec_offset_rad,
            },
            Self::Profile(_, orientation, _) => *orientation,
        }
    }

    /// Visibilities at the points of `table`, and their χ² against its values.
    pub(crate) fn predict(
        &self,
        table: &UvTable,
        options: &ComputeOptions,
        console: &Console,
    ) -> Result<Prediction> {
        let image = match self {
            Self::Image(image, _) => Some(image),
            Self::Profile(..) => None,
        };
        let computation = Computation {
            method: &options.method,
            device: &options.device,
            instrument: Instrument::read(&options.instrument, mean_frequency(table))?,
            spectral: Spectral::read(&options.spectrum, image, console)?,
        };
        match options.method.precision {
            Precision::F64 => self.predict_in::<f64>(table, &computation),
            Precision::F32 => self.predict_in::<f32>(table, &computation),
        }
    }

    fn predict_in<T: FftReal>(&self, table: &UvTable, how: &Computation<'_>) -> Result<Prediction> {
        let coverage = UvCoverage::from(table);
        let (values, place, method) = match self {
            Self::Image(image, placement) => {
                let method = how.method.for_image()?;
                let (values, place) = how.image::<T>(&coverage, image, placement, method)?;
                (values, place, image_method_in_words(method))
            }
            Self::Profile(profile, orientation, grid) => {
                let as_image = how.instrument.needs_image();
                let method = how.method.for_profile(as_image)?;
                let grid = match grid {
                    Some(grid) => *grid,
                    None => grid_for(profile, &coverage)?,
                };
                let (values, place) =
                    how.profile::<T>(&coverage, profile, orientation, grid, method)?;
                (
                    values,
                    place,
                    profile_method_in_words(method, &grid, as_image),
                )
            }
        };
        let channels = channel_count(table);
        let mut words = vec![format!("method: {method}"), place.to_string()];
        words.extend(how.instrument.in_words());
        words.extend(how.spectral.as_ref().map(Spectral::in_words));
        if channels > 1 {
            words.push(format!("channels: {channels}"));
        }
        let mut numbers = json!({
            "method": method,
            "device": place.json(),
            "channels": channels,
            "spectrum": how.spectral.as_ref().map(Spectral::json),
        });
        how.instrument.add_to(&mut numbers);
        let values: Vec<Complex64> = values
            .iter()
            .map(|z| Complex64::new(z.re.as_f64(), z.im.as_f64()))
            .collect();
        Ok(Prediction {
            chi2: reduce_chi2(&table.value, &table.weight, &values)?,
            used: table.unflagged(),
            values,
            words,
            numbers,
        })
    }
}

impl Computation<'_> {
    /// Whether each channel needs a transform of its own.
    fn by_channel(&self, coverage: &UvCoverage) -> bool {
        let frequencies = &coverage.frequency_hz;
        let many = frequencies.iter().any(|&f| f != frequencies[0]);
        let maps = matches!(self.spectral, Some(Spectral::Maps { .. }));
        maps || self.instrument.beam.is_some() && (many || self.spectral.is_some())
    }

    fn image<T: FftReal>(
        &self,
        coverage: &UvCoverage,
        image: &SkyPixels,
        placement: &Placement,
        method: ImageMethod,
    ) -> Result<(Vec<Complex<T>>, Place)> {
        let cube = image.pixels.dim().0 > 1;
        let rounded = |pixels: ArrayView2<'_, f64>| pixels.mapv(T::from_f64_rounded);
        if !cube && !self.by_channel(coverage) {
            let builder = self.plan::<T>(coverage, image.grid)?.image_method(method);
            let (plan, place) = self.device.build(builder, self.obstacle(method))?;
            let pixels = rounded(image.pixels.index_axis(Axis(0), 0));
            let values = match &self.spectral {
                Some(Spectral::Common(spectrum)) => {
                    plan.sample_spectral_image(pixels.view(), placement, spectrum)?
                }
                _ => plan.sample_image(pixels.view(), placement)?,
            };
            return Ok((values, place));
        }
        let place = self.device.on_cpu::<T>(BY_CHANNEL)?;
        let plan = self
            .cube_plan::<T>(coverage, image.grid)?
            .image_method(method)
            .build()?;
        if cube {
            let channels = matching_channels(&plan.frequencies_hz(), image)?;
            let pixels = image.pixels.select(Axis(0), &channels);
            let pixels = pixels.mapv(T::from_f64_rounded);
            return Ok((plan.sample_cube(pixels.view(), placement)?, place));
        }
        let pixels = rounded(image.pixels.index_axis(Axis(0), 0));
        let Some(Spectral::Maps {
            reference_frequency_hz,
            index,
            curvature,
            ..
        }) = &self.spectral
        else {
            let spectrum = self.spectrum();
            let values = plan.sample_spectral_image(pixels.view(), placement, &spectrum)?;
            return Ok((values, place));
        };
        let index = rounded(index.view());
        let curvature: Option<Array2<T>> = curvature.as_ref().map(|map| rounded(map.view()));
        let maps = SpectralMaps {
            reference_frequency_hz: *reference_frequency_hz,
            index: index.view(),
            curvature: curvature.as_ref().map(|map| map.view()),
        };
        let values = plan.sample_spectral_maps(pixels.view(), &maps, placement)?;
        Ok((values, place))
    }

    fn profile<T: FftReal>(
        &self,
        coverage: &UvCoverage,
        profile: &RadialProfile,
        orientation: &Orientation,
        grid: ImageGrid,
        method: ProfileMethod,
    ) -> Result<(Vec<Complex<T>>, Place)> {
        let values: Vec<T> = profile
            .values
            .iter()
            .map(|&x| T::from_f64_rounded(x))
            .collect();
        let radii = profile.radii.clone();
        if self.by_channel(coverage) {
            let place = self.device.on_cpu::<T>(BY_CHANNEL)?;
            let builder = self.cube_plan::<T>(coverage, grid)?;
            let builder = builder.image_method(self.method.exact());
            let plan = builder.profile_method(method).radii(radii).build()?;
            let values = plan.sample_spectral_profile(&values, orientation, &self.spectrum())?;
            return Ok((values, place));
        }
        let builder = self.plan::<T>(coverage, grid)?;
        let builder = builder.image_method(self.method.exact());
        let builder = builder.profile_method(method).radii(radii);
        let obstacle = match method {
            ProfileMethod::Image(image) => self.obstacle(image),
            _ => None,
        };
        let (plan, place) = self.device.build(builder, obstacle)?;
        let values = match &self.spectral {
            Some(Spectral::Common(spectrum)) => {
                plan.sample_spectral_profile(&values, orientation, spectrum)?
            }
            _ => plan.sample_profile(&values, orientation)?,
        };
        Ok((values, place))
    }

    /// What of a transform of one image no GPU can do.
    fn obstacle(&self, method: ImageMethod) -> Option<&'static str> {
        match method {
            _ if self.instrument.w_term.is_some() => Some(W_TERM),
            ImageMethod::Direct => Some("the sum over all pixels has no GPU version"),
            _ => None,
        }
    }

    fn plan<'a, T: FftReal>(
        &self,
        coverage: &'a UvCoverage,
        grid: ImageGrid,
    ) -> Result<astro_visibility::VisibilityPlanBuilder<'a, T>> {
        let mut builder = VisibilityPlan::<T>::builder_for_coverage(coverage, grid);
        if let Some(beam) = self
            .instrument
            .beam_at(coverage.frequency_hz.first().copied())?
        {
            builder = builder.primary_beam(beam);
        }
        if let Some(w_term) = self.instrument.w_term {
            builder = builder.w_term(w_term);
        }
        Ok(builder)
    }

    fn cube_plan<'a, T: FftReal>(
        &self,
        coverage: &'a UvCoverage,
        grid: ImageGrid,
    ) -> Result<astro_visibility::CubePlanBuilder<'a, T>> {
        let mut builder = CubePlan::<T>::builder_for_coverage(coverage, grid);
        if let Some(beam) = &self.instrument.beam {
            let Some(at_hz) = beam.frequency_hz else {
                bail!("the uv table has no frequencies; give --wavelength");
            };
            builder = builder.primary_beam(beam.pattern.clone(), at_hz);
        }
        if let Some(w_term) = self.instrument.w_term {
            builder = builder.w_term(w_term);
        }
        Ok(builder)
    }

    /// The common spectrum; a flat one where none was given.
    fn spectrum(&self) -> Spectrum {
        match &self.spectral {
            Some(Spectral::Common(spectrum)) => *spectrum,
            _ => Spectrum {
                reference_frequency_hz: 1e9,
                index: 0.0,
                curvature: 0.0,
            },
        }
    }
}

impl Prediction {
    /// Adds method, instrument and spectrum to what `--json` prints.
    pub(crate) fn add_to(&self, value: &mut Value) {
        if let (Some(value), Some(numbers)) = (value.as_object_mut(), self.numbers.as_object()) {
            value.extend(numbers.clone());
        }
    }
}

/// What has no GPU version, in words.
pub(crate) const W_TERM: &str = "the w-term has no GPU version";
const BY_CHANNEL: &str = "an image for each channel has no GPU version";

/// The channel of a cube that belongs to each frequency of the data.
fn matching_channels(wanted_hz: &[f64], image: &SkyPixels) -> Result<Vec<usize>> {
    let channels = image.pixels.dim().0;
    if image.frequency_hz.is_empty() {
        if wanted_hz.len() != channels {
            bail!(
                "the cube has {channels} channels and does not say their frequencies, the uv table has {}; give a cube with a frequency axis, or one with as many channels as the table",
                wanted_hz.len()
            );
        }
        return Ok((0..channels).collect());
    }
    let distance = |channel: usize, hz: f64| (image.frequency_hz[channel] - hz).abs();
    let width = (1..channels)
        .map(|channel| distance(channel, image.frequency_hz[channel - 1]))
        .fold(f64::INFINITY, f64::min);
    wanted_hz
        .iter()
        .map(|&hz| {
            let nearest = (0..channels).min_by(|&a, &b| distance(a, hz).total_cmp(&distance(b, hz)));
            match nearest {
                // Half a channel, and what rounding in headers may add.
                Some(channel) if distance(channel, hz) <= 0.501 * width => Ok(channel),
                _ => bail!(
                    "the uv table has data at {:.6} GHz, and no channel of the cube lies within half a channel of it: they run from {:.6} to {:.6} GHz",
                    hz / 1e9,
                    image.frequency_hz.iter().copied().fold(f64::INFINITY, f64::min) / 1e9,
                    image.frequency_hz.iter().copied().fold(0.0, f64::max) / 1e9
                ),
            }
        })
        .collect()
}

/// A grid that holds the whole disc, fine enough for the baselines.
fn grid_for(profile: &RadialProfile, coverage: &UvCoverage) -> Result<ImageGrid> {
    let beam_rad = 2.0 * profile.radii_rad.last().copied().unwrap_or(0.0);
    let options = ImageSizeOptions {
        beam_rad,
        ..ImageSizeOptions::default()
    };
    Ok(image_size(coverage, &options)?)
}

pub(crate) fn image_method_in_words(method: ImageMethod) -> String {
    match method {
        ImageMethod::Exact { rel_error } => {
            format!("non-uniform FFT, to {rel_error:e} of the total flux")
        }
        ImageMethod::Bilinear => "FFT and bilinear interpolation".to_owned(),
        ImageMethod::Galario => "FFT and GALARIO's interpolation".to_owned(),
        ImageMethod::Direct => "sum over all pixels".to_owned(),
        other => format!("{other:?}"),
    }
}

pub(crate) fn profile_method_in_words(
    method: ProfileMethod,
    grid: &ImageGrid,
    as_image: bool,
) -> String {
    match method {
        ProfileMethod::Hankel { rel_error } => {
            format!("Hankel transform, to {rel_error:e} of the total flux")
        }
        ProfileMethod::Image(image) => {
            let why = match as_image {
                true => " (a Hankel transform does not hold with a primary beam or a w-term)",
                false => "",
            };
            format!(
                "profile drawn as an image of {} x {} pixels of {:.5}″{why}; {}",
                grid.rows,
                grid.columns,
                grid.pixel_width_rad / ARCSEC_RAD,
                image_method_in_words(image)
            )
        }
        other => format!("{other:?}"),
    }
}

/// Mean frequency of all rows, where the table has any.
pub(crate) fn mean_frequency(table: &UvTable) -> Option<f64> {
    let all = &table.frequency_hz;
    (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
}

/// Number of different frequencies; 1 for a table that has none.
fn channel_count(table: &UvTable) -> usize {
    let mut all = table.frequency_hz.clone();
    all.sort_unstable_by(f64::total_cmp);
    all.dedup();
    all.len().max(1)
}

/// Writes a table as npz, as UVFITS or, for any other extension, as text.
pub(crate) fn write_uv(path: &Path, table: &UvTable, if_exists: IfExists) -> Result<()> {
    match extension(path).as_deref() {
        Some("npz") => write_uv_npz(path, table, if_exists)?,
        Some("uvfits" | "fits" | "uvf") => {
            write_uvfits(path, table, &UvFitsLabels::default(), if_exists)?;
        }
        _ => write_uv_text(path, table, if_exists)?,
    }
    Ok(())
}
