//! Samples of several parameters, one by one and in pairs.

use ndarray::Array2;

use crate::plot::Figure;
use crate::plot::color::Color;
use crate::plot::contour;
use crate::plot::panel::{Axis, Mark, Panel, TICK_SIZE};
use crate::plot::scale::decimal;
use crate::plot::scene::{Anchor, Rect, Scene, Stroke};

/// The samples of one parameter.
#[derive(Clone, Debug)]
pub(crate) struct CornerParameter {
    /// Symbol, such as "σ" or "*i*".
    pub(crate) name: String,
    /// Unit as written after a number, such as "″"; may be empty.
    pub(crate) unit: String,
    pub(crate) samples: Vec<f64>,
    /// The value that made the data, where known.
    pub(crate) truth: Option<f64>,
}

/// Fractions of a two-dimensional Gaussian within 1, 2 and 3 σ.
const LEVELS: [f64; 3] = [0.3935, 0.8647, 0.9889];
const CELL: f64 = 112.0;
const GAP: f64 = 6.0;
const TOP: f64 = 30.0;
/// Tick labels of neighbours must not meet.
const OVERHANG: f64 = GAP / 2.0 - 1.0;

/// Histograms on the diagonal with median and 68 % interval; below it, the
/// regions that hold 39 %, 86 % and 99 % of the samples.
pub(crate) fn corner(parameters: &[CornerParameter]) -> Figure {
    let ranges: Vec<(f64, f64)> = parameters.iter().map(range).collect();
    let count = parameters.len();
    let panel_at = |row: usize, column: usize| {
        let x = axis(&parameters[column], ranges[column], row + 1 == count);
        if row == column {
            histogram(&parameters[row], ranges[row], x)
        } else {
            let y = axis(&parameters[row], ranges[row], column == 0);
            density(
                (&parameters[column], ranges[column], x),
                (&parameters[row], ranges[row], y),
            )
        }
    };
    let panels: Vec<(usize, usize, Panel)> = (0..count)
        .flat_map(|row| (0..=row).map(move |column| (row, column)))
        .map(|(row, column)| (row, column, panel_at(row, column)))
        .collect();
    let left = panels
        .iter()
        .map(|(_, _, panel)| panel.margins().left)
        .fold(0.0, f64::max)
        + 6.0;
    let side = CELL * count as f64 + GAP * (count as f64 - 1.0);
    // The last title may be wider than its panel.
    let mut scene = Scene::new(
        left + side + 34.0,
        TOP + side + 42.0,
        "Corner plot of the posterior samples",
    );
    for (row, column, panel) in &panels {
        let x = left + (CELL + GAP) * *column as f64;
        let y = TOP + (CELL + GAP) * *row as f64;
        panel.draw(&mut scene, Rect::new(x, y, CELL, CELL), left - 3.0);
    }
    for (index, parameter) in parameters.iter().enumerate() {
        let x = left + (CELL + GAP) * index as f64 + CELL / 2.0;
        let y = TOP + (CELL + GAP) * index as f64 - 9.0;
        scene.text(
            &summary(parameter),
            (x, y),
            TICK_SIZE,
            Anchor::Middle,
            Color::INK,
        );
    }
    Figure(scene)
}

fn axis(parameter: &CornerParameter, (low, high): (f64, f64), labelled: bool) -> Axis {
    let label = if parameter.unit.is_empty() {
        parameter.name.clone()
    } else {
        format!("{} [{}]", parameter.name, parameter.unit.trim())
    };
    let axis = Axis::linear(&label).with_range(low, high).with_ticks(4);
    if labelled { axis } else { axis.unlabelled() }
}

/// "name = median with upper and lower error", two digits of the smaller error.
fn summary(parameter: &CornerParameter) -> String {
    let [low, median, high] = quantiles(&parameter.samples, [0.15865, 0.5, 0.84135]);
    let (up, down) = (high - median, median - low);
    let smaller = up.min(down);
    let digits = if smaller > 0.0 && smaller.is_finite() {
        (1 - smaller.log10().floor() as i32).clamp(0, 9) as usize
    } else {
        3
    };
    let unit = match parameter.unit.as_str() {
        "" => String::new(),
        symbol @ ("″" | "°") => symbol.to_owned(),
        word => format!(" {word}"),
    };
    format!(
        "{} = {}^{{+{}}}_{{−{}}}{unit}",
        parameter.name,
        decimal(median, digits),
        decimal(up, digits),
        decimal(down, digits),
    )
}

fn quantiles<const N: usize>(samples: &[f64], fractions: [f64; N]) -> [f64; N] {
    let mut sorted: Vec<f64> = samples.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    fractions.map(|fraction| {
        let place = fraction * sorted.len().saturating_sub(1) as f64;
        let low = place as usize;
        match (sorted.get(low), sorted.get(low + 1)) {
            (Some(&a), Some(&b)) => a + (b - a) * (place - low as f64),
            (Some(&a), None) => a,
            _ => f64::NAN,
        }
    })
}

/// Nearly all samples with a margin, and the truth.
fn range(parameter: &CornerParameter) -> (f64, f64) {
    let [low, high] = quantiles(&parameter.samples, [0.0015, 0.9985]);
    let inside = parameter.truth.into_iter().filter(|x| x.is_finite());
    let (low, high) = inside.fold((low, high), |(l, h), x| (l.min(x), h.max(x)));
    let margin = 0.07 * (high - low);
    if margin > 0.0 {
        (low - margin, high + margin)
    } else if low.is_finite() {
        let half = 0.5 * low.abs().max(1e-300);
        (low - half, low + half)
    } else {
        (0.0, 1.0)
    }
}

fn bin_count(samples: usize) -> usize {
    ((samples as f64).cbrt() * 1.6).clamp(12.0, 48.0) as usize
}

fn bin(value: f64, (low, high): (f64, f64), bins: usize) -> Option<usize> {
    let place = (value - low) / (high - low) * bins as f64;
    (place >= 0.0 && place < bins as f64).then_some(place as usize)
}

fn histogram(parameter: &CornerParameter, range: (f64, f64), x: Axis) -> Panel {
    let bins = bin_count(parameter.samples.len());
    let mut counts = vec![0.0_f64; bins];
    for &value in &parameter.samples {
        if let Some(index) = bin(value, range, bins) {
            counts[index] += 1.0;
        }
    }
    let highest = counts.iter().copied().fold(1.0, f64::max);
    let edge = |index: usize| range.0 + (range.1 - range.0) * index as f64 / bins as f64;
    let mut steps = vec![(range.0, 0.0)];
    for (index, &count) in counts.iter().enumerate() {
        let height = count / highest;
        steps.extend([(edge(index), height), (edge(index + 1), height)]);
    }
    steps.push((range.1, 0.0));
    let y = Axis::linear("")
        .with_range(0.0, 1.12)
        .unlabelled()
        .with_ticks(0);
    let mut panel = Panel::new(x, y);
    panel.overhang = OVERHANG;
    panel.mark(Mark::Region {
        outlines: vec![steps.clone()],
        fill: Some(Color::BLUE.with_opacity(0.22)),
        stroke: None,
    });
    panel.mark(Mark::Line {
        points: steps,
        stroke: Stroke::solid(Color::BLUE, 1.2),
    });
    for x in quantiles(&parameter.samples, [0.15865, 0.5, 0.84135]) {
        panel.mark(Mark::Vertical {
            x,
            stroke: Stroke::dashed(Color::INK, 0.9),
        });
    }
    if let Some(x) = parameter.truth {
        panel.mark(Mark::Vertical {
            x,
            stroke: Stroke::solid(Color::ORANGE, 1.5),
        });
    }
    panel
}

fn density(
    (across, x_range, x): (&CornerParameter, (f64, f64), Axis),
    (up, y_range, y): (&CornerParameter, (f64, f64), Axis),
) -> Panel {
    let bins = bin_count(across.samples.len()).max(20);
    let mut counts = Array2::<f64>::zeros((bins, bins));
    for (&a, &b) in across.samples.iter().zip(&up.samples) {
        if let (Some(column), Some(row)) = (bin(a, x_range, bins), bin(b, y_range, bins)) {
            counts[[row, column]] += 1.0;
        }
    }
    let smooth = smoothed(&counts, 1.3);
    let place =
        |(low, high): (f64, f64), index: f64| low + (high - low) * (index + 0.5) / bins as f64;
    let mut panel = Panel::new(x, y);
    panel.overhang = OVERHANG;
    for (index, level) in levels(&smooth).into_iter().enumerate() {
        let outlines = contour::loops(&smooth, level)
            .into_iter()
            .map(|corners| {
                let at = |(column, row)| (place(x_range, column), place(y_range, row));
                corners.into_iter().map(at).collect()
            })
            .collect();
        let shade = [0.80, 0.52, 0.18][index];
        panel.mark(Mark::Region {
            outlines,
            fill: Some(Color::BLUE.mix(Color::WHITE, shade)),
            stroke: Some(Stroke::solid(Color::BLUE.mix(Color::INK, 0.25), 0.7)),
        });
    }
    if let Some(x) = across.truth {
        panel.mark(Mark::Vertical {
            x,
            stroke: Stroke::solid(Color::ORANGE, 1.2),
        });
    }
    if let Some(y) = up.truth {
        panel.mark(Mark::Horizontal {
            y,
            stroke: Stroke::solid(Color::ORANGE, 1.2),
        });
    }
    if let (Some(x), Some(y)) = (across.truth, up.truth) {
        panel.mark(Mark::Points {
            points: vec![(x, y)],
            error: Vec::new(),
            radius: 2.6,
            color: Color::ORANGE,
        });
    }
    panel
}

/// Convolved with a Gaussian of `sigma` bins.
fn smoothed(counts: &Array2<f64>, sigma: f64) -> Array2<f64> {
    let reach = (4.0 * sigma).ceil() as isize;
    let kernel: Vec<f64> = (-reach..=reach)
        .map(|k| (-0.5 * (k as f64 / sigma).powi(2)).exp())
        .collect();
    let total: f64 = kernel.iter().sum();
    let along_rows = |input: &Array2<f64>| {
        Array2::from_shape_fn(input.dim(), |(row, column)| {
            let terms = kernel.iter().zip(-reach..).map(|(weight, shift)| {
                let from = column.checked_add_signed(shift);
                let value = from.and_then(|c| input.get((row, c))).copied();
                weight * value.unwrap_or(0.0)
            });
            terms.sum::<f64>() / total
        })
    };
    let once = along_rows(counts).reversed_axes();
    along_rows(&once.as_standard_layout().to_owned())
        .reversed_axes()
        .as_standard_layout()
        .to_owned()
}

/// Densities whose regions hold [`LEVELS`] of all, from the widest region to the narrowest.
fn levels(density: &Array2<f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = density.iter().copied().collect();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let total: f64 = sorted.iter().sum();
    if total <= 0.0 {
        return Vec::new();
    }
    let mut found: Vec<f64> = LEVELS
        .iter()
        .map(|fraction| {
            let mut within = 0.0;
            let last = sorted.iter().find(|&&value| {
                within += value;
                within >= fraction * total
            });
            last.copied().unwrap_or(0.0)
        })
        .collect();
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_show_two_digits_of_the_error() {
        // 0, 1, …, 100: median 50, 68 % within 15.865 … 84.135.
        let parameter = CornerParameter {
            name: "x".into(),
            unit: "″".into(),
            samples: (0..=100).map(|i| 1.0 + f64::from(i) * 1e-4).collect(),
            truth: None,
        };
        assert_eq!(summary(&parameter), "x = 1.0050^{+0.0034}_{−0.0034}″");
    }

    #[test]
    fn smoothing_keeps_the_sum_and_the_place() {
        let mut counts = Array2::zeros((31, 33));
        counts[[15, 10]] = 7.0;
        let smooth = smoothed(&counts, 1.3);
        assert!((smooth.sum() - 7.0).abs() < 1e-12);
        let peak = smooth.iter().copied().fold(0.0, f64::max);
        assert_eq!(smooth[[15, 10]], peak);
    }

    #[test]
    fn levels_of_a_gaussian_lie_at_one_two_and_three_sigma() {
        const SIGMA: f64 = 12.0;
        let density = Array2::from_shape_fn((121, 121), |(i, j)| {
            let r2 = (i as f64 - 60.0).powi(2) + (j as f64 - 60.0).powi(2);
            (-0.5 * r2 / (SIGMA * SIGMA)).exp()
        });
        let found = levels(&density);
        for (level, n_sigma) in found.iter().zip([3.0, 2.0, 1.0]) {
            let radius = (-2.0 * level.ln()).sqrt();
            // Pixels are 1/12 σ: the radius is known to about a pixel.
            assert!((radius - n_sigma).abs() < 0.05, "{radius} for {n_sigma}");
        }
    }
}
