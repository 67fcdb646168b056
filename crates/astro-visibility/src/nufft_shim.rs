//! Direct sums in the shape of the NUFFT, until that lands.
#![allow(missing_docs, unreachable_pub, reason = "until the NUFFT lands")]
use astro_fft::{FftReal, Sign};
use num_complex::Complex;
#[derive(Debug)]
pub struct NufftPoints {
    row: Vec<f64>,
    column: Vec<f64>,
}
#[derive(Debug)]
pub struct RealNufft2<T> {
    shape: [usize; 2],
    p: std::marker::PhantomData<T>,
}
fn e(t: f64) -> Complex<f64> {
    let (s, c) = (std::f64::consts::TAU * (t - t.round())).sin_cos();
    Complex::new(c, s)
}
impl<T: FftReal> RealNufft2<T> {
    pub fn new(shape: [usize; 2], _: Sign, e: f64) -> Result<Self, astro_fft::Error> {
        if e < 1e-13 {
            return Err(astro_fft::Error::RelativeError {
                found: e,
                smallest: 1e-13,
                largest: 1e-3,
            });
        }
        Ok(Self {
            shape,
            p: std::marker::PhantomData,
        })
    }
    pub fn points(&self, row: &[f64], column: &[f64]) -> Result<NufftPoints, astro_fft::Error> {
        Ok(NufftPoints {
            row: row.to_vec(),
            column: column.to_vec(),
        })
    }
    pub fn uniform_to_points_rows(
        &self,
        r: std::ops::Range<usize>,
        fill: &(dyn Fn(usize, &mut [T]) + Sync),
        p: &NufftPoints,
        out: &mut [Complex<T>],
    ) -> Result<(), astro_fft::Error> {
        let mut acc = vec![Complex::new(0.0, 0.0); out.len()];
        let mut row = vec![T::zero(); self.shape[1]];
        for i in r {
            fill(i, &mut row);
            for k in 0..out.len() {
                let mut s = Complex::new(0.0, 0.0);
                for (j, x) in row.iter().enumerate() {
                    s += e(-p.column[k] * (j as f64 - (self.shape[1] / 2) as f64)) * x.as_f64();
                }
                acc[k] += s * e(-p.row[k] * (i as f64 - (self.shape[0] / 2) as f64));
            }
        }
        for (o, a) in out.iter_mut().zip(acc) {
            *o = Complex::new(T::from_f64_rounded(a.re), T::from_f64_rounded(a.im));
        }
        Ok(())
    }
    pub fn points_to_uniform(
        &self,
        c: &[Complex<T>],
        p: &NufftPoints,
        mut out: ndarray::ArrayViewMut2<T>,
    ) -> Result<(), astro_fft::Error> {
        for ((i, j), o) in out.indexed_iter_mut() {
            let mut s = 0.0;
            for k in 0..c.len() {
                let z = e(-p.column[k] * (j as f64 - (self.shape[1] / 2) as f64)
                    - p.row[k] * (i as f64 - (self.shape[0] / 2) as f64));
                s += z.re * c[k].re.as_f64() - z.im * c[k].im.as_f64();
            }
            *o = T::from_f64_rounded(s);
        }
        Ok(())
    }
}
