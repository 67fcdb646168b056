//! H tabulated as short polynomials.

use astro_core::Real;

/// Coefficients of an interval: one cache line in double precision.
pub(super) const DEGREES: usize = 8;

/// H(ρ) as a polynomial of degree 7 on each of many equal intervals.
///
/// With x = ρ · [`inverse_step`](Self::inverse_step), k the integer nearest to
/// x and t = x − k in [−½, ½],
///
/// $$ H(\rho) = \sum_{j=0}^{7} c_{kj}\, t^j $$
///
/// where row k of [`coefficients`](Self::coefficients) holds c_k0 … c_k7.
/// Interval 0 is centered on ρ = 0.
#[derive(Clone, Debug, PartialEq)]
pub struct HankelTable<T> {
    coefficients: Vec<[T; DEGREES]>,
    step: f64,
}

impl<T: Real> HankelTable<T> {
    pub(super) fn zeros(count: usize, step: f64) -> Self {
        Self {
            coefficients: vec![[T::zero(); DEGREES]; count],
            step,
        }
    }

    /// The polynomial of each interval, lowest power first.
    #[must_use]
    pub fn coefficients(&self) -> &[[T; DEGREES]] {
        &self.coefficients
    }

    /// The coefficients, to accumulate a gradient in.
    pub fn coefficients_mut(&mut self) -> &mut [[T; DEGREES]] {
        &mut self.coefficients
    }

    /// Width of an interval in ρ.
    #[must_use]
    pub fn step(&self) -> f64 {
        self.step
    }

    /// One over the width of an interval.
    #[must_use]
    pub fn inverse_step(&self) -> f64 {
        1.0 / self.step
    }

    /// H(ρ), or nothing beyond the end of the table. H is even.
    #[inline]
    #[must_use]
    pub fn evaluate(&self, rho: f64) -> Option<T> {
        let (index, t) = self.locate(rho)?;
        let t = T::from_f64_rounded(t);
        let row = &self.coefficients[index];
        Some((row.iter().rev()).fold(T::zero(), |sum, &c| sum * t + c))
    }

    /// H(ρ) and dH/dρ, or nothing beyond the end of the table.
    ///
    /// The relative error of the derivative is larger than that of H, by a
    /// factor of about 16: it is that of a polynomial of one degree less.
    #[must_use]
    pub fn evaluate_with_derivative(&self, rho: f64) -> Option<(T, T)> {
        let (index, t) = self.locate(rho)?;
        let t = T::from_f64_rounded(t);
        let mut value = T::zero();
        let mut slope = T::zero();
        for &c in self.coefficients[index].iter().rev() {
            slope = slope * t + value;
            value = value * t + c;
        }
        let sign = if rho < 0.0 { -1.0 } else { 1.0 };
        Some((value, slope * T::from_f64_rounded(sign / self.step)))
    }

    /// The transpose of [`evaluate`](Self::evaluate): adds g·t^j to the
    /// coefficients that H(ρ) is computed from. False beyond the end.
    pub fn accumulate(&mut self, rho: f64, g: T) -> bool {
        let Some((index, t)) = self.locate(rho) else {
            return false;
        };
        let t = T::from_f64_rounded(t);
        let mut power = g;
        for c in &mut self.coefficients[index] {
            *c += power;
            power *= t;
        }
        true
    }

    /// The same table in another precision.
    #[must_use]
    pub fn to_precision<U: Real>(&self) -> HankelTable<U> {
        let convert = |row: &[T; DEGREES]| row.map(|c| U::from_f64_rounded(c.as_f64()));
        HankelTable {
            coefficients: self.coefficients.iter().map(convert).collect(),
            step: self.step,
        }
    }

    #[inline]
    fn locate(&self, rho: f64) -> Option<(usize, f64)> {
        // Rounds by truncation, which every processor does in one instruction.
        let x = rho.abs() * self.inverse_step() + 0.5;
        let inside = x < self.coefficients.len() as f64;
        inside.then(|| {
            let index = x as usize;
            (index, x - 0.5 - index as f64)
        })
    }
}
