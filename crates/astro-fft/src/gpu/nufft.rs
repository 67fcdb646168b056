//! The non-uniform transform of real images, for callers on the host.

use std::marker::PhantomData;

use astro_gpu::{CommandList, Gpu, Slice};
use ndarray::{Array2, ArrayView2};
use num_complex::Complex;

use super::adjoint::GpuImageAdjoint;
use super::sampler::{GpuImageSampler, GpuSampling, SampleRequest};
use super::{complexes, precision_for, widened};
use crate::error::{check_finite, check_length, check_not_empty, check_shape};
use crate::{FftReal, Result, Sign};

/// [`crate::RealNufft2`] on a GPU: type 2, c_k = Σ_ij f_ij exp(±2πi(r_k (i − ⌊N₀/2⌋) + s_k (j − ⌊N₁/2⌋))),
/// and its real adjoint, type 1, f_ij = Re Σ_k c_k exp(±2πi(…)) with the same sign.
///
/// ```
/// use astro_fft::{GpuRealNufft2, Sign};
/// use astro_gpu::{Gpu, GpuOptions};
/// use ndarray::Array2;
///
/// let Ok(gpu) = Gpu::open(&GpuOptions::default()) else { return Ok(()) };
/// let image = Array2::from_shape_fn((8, 10), |(i, j)| if (i, j) == (4, 6) { 1.0 } else { 0.0 });
/// let plan = GpuRealNufft2::<f32>::new(&gpu, [8, 10], Sign::Positive, 1e-4)?;
/// let values = plan.uniform_to_points(image.view(), &[0.3], &[0.25])?;
/// // One column right of the centre: exp(2πi/4).
/// assert!((values[0] - num_complex::Complex::I).norm() < 1e-4);
/// # Ok::<(), astro_fft::Error>(())
/// ```
#[derive(Debug)]
pub struct GpuRealNufft2<T> {
    sampler: GpuImageSampler,
    sign: Sign,
    element: PhantomData<T>,
}

impl<T: FftReal> GpuRealNufft2<T> {
    /// A plan for images of `shape` [rows, columns], each >= 1.
    ///
    /// # Errors
    /// [`crate::Error::Empty`]; [`crate::Error::RelativeError`] with the floor of the precision;
    /// [`crate::Error::Gpu`].
    pub fn new(gpu: &Gpu, shape: [usize; 2], sign: Sign, rel_error: f64) -> Result<Self> {
        check_not_empty("rows", shape[0])?;
        check_not_empty("columns", shape[1])?;
        let precision = precision_for::<T>(gpu)?;
        let sampler = GpuImageSampler::new(
            gpu,
            precision,
            shape,
            GpuSampling::Exact { rel_error },
            0.5,
            &[],
        )?;
        Ok(Self {
            sampler,
            sign,
            element: PhantomData,
        })
    }

    /// Type 2: the transform of `image` at the points, in turns a sample.
    ///
    /// # Errors
    /// [`crate::Error::Shape`], [`crate::Error::Length`], [`crate::Error::BadValue`], [`crate::Error::Gpu`].
    pub fn uniform_to_points(
        &self,
        image: ArrayView2<T>,
        row: &[f64],
        column: &[f64],
    ) -> Result<Vec<Complex<T>>> {
        let [rows, columns] = self.sampler.shape();
        check_shape("image", image.dim(), (rows, columns))?;
        let (gpu, precision) = (self.sampler.gpu(), self.sampler.precision());
        let pixels = widened(image.iter().copied());
        check_finite("image", &pixels)?;
        let [baselines, coefficients] = self.points(row, column)?;
        let image = gpu.reals_of("image", &pixels, precision)?;
        let results = gpu.reals("values", 2 * row.len(), precision)?;
        let mut list = CommandList::new();
        self.sampler.record_image(&mut list, &image, None);
        let request = SampleRequest {
            baselines,
            coefficients,
            data: None,
            results: results.all(),
            count: row.len(),
            model: 0,
            shifted: false,
            first_result: 0,
        };
        self.sampler.record_samples(&mut list, &request);
        let back = list.read_back_reals(&results);
        Ok(complexes(&gpu.run(list)?.take_reals(back)))
    }

    /// Type 1: the image of values at the points.
    ///
    /// # Errors
    /// As [`Self::uniform_to_points`].
    pub fn points_to_uniform(
        &self,
        values: &[Complex<T>],
        row: &[f64],
        column: &[f64],
    ) -> Result<Array2<T>> {
        check_length("values", values.len(), row.len())?;
        let (gpu, precision) = (self.sampler.gpu(), self.sampler.precision());
        let numbers = widened(values.iter().flat_map(|z| [z.re, z.im]));
        check_finite("values", &numbers)?;
        let points = self.points(row, column)?;
        let adjoint = GpuImageAdjoint::new(&self.sampler, values.len())?;
        let values = gpu.reals_of("values", &numbers, precision)?;
        let [rows, columns] = self.sampler.shape();
        let image = gpu.reals("image", rows * columns, precision)?;
        let mut list = CommandList::new();
        adjoint.record(&mut list, &self.sampler, points, &values, &image);
        let back = list.read_back_reals(&image);
        let pixels = gpu.run(list)?.take_reals(back);
        Ok(Array2::from_shape_fn((rows, columns), |(i, j)| {
            T::from_f64_rounded(pixels[i * columns + j])
        }))
    }

    /// Points and coefficients on the device.
    fn points(&self, row: &[f64], column: &[f64]) -> Result<[Slice; 2]> {
        check_length("column", column.len(), row.len())?;
        check_not_empty("points", row.len())?;
        check_finite("row", row)?;
        check_finite("column", column)?;
        let reduced =
            |x: &[f64]| -> Vec<f64> { x.iter().map(|x| x - x.round_ties_even()).collect() };
        let (gpu, precision) = (self.sampler.gpu(), self.sampler.precision());
        let encoded = precision.encode_baselines(&reduced(column), &reduced(row), 0.5);
        let turns = if self.sign == Sign::Negative {
            0.5
        } else {
            -0.5
        };
        let coefficients = precision.encode_coefficients(&[turns, 0.0, 0.0, turns, 0.0, 0.0]);
        Ok([
            gpu.buffer_of("points", &encoded)?.all(),
            gpu.buffer_of("coefficients", &coefficients)?.all(),
        ])
    }
}
