//! The figure of a fit.

use anyhow::Result;
use astro_timing::modeling::{FittedSpectrum, SpectralModel, SpectrumData};

use super::data::Spectrum;
use crate::plot::Figure;
use crate::plot::figures::{FittedCurve, spectrum_fit};

/// Bins of a figure grow by this.
const GROWTH: f64 = 0.03;
/// Points along the curves.
const CURVE: usize = 600;

/// Data in bins that grow, the model and its components, and data over model.
pub(crate) fn figure(
    model: &SpectralModel,
    fitted: &FittedSpectrum,
    spectrum: &Spectrum,
) -> Result<Figure> {
    let data = &spectrum.data;
    let values = fitted.values();
    let expected = model.values(&values, data.frequency_hz())?;
    let (first, last) = (data.frequency_hz()[0], data.frequency_hz()[data.len() - 1]);
    let step = (last / first).ln() / (CURVE - 1) as f64;
    let along: Vec<f64> = (0..CURVE)
        .map(|k| first * (k as f64 * step).exp())
        .collect();
    let curve = |model: &SpectralModel, values: &[f64]| -> Result<Vec<(f64, f64)>> {
        let powers = model.values(values, &along)?;
        Ok(along.iter().copied().zip(powers).collect())
    };
    let mut components = Vec::new();
    let mut begin = 0;
    let all = model.components();
    let text = model.to_string();
    for component in &all {
        let end = begin + component.parameters().len();
        let one = SpectralModel::from(*component);
        // Factors of a product are not powers that add up to it.
        if all.len() > 1 && !text.contains('*') {
            let name = fitted.parameters()[begin].name.split('.').next();
            let label = name.unwrap_or_default().replace('_', " ");
            components.push((label, curve(&one, &values[begin..end])?));
        }
        begin = end;
    }
    let [frequency_hz, power, error, expected] = grown(data, &expected);
    Ok(spectrum_fit(&FittedCurve {
        quantity: spectrum.label().to_owned(),
        frequency_hz,
        power,
        error,
        expected,
        model: curve(model, &values)?,
        components,
    }))
}

/// Means of frequency, power and model, and the errors of the means, in bins that grow.
fn grown(data: &SpectrumData, expected: &[f64]) -> [Vec<f64>; 4] {
    let mut columns = [const { Vec::new() }; 4];
    let (f, n) = (data.frequency_hz(), data.len());
    let mut begin = 0;
    while begin < n {
        let limit = f[begin] * (1.0 + GROWTH);
        let end = (begin + 1..n).find(|&i| f[i] >= limit).unwrap_or(n);
        let weight: f64 = data.averages()[begin..end].iter().sum();
        let mean = |values: &[f64]| {
            let pairs = values[begin..end].iter().zip(&data.averages()[begin..end]);
            pairs.map(|(x, m)| x * m).sum::<f64>() / weight
        };
        let modelled = mean(expected);
        let row = [
            mean(f),
            mean(data.power()),
            modelled / weight.sqrt(),
            modelled,
        ];
        columns
            .iter_mut()
            .zip(row)
            .for_each(|(column, x)| column.push(x));
        begin = end;
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_of_the_figure_are_weighted_means() {
        let data = SpectrumData::with_averages(
            vec![100.0, 101.0, 120.0],
            vec![2.0, 4.0, 7.0],
            vec![3.0, 1.0, 4.0],
        )
        .unwrap();
        let [f, p, e, m] = grown(&data, &[2.0, 2.0, 8.0]);
        assert_eq!((f.len(), p[0], p[1]), (2, 2.5, 7.0));
        assert_eq!((m[0], e[0], e[1]), (2.0, 1.0, 4.0));
    }
}
