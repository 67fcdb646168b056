//! Real transforms.

use std::marker::PhantomData;

use astro_gpu::{CommandList, Gpu};
use num_complex::Complex;

use super::plane::{GpuHalfPlane, HalfPlaneShape};
use super::{complexes, precision_for, widened};
use crate::error::{check_length, check_not_empty};
use crate::{FftReal, Result, Sign};

/// Transforms of real rows, each by itself or as an image, to the columns `0..=columns/2` of their
/// spectrum and back, on a GPU.
///
/// ```
/// use astro_fft::GpuRealFft;
/// use astro_gpu::{Gpu, GpuOptions};
///
/// let Ok(gpu) = Gpu::open(&GpuOptions::default()) else { return Ok(()) };
/// let fft = GpuRealFft::<f32>::image(&gpu, 6, 10)?;
/// let image: Vec<f32> = (0..60).map(|k| k as f32).collect();
/// let spectrum = fft.forward(&image)?; // [6][6]
/// assert!((spectrum[0].re - 1770.0).abs() < 1e-2);
/// let back = fft.inverse(&spectrum)?; // times 60: nothing is normalised
/// assert!((back[7] / 60.0 - 7.0).abs() < 1e-4);
/// # Ok::<(), astro_fft::Error>(())
/// ```
#[derive(Debug)]
pub struct GpuRealFft<T> {
    gpu: Gpu,
    plane: GpuHalfPlane,
    element: PhantomData<T>,
}

impl<T: FftReal> GpuRealFft<T> {
    /// A plan for `batch` lines of `length` samples, each transformed by itself.
    ///
    /// # Errors
    /// [`crate::Error::Empty`], [`crate::Error::TooLarge`], [`crate::Error::Gpu`].
    pub fn lines(gpu: &Gpu, length: usize, batch: usize) -> Result<Self> {
        check_not_empty("batch", batch)?;
        Self::with(gpu, batch, length, false)
    }

    /// A plan for an image of `rows × columns`.
    ///
    /// # Errors
    /// As [`Self::lines`].
    pub fn image(gpu: &Gpu, rows: usize, columns: usize) -> Result<Self> {
        Self::with(gpu, rows, columns, true)
    }

    fn with(gpu: &Gpu, rows: usize, length: usize, columns: bool) -> Result<Self> {
        let shape = HalfPlaneShape {
            length,
            rows,
            filled: rows,
            first: 0,
            keep: length / 2 + 1,
            columns,
        };
        let plane = GpuHalfPlane::new(gpu, precision_for::<T>(gpu)?, shape)?;
        if !plane.is_whole() {
            // Rows that the host sends are sent at once.
            let spacing = plane.spacing() * plane.rows_in().precision().bytes();
            gpu.check_binding("rows", (rows * length * spacing) as u64)?;
        }
        Ok(Self {
            gpu: gpu.clone(),
            plane,
            element: PhantomData,
        })
    }

    /// The transform between buffers of the device.
    #[must_use]
    pub fn plane(&self) -> &GpuHalfPlane {
        &self.plane
    }

    /// The spectrum, exponent −2πi: `[rows][length/2 + 1]`.
    ///
    /// # Errors
    /// [`crate::Error::Length`]; [`crate::Error::Gpu`].
    pub fn forward(&self, samples: &[T]) -> Result<Vec<Complex<T>>> {
        let HalfPlaneShape { length, rows, .. } = self.plane.shape();
        check_length("samples", samples.len(), length * rows)?;
        let mut numbers = widened(samples.iter().copied());
        if self.plane.spacing() == 2 {
            numbers = numbers.into_iter().flat_map(|x| [x, 0.0]).collect();
        }
        let mut list = CommandList::new();
        list.upload_reals(self.plane.rows_in(), &numbers)?;
        self.plane.record_forward(&mut list, Sign::Negative);
        let back = list.read_back_reals(self.plane.plane_out());
        Ok(complexes(&self.gpu.run(list)?.take_reals(back)))
    }

    /// The samples times their number, exponent +2πi.
    ///
    /// # Errors
    /// [`crate::Error::Length`]; [`crate::Error::Gpu`].
    pub fn inverse(&self, spectrum: &[Complex<T>]) -> Result<Vec<T>> {
        let HalfPlaneShape {
            length, rows, keep, ..
        } = self.plane.shape();
        check_length("spectrum", spectrum.len(), keep * rows)?;
        let numbers: Vec<f64> = spectrum
            .iter()
            .flat_map(|z| [z.re.as_f64(), z.im.as_f64()])
            .collect();
        let mut list = CommandList::new();
        list.upload_reals(self.plane.plane_in(), &numbers)?;
        self.plane.record_transpose(&mut list, Sign::Positive);
        let back = list.read_back_reals(self.plane.rows_out());
        let found = self.gpu.run(list)?.take_reals(back);
        let samples = found
            .into_iter()
            .step_by(self.plane.spacing())
            .map(T::from_f64_rounded);
        Ok(samples.take(length * rows).collect())
    }
}
