//! Direct Fourier sums in `f64`, and random samples: the truth of these tests.

use astro_fft::FftReal;
use ndarray::Array2;
use num_complex::Complex;

pub(crate) type Complex64 = Complex<f64>;

/// Σ_j f_j exp(sign·2πi jk/n) with the phase reduced exactly in integers.
pub(crate) fn direct_sum(samples: &[Complex64], sign: f64) -> Vec<Complex64> {
    let n = samples.len();
    let turns: Vec<Complex64> = (0..n)
        .map(|k| Complex::cis(sign * std::f64::consts::TAU * k as f64 / n as f64))
        .collect();
    (0..n)
        .map(|k| {
            let terms = samples.iter().enumerate();
            terms.map(|(j, value)| value * turns[j * k % n]).sum()
        })
        .collect()
}

/// The same over both axes.
pub(crate) fn direct_sum_2d(image: &Array2<Complex64>, sign: f64) -> Array2<Complex64> {
    let mut out = image.clone();
    for mut row in out.rows_mut() {
        let sum = direct_sum(&row.to_vec(), sign);
        row.iter_mut().zip(sum).for_each(|(to, from)| *to = from);
    }
    for mut column in out.columns_mut() {
        let sum = direct_sum(&column.to_vec(), sign);
        column.iter_mut().zip(sum).for_each(|(to, from)| *to = from);
    }
    out
}

/// Uniform in [−1, 1), exactly representable in `f32`.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> f64 {
        // splitmix64 (Steele, Lea & Flood 2014)
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        (z >> 40) as f64 / (1_u64 << 23) as f64 - 1.0
    }

    pub(crate) fn reals<T: FftReal>(&mut self, n: usize) -> Vec<T> {
        (0..n).map(|_| T::from_f64_rounded(self.next())).collect()
    }

    pub(crate) fn complexes<T: FftReal>(&mut self, n: usize) -> Vec<Complex<T>> {
        let mut next = || T::from_f64_rounded(self.next());
        (0..n).map(|_| Complex::new(next(), next())).collect()
    }
}

pub(crate) fn widen<T: FftReal>(value: Complex<T>) -> Complex64 {
    Complex::new(value.re.as_f64(), value.im.as_f64())
}

/// ‖found − expected‖₂ / ‖expected‖₂.
pub(crate) fn relative_error<T: FftReal>(
    found: impl IntoIterator<Item = Complex<T>>,
    expected: impl IntoIterator<Item = Complex64>,
) -> f64 {
    let mut difference = 0.0;
    let mut norm = 0.0;
    let mut expected = expected.into_iter();
    for found in found {
        let expected = expected.next().expect("as many expected as found values");
        difference += (widen(found) - expected).norm_sqr();
        norm += expected.norm_sqr();
    }
    assert!(
        expected.next().is_none(),
        "as many found as expected values"
    );
    (difference / norm).sqrt()
}

/// The accuracy that the crate promises for n samples: 4 ε log2(n), and three
/// times that where a prime factor above 31 needs Bluestein's algorithm.
pub(crate) fn error_bound<T: FftReal>(lengths: &[usize]) -> f64 {
    let samples: usize = lengths.iter().product();
    let slack = if lengths.iter().any(|n| largest_prime_factor(*n) > 31) {
        3.0
    } else {
        1.0
    };
    4.0 * slack * T::epsilon().as_f64() * (samples as f64).log2().max(1.0)
}

fn largest_prime_factor(mut n: usize) -> usize {
    let mut factor = 2;
    let mut largest = 1;
    while n > 1 {
        while n.is_multiple_of(factor) {
            n /= factor;
            largest = factor;
        }
        factor += 1;
    }
    largest
}
