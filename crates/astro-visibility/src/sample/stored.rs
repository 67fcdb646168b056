//! Visibilities that were computed for all points at once, as the NUFFT does.

use astro_core::Real;
use num_complex::Complex;
use pulp::Simd;

use crate::drive::Sampler;
use crate::kernel::Lane;

/// Values in point order; padding reads as zero.
pub(crate) struct StoredSampler<'a, T> {
    pub(crate) values: &'a [Complex<T>],
}

impl<T: Real> Sampler for StoredSampler<'_, T> {
    #[inline(always)]
    fn sample<S: Simd>(
        &self,
        _simd: S,
        start: usize,
        _u: &Lane,
        _v: &Lane,
        re: &mut Lane,
        im: &mut Lane,
    ) {
        let values = &self.values[start..];
        for ((a, b), z) in re.iter_mut().zip(im).zip(values) {
            *a = z.re.as_f64();
            *b = z.im.as_f64();
        }
    }
}
