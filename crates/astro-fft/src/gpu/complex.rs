//! Complex transforms.

use std::marker::PhantomData;

use astro_gpu::shaders::Precision;
use astro_gpu::{CommandList, Gpu, Reals};
use num_complex::Complex;

use super::lines::{LineFft, Lines};
use super::{check_countable, complexes, precision_for};
use crate::error::{check_length, check_not_empty};
use crate::{FftReal, Result, Sign};

/// Transforms of a batch of complex lines or images, in place, on a GPU.
///
/// ```
/// use astro_fft::{GpuComplexFft, Sign};
/// use astro_gpu::{Gpu, GpuOptions};
/// use num_complex::Complex;
///
/// let Ok(gpu) = Gpu::open(&GpuOptions::default()) else { return Ok(()) };
/// let fft = GpuComplexFft::<f32>::lines(&gpu, 11, 3)?;
/// let mut data = vec![Complex::new(1.0, 0.0); 33];
/// fft.process(&mut data, Sign::Negative)?;
/// assert!((data[11] - Complex::new(11.0, 0.0)).norm() < 1e-4 && data[12].norm() < 1e-4);
/// # Ok::<(), astro_fft::Error>(())
/// ```
#[derive(Debug)]
pub struct GpuComplexFft<T> {
    gpu: Gpu,
    passes: Vec<LineFft>,
    data: Reals,
    spare: Reals,
    element: PhantomData<T>,
}

impl<T: FftReal> GpuComplexFft<T> {
    /// A plan for `batch` lines of `length` samples each.
    ///
    /// # Errors
    /// [`crate::Error::Empty`], [`crate::Error::TooLarge`], [`crate::Error::Gpu`].
    pub fn lines(gpu: &Gpu, length: usize, batch: usize) -> Result<Self> {
        check_not_empty("length", length)?;
        check_not_empty("batch", batch)?;
        check_countable(length, batch)?;
        let precision = precision_for::<T>(gpu)?;
        let fft = LineFft::new(gpu, precision, length, Lines::rows(batch, length))?;
        Self::with(gpu, precision, vec![fft], length * batch)
    }

    /// A plan for `batch` images of `rows × columns`.
    ///
    /// # Errors
    /// As [`Self::lines`].
    pub fn images(gpu: &Gpu, rows: usize, columns: usize, batch: usize) -> Result<Self> {
        check_not_empty("rows", rows)?;
        check_not_empty("columns", columns)?;
        check_not_empty("batch", batch)?;
        check_countable(rows, columns)?;
        check_countable(rows * columns, batch)?;
        let precision = precision_for::<T>(gpu)?;
        let along_rows = LineFft::new(gpu, precision, columns, Lines::rows(rows * batch, columns))?;
        let along_columns =
            LineFft::new(gpu, precision, rows, Lines::columns(rows, columns, batch))?;
        Self::with(
            gpu,
            precision,
            vec![along_rows, along_columns],
            rows * columns * batch,
        )
    }

    fn with(gpu: &Gpu, precision: Precision, passes: Vec<LineFft>, samples: usize) -> Result<Self> {
        gpu.check_binding("samples", (2 * samples * precision.bytes()) as u64)?;
        Ok(Self {
            gpu: gpu.clone(),
            passes,
            data: gpu.reals("samples", 2 * samples, precision)?,
            spare: gpu.reals("samples", 2 * samples, precision)?,
            element: PhantomData,
        })
    }

    /// The precision that it computes in.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.data.precision()
    }

    /// Where samples go before [`Self::record`]: pairs of real and imaginary part.
    #[must_use]
    pub fn samples(&self) -> &Reals {
        &self.data
    }

    /// Transforms [`Self::samples`] on the device; returns where the spectrum is.
    pub fn record(&self, list: &mut CommandList<'_>, sign: Sign) -> &Reals {
        let (mut here, mut there) = (&self.data, &self.spare);
        for fft in &self.passes {
            if fft.record(list, here, there, sign) {
                std::mem::swap(&mut here, &mut there);
            }
        }
        here
    }

    /// Transforms all lines or images, one after the other in `data`.
    ///
    /// # Errors
    /// [`crate::Error::Length`]; [`crate::Error::Gpu`].
    pub fn process(&self, data: &mut [Complex<T>], sign: Sign) -> Result<()> {
        check_length("data", data.len(), self.data.len() / 2)?;
        let numbers: Vec<f64> = data
            .iter()
            .flat_map(|z| [z.re.as_f64(), z.im.as_f64()])
            .collect();
        let mut list = CommandList::new();
        list.upload_reals(&self.data, &numbers)?;
        let spectrum = self.record(&mut list, sign);
        let back = list.read_back_reals(spectrum);
        let found = self.gpu.run(list)?.take_reals(back);
        data.copy_from_slice(&complexes(&found));
        Ok(())
    }
}
