//! Where a fit may start when nobody says.

use super::{Component, SpectralModel, SpectrumData};

/// Narrowest and widest boxes in which a line is looked for, in bins.
const NARROWEST: usize = 2;

/// Fraction of the highest frequencies that show the level.
const LEVEL_PART: f64 = 0.2;

impl SpectralModel {
    /// Values to start a fit from, seen in the data: the level from the highest frequencies, power
    /// laws from the slope of what exceeds it at the lowest, and lines, one after another, where a box
    /// of any place and width stands out most over the components before.
    ///
    /// A guess, not a fit: of a product only the first factor has an amplitude other than 1, and
    /// blended lines need starts by hand.
    ///
    /// ```
    /// use astro_timing::modeling::{SpectralModel, SpectrumData};
    /// use astro_timing::simulate::simulated_powers;
    /// let model: SpectralModel = "lorentzian + constant".parse()?;
    /// let f: Vec<f64> = (1..1000).map(|k| 0.02 * f64::from(k)).collect();
    /// let power = simulated_powers(&model.values(&[6.0, 5.0, 1.0, 2.0], &f)?, 10, 3)?;
    /// let start = model.guess(&SpectrumData::new(f, power, 10.0)?);
    /// assert!((start[1] - 5.0).abs() < 0.5 && (start[3] - 2.0).abs() < 0.2);
    /// # Ok::<(), astro_timing::Error>(())
    /// ```
    pub fn guess(&self, data: &SpectrumData) -> Vec<f64> {
        let components = self.components();
        let level = level(data);
        let floor = 1e-3 * level;
        let has_level = components.contains(&Component::Constant);
        let mut model = vec![if has_level { level } else { 0.0 }; data.len()];
        let mut starts: Vec<Vec<f64>> = vec![Vec::new(); components.len()];
        let mut amplitude_taken = false;
        let broad = |c: &Component| {
            !matches!(
                c,
                Component::Constant | Component::Lorentzian | Component::GeneralizedLorentzian
            )
        };
        for (component, start) in components.iter().zip(&mut starts) {
            if *component == Component::Constant {
                // A second level would be the same parameter twice.
                *start = vec![if amplitude_taken { floor } else { level }];
                amplitude_taken = true;
            } else if broad(component) {
                *start = power_law(*component, data, &model, floor);
                add(*component, start, data, &mut model);
            }
        }
        for (component, start) in components.iter().zip(&mut starts) {
            if start.is_empty() {
                *start = line(*component, data, &model, floor);
                add(*component, start, data, &mut model);
            }
        }
        self.unit_amplitudes_in_products(&mut starts);
        starts.concat()
    }
}

fn add(component: Component, start: &[f64], data: &SpectrumData, model: &mut [f64]) {
    let mut values = vec![0.0; data.len()];
    component.evaluate(
        start,
        &data.frequency_hz,
        &data.ln_frequency,
        &mut values,
        &mut [],
    );
    model.iter_mut().zip(values).for_each(|(sum, x)| *sum += x);
}

/// The mean power at the highest frequencies, never quite 0.
fn level(data: &SpectrumData) -> f64 {
    let n = data.len();
    let used = ((LEVEL_PART * n as f64).ceil() as usize).clamp(1, n);
    let (mut sum, mut weight) = (0.0, 0.0);
    for i in n - used..n {
        sum += data.averages[i] * data.power[i];
        weight += data.averages[i];
    }
    let scale = data.power.iter().map(|p| p.abs()).sum::<f64>() / n as f64;
    (sum / weight).max(1e-6 * scale).max(f64::MIN_POSITIVE)
}

/// From powers in octaves, where they exceed the model by two errors.
fn power_law(component: Component, data: &SpectrumData, model: &[f64], floor: f64) -> Vec<f64> {
    let (f, n) = (&data.frequency_hz, data.len());
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut begin = 0;
    while begin < n {
        let end = (begin + 1..n).find(|&i| f[i] > 2.0 * f[begin]).unwrap_or(n);
        let (mut excess, mut variance, mut ln_f) = (0.0, 0.0, 0.0);
        for i in begin..end {
            excess += data.power[i] - model[i];
            variance += data.power[i].powi(2) / data.averages[i];
            ln_f += data.ln_frequency[i];
        }
        let count = (end - begin) as f64;
        if excess > 2.0 * variance.sqrt() {
            points.push((ln_f / count, (excess / count).ln()));
        }
        begin = end;
    }
    let n = points.len();
    if component == Component::PowerLaw {
        let (amplitude, index) = straight(&points).unwrap_or((floor, 1.0));
        return vec![amplitude.max(floor), index.clamp(0.0, 4.0)];
    }
    // A bend between the lower and the upper half, each with its own slope.
    let (lower, upper) = points.split_at(n.div_ceil(2));
    let (amplitude, low) = straight(lower).unwrap_or((floor, 1.0));
    let low = low.clamp(-1.0, 4.0);
    let high = straight(upper).map_or(low + 1.0, |(_, index)| index.clamp(low + 0.5, 6.0));
    let bend = match upper.first() {
        Some(point) => point.0.exp(),
        None => (f[0] * f[data.len() - 1]).sqrt(),
    };
    vec![amplitude.max(floor), low, high, bend]
}

/// Amplitude at 1 Hz and index of the straight line through points of logarithms.
fn straight(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    if points.len() < 2 {
        return None;
    }
    let count = points.len() as f64;
    let x = points.iter().map(|p| p.0).sum::<f64>() / count;
    let y = points.iter().map(|p| p.1).sum::<f64>() / count;
    let slope = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>()
        / points.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>();
    Some(((y - slope * x).exp(), -slope))
}

/// The box of bins that exceeds the model most, in its errors.
fn line(component: Component, data: &SpectrumData, model: &[f64], floor: f64) -> Vec<f64> {
    let (f, n) = (&data.frequency_hz, data.len());
    let cumulative = |value: &dyn Fn(usize) -> f64| {
        let mut sums = vec![0.0];
        for i in 0..n {
            sums.push(sums[i] + value(i));
        }
        sums
    };
    let expected = |i: usize| model[i].max(floor);
    let excess = cumulative(&|i| data.power[i] - model[i]);
    let variance = cumulative(&|i| expected(i).powi(2) / data.averages[i]);
    let (mut best, mut place) = (f64::NEG_INFINITY, (0, n.min(1)));
    let mut width = NARROWEST.min(n);
    while width <= n.div_ceil(2).max(1) {
        for begin in 0..=n - width {
            let end = begin + width;
            let z = (excess[end] - excess[begin]) / (variance[end] - variance[begin]).sqrt();
            if z > best {
                (best, place) = (z, (begin, end));
            }
        }
        width = (width + 1).max(width * 3 / 2);
    }
    let (begin, end) = place;
    let last = end - 1;
    let step = if n > 1 {
        (f[n - 1] - f[0]) / (n - 1) as f64
    } else {
        f[0]
    };
    let mean = (excess[end] - excess[begin]) / (end - begin) as f64;
    // A box of a line's full width at half maximum holds π/4 of its height on average.
    let mut start = vec![
        (mean * 4.0 / std::f64::consts::PI).max(floor),
        0.5 * (f[begin] + f[last]),
        (f[last] - f[begin]).max(step),
    ];
    if component == Component::GeneralizedLorentzian {
        start.push(2.0);
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modeling::SpectrumFit;
    use crate::simulate::simulated_powers;

    /// A fit from the guess reaches the summit that a fit from the truth reaches.
    #[test]
    fn fits_from_guesses_reach_the_summit() {
        let f: Vec<f64> = (1..=2000).map(|k| 0.01 * f64::from(k)).collect();
        for (text, truth) in [
            ("lorentzian + constant", vec![8.0, 4.0, 0.6, 2.0]),
            (
                "power_law + lorentzian + constant",
                vec![0.3, 1.4, 6.0, 7.0, 0.5, 2.0],
            ),
            (
                "2 lorentzian + constant",
                vec![9.0, 3.0, 0.4, 5.0, 9.0, 1.0, 2.0],
            ),
            (
                "bending_power_law + constant",
                vec![2.0, 0.8, 2.2, 2.5, 2.0],
            ),
            ("power_law * constant", vec![3.0, 0.7, 1.0]),
        ] {
            let model: SpectralModel = text.parse().unwrap();
            let power = simulated_powers(&model.values(&truth, &f).unwrap(), 15, 4).unwrap();
            let data = SpectrumData::new(f.clone(), power, 15.0).unwrap();
            let product = text.contains('*');
            let fit = |start: &[f64]| {
                let fit = SpectrumFit::new(&model, &data).start(start);
                // Two amplitudes of a product are one parameter.
                let fit = if product {
                    fit.hold("constant.amplitude").unwrap()
                } else {
                    fit
                };
                fit.run().unwrap()
            };
            let (from_truth, from_guess) = (fit(&truth), fit(&model.guess(&data)));
            let short = from_truth.log_likelihood - from_guess.log_likelihood;
            assert!(short.abs() < 1e-3, "{text}: {short}");
        }
    }

    #[test]
    fn small_spectra_have_guesses_too() {
        let data = SpectrumData::new(vec![1.0], vec![0.0], 1.0).unwrap();
        let model: SpectralModel = "lorentzian + power_law + constant".parse().unwrap();
        assert!(model.check(&model.guess(&data)).is_ok());
    }
}
