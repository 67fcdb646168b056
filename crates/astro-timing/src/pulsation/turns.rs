//! Phases in turns, reduced modulo one before they are rounded.
//!
//! A mission time of 10⁸ s at 100 Hz is 10¹⁰ turns; one product in `f64` would
//! round that to 2·10⁻⁶ turns. Here products and sums carry their rounding errors
//! (Dekker 1971), so that the fraction of a turn keeps about 10⁻¹⁵ up to 10¹⁵ turns.

/// An unevaluated sum of a number and a much smaller one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pair {
    pub(crate) high: f64,
    pub(crate) low: f64,
}

impl From<f64> for Pair {
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

/// a + b exactly (Knuth).
#[inline(always)]
pub(crate) fn sum(a: f64, b: f64) -> Pair {
    let high = a + b;
    let part = high - a;
    let low = (a - (high - part)) + (b - part);
    Pair { high, low }
}

/// a·b exactly (Dekker), for |a|, |b| < 10²⁹⁰. No fused multiplication: without the
/// instruction it is a slow call.
#[inline(always)]
pub(crate) fn product(a: f64, b: f64) -> Pair {
    let high = a * b;
    let (a1, a2) = split(a);
    let (b1, b2) = split(b);
    let low = ((a1 * b1 - high) + a1 * b2 + a2 * b1) + a2 * b2;
    Pair { high, low }
}

/// Halves of 26 bits (Veltkamp).
#[inline(always)]
fn split(a: f64) -> (f64, f64) {
    const FACTOR: f64 = 134_217_729.0; // 2²⁷ + 1
    let c = FACTOR * a;
    let high = c - (c - a);
    (high, a - high)
}

impl Pair {
    #[inline(always)]
    pub(crate) fn add(self, other: Self) -> Self {
        let s = sum(self.high, other.high);
        let low = s.low + (self.low + other.low);
        sum(s.high, low)
    }

    #[inline(always)]
    pub(crate) fn multiply(self, other: Self) -> Self {
        let p = product(self.high, other.high);
        let low = p.low + (self.high * other.low + self.low * other.high);
        sum(p.high, low)
    }

    /// The fraction of a turn, in [0, 1).
    #[inline(always)]
    pub(crate) fn fraction(self) -> f64 {
        // x − ⌊x⌋ is exact; the rest is below one unit of the last place of x.
        let turn = (self.high - self.high.floor()) + self.low;
        let turn = turn - turn.floor();
        // −10⁻²⁰ − ⌊−10⁻²⁰⌋ rounds to 1.
        if turn < 1.0 { turn } else { 0.0 }
    }

    /// Whole turns below, as the fraction counts them.
    pub(crate) fn cycle(self) -> f64 {
        let whole = self.high.floor();
        let cycle = whole + ((self.high - whole) + self.low).floor();
        let fraction = ((self.high - whole) + self.low) - (cycle - whole);
        if fraction < 1.0 { cycle } else { cycle + 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_sums_are_exact() {
        // (2³⁰ + 1)² = 2⁶⁰ + 2³¹ + 1: the last 1 does not fit into 53 bits.
        let a = 1_073_741_825.0;
        let p = product(a, a);
        let whole = p.high as i128 + p.low as i128;
        assert_eq!(whole, 1_073_741_825i128 * 1_073_741_825);
        let s = sum(1e16, 1.0);
        assert_eq!(s.high as i128 + s.low as i128, 10_000_000_000_000_001);
    }

    #[test]
    fn fractions_are_below_one() {
        let tiny = Pair {
            high: 5.0,
            low: -1e-20,
        };
        assert_eq!(tiny.fraction(), 0.0);
        assert_eq!(tiny.cycle(), 5.0);
        let below = Pair {
            high: 5.0,
            low: -1e-10,
        };
        assert_eq!(below.fraction(), 1.0 - 1e-10);
        assert_eq!(below.cycle(), 4.0);
        assert_eq!(Pair::from(-0.25).fraction(), 0.75);
        assert_eq!(Pair::from(-0.25).cycle(), -1.0);
    }
}
