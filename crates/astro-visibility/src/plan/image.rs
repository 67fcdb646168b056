//! Images to visibilities and χ².

use std::marker::PhantomData;
use std::sync::{Arc, PoisonError};

use astro_core::Lent;
use astro_fft::{FftReal, HalfPlane, NufftPoints, RealNufft2};
use ndarray::ArrayView2;
use num_complex::Complex;
use rayon::prelude::*;

use super::{Engine, VisibilityPlan};
use crate::drive::{self, OffsetPhase, Parallel, Sampler, offset_phase};
use crate::geometry::{Placement, Rotation};
use crate::image_rows::{ImageRows, attenuated};
use crate::points::{Data, Points};
use crate::primary_beam::BeamRows;
use crate::sample::bilinear::GridSampler;
use crate::sample::direct::sample_direct;
use crate::sample::stored::StoredSampler;
use crate::{Error, ImageMethod, Result};

/// What becomes of the sampled points.
pub(super) trait Consume {
    type Output;
    fn consume<K: Sampler>(self, points: &Points, sampler: &K, phase: OffsetPhase) -> Self::Output;
}

/// `Σ w |V − D|²`.
pub(super) struct ToChi2<'a> {
    pub(super) data: &'a Data,
    pub(super) parallel: Parallel,
}

impl Consume for ToChi2<'_> {
    type Output = f64;
    fn consume<K: Sampler>(self, points: &Points, sampler: &K, phase: OffsetPhase) -> f64 {
        drive::chi2(points, self.data, sampler, phase, self.parallel)
    }
}

/// The visibilities, in point order.
pub(super) struct ToVisibilities<T>(PhantomData<T>);

impl<T> ToVisibilities<T> {
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: FftReal> Consume for ToVisibilities<T> {
    type Output = Vec<Complex<T>>;
    fn consume<K: Sampler>(
        self,
        points: &Points,
        sampler: &K,
        phase: OffsetPhase,
    ) -> Vec<Complex<T>> {
        let mut values = vec![Complex::new(T::zero(), T::zero()); points.len()];
        drive::visibilities(points, sampler, phase, &mut values);
        values
    }
}

impl<T: FftReal> VisibilityPlan<T> {
    /// Visibilities of an image, Jy, in the order of the table's rows.
    ///
    /// `V = e^{2πi(u ΔRA + v ΔDec)} Σ_ij I_ij e^{2πi(u′ l_j + v′ m_i)}` with `(u′, v′)` rotated by
    /// the position angle. GALARIO's `sampleImage`.
    ///
    /// # Inputs
    /// - `image`: shape `[rows, columns]` of the plan's grid, Jy/pixel, any memory layout
    ///
    /// # Errors
    /// Another shape, a NaN or infinity (with its index), or points beyond the grid once rotated.
    pub fn sample_image(
        &self,
        image: ArrayView2<'_, T>,
        placement: &Placement,
    ) -> Result<Vec<Complex<T>>> {
        self.grid.check_shape("image", image.shape())?;
        #[cfg(feature = "gpu")]
        if let Some(device) = self.device() {
            let values = self.image_values_on(device, &image, placement);
            let values = or_bad_pixel(values, all_finite, &image)?;
            return Ok(self.points.in_caller_order(&values));
        }
        let values = self.sample_rows(&image, placement, ToVisibilities::<T>::new());
        let values = or_bad_pixel(values, all_finite, &image)?;
        Ok(self.points.in_caller_order(&values))
    }

    /// `χ² = Σ w |V_model − V_observed|²` of an image; not divided, no factor ½.
    ///
    /// GALARIO's `chi2Image`. Points of weight zero do not enter.
    ///
    /// # Errors
    /// As [`VisibilityPlan::sample_image`], and [`Error::NoData`] in a plan for coverage alone.
    pub fn chi2_image(&self, image: ArrayView2<'_, T>, placement: &Placement) -> Result<f64> {
        self.grid.check_shape("image", image.shape())?;
        #[cfg(feature = "gpu")]
        if let Some(device) = self.device() {
            let chi2 = self.image_chi2_on(device, &image, placement);
            return or_bad_pixel(chi2, |chi2| chi2.is_finite(), &image);
        }
        let chi2 = self.sample_rows(&image, placement, self.to_chi2()?);
        or_bad_pixel(chi2, |chi2| chi2.is_finite(), &image)
    }

    /// χ² of many images, each where its placement puts it: or of one image in many places.
    ///
    /// One after the other, each with all threads and the memory of one.
    ///
    /// # Errors
    /// As [`VisibilityPlan::chi2_image`], for the first that fails.
    pub fn chi2_images(&self, models: &[(ArrayView2<'_, T>, Placement)]) -> Result<Vec<f64>> {
        let chi2 = |(image, placement): &(ArrayView2<'_, T>, Placement)| {
            self.chi2_image(image.view(), placement)
        };
        models.iter().map(chi2).collect()
    }

    pub(super) fn to_chi2(&self) -> Result<ToChi2<'_>> {
        Ok(ToChi2 {
            data: self.data()?,
            parallel: Parallel::Points,
        })
    }

    pub(super) fn data(&self) -> Result<&Data> {
        self.points.data.as_ref().ok_or(Error::NoData)
    }

    pub(super) fn sample_rows<C: Consume>(
        &self,
        image: &dyn ImageRows<T>,
        placement: &Placement,
        consume: C,
    ) -> Result<C::Output> {
        placement.check()?;
        match &self.beam {
            None => self.sample_seen(image, placement, consume),
            Some(beam) => {
                let beam = BeamRows::new(beam, &self.grid, placement);
                self.sample_seen(&attenuated(image, &beam), placement, consume)
            }
        }
    }

    /// Samples an image that is under the beam already.
    pub(super) fn sample_seen<C: Consume>(
        &self,
        image: &dyn ImageRows<T>,
        placement: &Placement,
        consume: C,
    ) -> Result<C::Output> {
        self.sample_with_phase(image, placement, offset_phase(placement), consume)
    }

    /// Samples an image where `placement` puts it, with any phase for the offset.
    pub(super) fn sample_with_phase<C: Consume>(
        &self,
        image: &dyn ImageRows<T>,
        placement: &Placement,
        phase: OffsetPhase,
        consume: C,
    ) -> Result<C::Output> {
        let rotation = placement.rotation();
        self.check_within_grid(rotation)?;
        if let Some(w_term) = self.w_term {
            let values = self.sample_deep(w_term, image, placement)?;
            return Ok(consume.consume(&self.points, &StoredSampler { values: &values }, phase));
        }
        match &self.engine {
            Engine::Stack(_) => unreachable!("a stack is made for a w-term"),
            Engine::Grid { .. } => {
                let (plane, alternate) = self.transform(image)?;
                let out = if self.image_method == ImageMethod::Galario {
                    let sampler =
                        GridSampler::<T, true>::new(&plane, &self.grid, rotation, alternate);
                    consume.consume(&self.points, &sampler, phase)
                } else {
                    let sampler =
                        GridSampler::<T, false>::new(&plane, &self.grid, rotation, alternate);
                    consume.consume(&self.points, &sampler, phase)
                };
                Ok(out)
            }
            Engine::Exact { nufft, values, .. } => {
                let sorted = self.sorted_for(nufft, placement.position_angle_rad)?;
                let mut values = values.take(Vec::new);
                values.resize(self.points.len(), Complex::new(T::zero(), T::zero()));
                nufft.uniform_to_points_rows(
                    image.row_range(),
                    &|i, row| image.fill_row(i, row),
                    &sorted,
                    &mut values,
                )?;
                Ok(consume.consume(&self.points, &StoredSampler { values: &values }, phase))
            }
            #[cfg(feature = "gpu")]
            Engine::Gpu(device) => {
                let values = device.centred_values(&self.drawn(image), placement)?;
                Ok(consume.consume(&self.points, &StoredSampler { values: &values }, phase))
            }
            Engine::Direct => {
                let n = self.points.len();
                let (u, v) = (&self.points.u[..n], &self.points.v[..n]);
                let values = sample_direct(image, &self.grid, rotation, u, v);
                Ok(consume.consume(&self.points, &StoredSampler { values: &values }, phase))
            }
        }
    }

    /// All pixels of an image, row by row.
    #[cfg(feature = "gpu")]
    fn drawn(&self, image: &dyn ImageRows<T>) -> Vec<f64> {
        let columns = self.grid.columns;
        let mut pixels = vec![0.0; self.grid.rows * columns];
        let range = image.row_range();
        pixels.par_chunks_mut(columns).enumerate().for_each_init(
            || vec![T::zero(); columns],
            |row, (i, out)| {
                if range.contains(&i) {
                    image.fill_row(i, row);
                    out.iter_mut()
                        .zip(row)
                        .for_each(|(to, from)| *to = from.as_f64());
                }
            },
        );
        pixels
    }

    /// The half-plane of the whole image, and whether its odd rows and its odd columns carry a
    /// sign.
    fn transform(&self, image: &dyn ImageRows<T>) -> Result<(Lent<'_, HalfPlane<T>>, [bool; 2])> {
        let Engine::Grid {
            fft,
            keep_columns,
            planes,
        } = &self.engine
        else {
            unreachable!("only the grid methods transform the whole image");
        };
        let mut plane = planes.take(HalfPlane::new);
        // The centre belongs to index 0. That shift is a sign of odd frequencies for an even
        // number of samples, which the sampler takes care of; for an odd number it is drawn.
        let (rows, columns) = (self.grid.rows, self.grid.columns);
        let alternate = [rows, columns].map(|n| n.is_multiple_of(2));
        let range = image.row_range();
        let draw = |i: usize, row: &mut [T]| {
            image.fill_row(i, row);
            if !alternate[1] {
                row.rotate_left(columns / 2);
            }
        };
        if alternate[0] {
            fft.forward_rows(range, &draw, *keep_columns, &mut plane)?;
        } else {
            let fill = |i: usize, row: &mut [T]| {
                let i = (i + rows / 2) % rows;
                if range.contains(&i) {
                    draw(i, row);
                } else {
                    row.fill(T::zero());
                }
            };
            fft.forward_rows(0..rows, &fill, *keep_columns, &mut plane)?;
        }
        Ok((plane, alternate))
    }

    /// The points in cycles a pixel, sorted for the NUFFT; kept for the next call.
    pub(super) fn sorted_for(
        &self,
        nufft: &RealNufft2<T>,
        position_angle_rad: f64,
    ) -> Result<Arc<NufftPoints>> {
        let Engine::Exact { sorted, .. } = &self.engine else {
            unreachable!("only the exact method sorts points");
        };
        let key = position_angle_rad.to_bits();
        let held = sorted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((held_key, points)) = held
            && held_key == key
        {
            return Ok(points);
        }
        let rotation = Rotation::new(position_angle_rad);
        let dy = self.grid.origin.sign() * self.grid.pixel_height_rad;
        let dx = self.grid.pixel_width_rad;
        let n = self.points.len();
        let (mut column, mut row) = (Vec::new(), Vec::new());
        (&self.points.u[..n], &self.points.v[..n])
            .into_par_iter()
            .map(|(&u, &v)| {
                let (u, v) = rotation.apply(u, v);
                (u * dx, v * dy)
            })
            .unzip_into_vecs(&mut column, &mut row);
        let points = Arc::new(nufft.points(&row, &column)?);
        *sorted.lock().unwrap_or_else(PoisonError::into_inner) = Some((key, points.clone()));
        Ok(points)
    }

    /// Requires every rotated point within half a cycle a pixel.
    pub(super) fn check_within_grid(&self, rotation: Rotation) -> Result<()> {
        let (u_limit, v_limit) = self.grid.nyquist();
        if self.points.longest <= u_limit.min(v_limit) {
            return Ok(());
        }
        let beyond = |k: usize, axis, value: f64, limit: f64, pixel_rad| Error::BeyondGrid {
            index: self.points.order[k] as usize,
            axis,
            value,
            limit,
            pixel_rad,
        };
        for k in 0..self.points.len() {
            let (u, v) = rotation.apply(self.points.u[k], self.points.v[k]);
            if u.abs() > u_limit {
                return Err(beyond(k, "u", u.abs(), u_limit, self.grid.pixel_width_rad));
            }
            if v.abs() > v_limit {
                return Err(beyond(k, "v", v.abs(), v_limit, self.grid.pixel_height_rad));
            }
        }
        Ok(())
    }
}

/// Names the first pixel that is not finite where the result is not good.
///
/// Every visibility depends on every pixel, so one bad pixel shows in the result; looking for it
/// only then saves a pass over each good image.
pub(super) fn or_bad_pixel<T: FftReal, R>(
    result: Result<R>,
    good: impl Fn(&R) -> bool,
    image: &ArrayView2<'_, T>,
) -> Result<R> {
    if !result.as_ref().is_ok_and(good) {
        check_pixels(image)?;
    }
    result
}

/// Whether every visibility is a number.
#[expect(clippy::ptr_arg, reason = "the result under test is a vector")]
pub(super) fn all_finite<T: FftReal>(values: &Vec<Complex<T>>) -> bool {
    values.iter().all(|z| z.re.is_finite() && z.im.is_finite())
}

/// Names the first pixel that is not finite.
pub(super) fn check_pixels<T: FftReal>(image: &ArrayView2<'_, T>) -> Result<()> {
    astro_core::check_finite("image", image.iter().map(|pixel| pixel.as_f64()))?;
    Ok(())
}
