//! Interpolation between the radii of a table.

/// Straight lines between increasing `x`; constant outside.
pub(super) fn linear(x: &[f64], y: &[f64], at: f64) -> f64 {
    let above = x.partition_point(|&x| x <= at);
    if above == 0 {
        return y[0];
    }
    if above == x.len() {
        return y[above - 1];
    }
    let t = (at - x[above - 1]) / (x[above] - x[above - 1]);
    y[above - 1] + t * (y[above] - y[above - 1])
}

/// The natural cubic spline; constant outside.
#[derive(Debug)]
pub(super) struct LogSpline<'a> {
    x: &'a [f64],
    y: &'a [f64],
    /// Second derivatives, zero at both ends.
    bend: Vec<f64>,
}

impl<'a> LogSpline<'a> {
    pub(super) fn new(x: &'a [f64], y: &'a [f64]) -> Self {
        let n = x.len();
        let mut bend = vec![0.0; n];
        // The tridiagonal equations of continuous first derivatives, eliminated forwards.
        let mut upper = vec![0.0; n];
        for k in 1..n.saturating_sub(1) {
            let (before, after) = (x[k] - x[k - 1], x[k + 1] - x[k]);
            let jump = (y[k + 1] - y[k]) / after - (y[k] - y[k - 1]) / before;
            let pivot = 2.0 * (before + after) - before * upper[k - 1];
            upper[k] = after / pivot;
            bend[k] = (6.0 * jump - before * bend[k - 1]) / pivot;
        }
        for k in (1..n.saturating_sub(1)).rev() {
            bend[k] -= upper[k] * bend[k + 1];
        }
        Self { x, y, bend }
    }

    pub(super) fn at(&self, at: f64) -> f64 {
        let (x, y) = (self.x, self.y);
        let above = x.partition_point(|&x| x <= at);
        if above == 0 {
            return y[0];
        }
        if above == x.len() {
            return y[above - 1];
        }
        let width = x[above] - x[above - 1];
        let b = (at - x[above - 1]) / width;
        let a = 1.0 - b;
        let cubic = (a * a * a - a) * self.bend[above - 1] + (b * b * b - b) * self.bend[above];
        a * y[above - 1] + b * y[above] + cubic * width * width / 6.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spline_converges_on_a_smooth_function() {
        // f″ vanishes at both ends, as the natural spline's does.
        let f = |x: f64| (std::f64::consts::PI * x).sin();
        let error = |n: usize| {
            let x: Vec<f64> = (0..=n).map(|k| k as f64 / n as f64).collect();
            let y: Vec<f64> = x.iter().map(|&x| f(x)).collect();
            let spline = LogSpline::new(&x, &y);
            (0..1000)
                .map(|k| f64::from(k) / 1000.0)
                .map(|x| (spline.at(x) - f(x)).abs())
                .fold(0.0, f64::max)
        };
        // Fourth order: 16 times less for half the spacing.
        let ratio = error(10) / error(20);
        assert!((14.0..18.0).contains(&ratio), "{ratio}");
        assert!(error(20) < 1e-5);
    }
}
