//! From numbers to places on an axis: linear and logarithmic scales, their
//! ticks and the labels of these.

/// How numbers are spread along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spacing {
    Linear,
    /// Numbers that are not positive have no place.
    Logarithmic,
}

/// A tick: where, and what is written there (nothing at a minor tick).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    pub(crate) label: Option<String>,
}

/// Ticks of an axis and the power of ten taken out of their labels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ticks {
    pub(crate) ticks: Vec<Tick>,
    /// Labels are to be multiplied by ten to this power; zero almost always.
    pub(crate) exponent: i32,
}

impl Spacing {
    /// Where `value` lies between `low` (0) and `high` (1); NaN if nowhere.
    pub(crate) fn fraction(self, value: f64, (low, high): (f64, f64)) -> f64 {
        match self {
            Self::Linear => (value - low) / (high - low),
            Self::Logarithmic if value > 0.0 => (value / low).ln() / (high / low).ln(),
            Self::Logarithmic => f64::NAN,
        }
    }

    /// Ticks in `[low, high]`, about `count` of them with labels; none for a count of zero.
    pub(crate) fn ticks(self, range: (f64, f64), count: usize) -> Ticks {
        match self {
            _ if count == 0 => Ticks {
                ticks: Vec::new(),
                exponent: 0,
            },
            Self::Linear => linear_ticks(range, count),
            Self::Logarithmic => logarithmic_ticks(range, count),
        }
    }
}

/// A range that shows all finite `values`, with a margin of `margin` times its length.
///
/// Only positive values count on a logarithmic axis. Equal or missing values
/// still give a range that can be drawn.
pub(crate) fn range_of(
    values: impl IntoIterator<Item = f64>,
    spacing: Spacing,
    margin: f64,
) -> (f64, f64) {
    let forward = |x: f64| match spacing {
        Spacing::Linear => x,
        Spacing::Logarithmic => x.ln(),
    };
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for place in values.into_iter().map(forward).filter(|x| x.is_finite()) {
        low = low.min(place);
        high = high.max(place);
    }
    if low > high {
        (low, high) = (0.0, 1.0);
    }
    let pad = if high > low {
        margin * (high - low)
    } else {
        0.5 * low.abs().max(1e-300)
    };
    let (low, high) = (low - pad, high + pad);
    match spacing {
        Spacing::Linear => (low, high),
        Spacing::Logarithmic => (low.exp(), high.exp()),
    }
}

fn linear_ticks((low, high): (f64, f64), count: usize) -> Ticks {
    let rough = (high - low) / count as f64;
    let decade = 10_f64.powf(rough.log10().floor());
    let (multiple, minor_count) = match rough / decade {
        m if m < 1.5 => (1.0, 5),
        m if m < 3.5 => (2.0, 4),
        m if m < 7.5 => (5.0, 5),
        _ => (10.0, 5),
    };
    let step = multiple * decade;
    let minor = step / f64::from(minor_count);
    let slack = 1e-9 * step;
    let largest = low.abs().max(high.abs());
    let exponent = match largest.log10().floor() as i32 {
        power if (-2..=4).contains(&power) || largest == 0.0 => 0,
        power => power,
    };
    let digits = (exponent - step.log10().floor() as i32).max(0) as usize;
    let first = ((low - slack) / minor).ceil() as i64;
    let last = ((high + slack) / minor).floor() as i64;
    let ticks = (first..=last)
        .map(|index| {
            let value = index as f64 * minor;
            let major = index.rem_euclid(i64::from(minor_count)) == 0;
            let label = major.then(|| decimal(value / 10_f64.powi(exponent), digits));
            Tick { value, label }
        })
        .collect();
    Ticks { ticks, exponent }
}

/// A number with a true minus sign, and no sign on zero.
pub(crate) fn decimal(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| matches!(b, b'0' | b'.')) => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

fn logarithmic_ticks((low, high): (f64, f64), count: usize) -> Ticks {
    let decades = (high / low).log10();
    let slack = 1e-9;
    let first = low.log10().floor() as i32;
    let last = high.log10().ceil() as i32;
    let stride = (decades / count as f64).ceil().max(1.0) as i32;
    // Few decades have room for labels between the powers of ten.
    let labelled: &[i32] = match decades {
        d if d < 0.8 => &[1, 2, 3, 4, 5, 6, 7, 8, 9],
        d if d < 1.2 => &[1, 2, 3, 5],
        d if d < 2.2 => &[1, 3],
        _ => &[1],
    };
    let mut ticks = Vec::new();
    for power in first..=last {
        for digit in 1..10 {
            let value = f64::from(digit) * 10_f64.powi(power);
            if value < low * (1.0 - slack) || value > high * (1.0 + slack) {
                continue;
            }
            let wanted = labelled.contains(&digit) && power.rem_euclid(stride) == 0;
            let label = wanted.then(|| power_label(digit, power, first, last));
            ticks.push(Tick { value, label });
        }
    }
    Ticks { ticks, exponent: 0 }
}

/// Plain numbers where the whole axis is near one, else powers of ten.
fn power_label(digit: i32, power: i32, first: i32, last: i32) -> String {
    if first >= -3 && last <= 4 {
        let value = f64::from(digit) * 10_f64.powi(power);
        return decimal(value, (-power).max(0) as usize);
    }
    let power = decimal(power.into(), 0);
    match digit {
        1 => format!("10^{{{power}}}"),
        _ => format!("{digit}×10^{{{power}}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(spacing: Spacing, range: (f64, f64), count: usize) -> Vec<String> {
        let ticks = spacing.ticks(range, count);
        ticks.ticks.into_iter().filter_map(|t| t.label).collect()
    }

    #[test]
    fn linear_labels_are_round_and_show_the_digits_they_need() {
        assert_eq!(
            labels(Spacing::Linear, (-0.2, 1.1), 5),
            ["−0.2", "0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            labels(Spacing::Linear, (0.0, 100.0), 4),
            ["0", "20", "40", "60", "80", "100"]
        );
    }

    #[test]
    fn large_and_small_numbers_share_an_exponent() {
        let ticks = Spacing::Linear.ticks((0.0, 3e-5), 3);
        assert_eq!(ticks.exponent, -5);
        assert_eq!(
            labels(Spacing::Linear, (0.0, 3e-5), 3),
            ["0", "1", "2", "3"]
        );
    }

    #[test]
    fn decades_are_powers_with_minor_ticks() {
        assert_eq!(
            labels(Spacing::Logarithmic, (1e4, 1e8), 8),
            ["10^{4}", "10^{5}", "10^{6}", "10^{7}", "10^{8}"]
        );
        assert_eq!(
            labels(Spacing::Logarithmic, (0.5, 200.0), 8),
            ["1", "10", "100"]
        );
        let all = Spacing::Logarithmic.ticks((1.0, 10.0), 4).ticks;
        assert_eq!(all.len(), 10);
    }

    #[test]
    fn fractions_run_from_zero_to_one() {
        let range = (1.0, 100.0);
        assert!((Spacing::Logarithmic.fraction(10.0, range) - 0.5).abs() < 1e-15);
        assert!(Spacing::Logarithmic.fraction(-1.0, range).is_nan());
        assert_eq!(Spacing::Linear.fraction(100.0, range), 1.0);
    }

    #[test]
    fn ranges_can_always_be_drawn() {
        for values in [vec![], vec![3.0], vec![0.0, 0.0], vec![f64::NAN]] {
            let (low, high) = range_of(values, Spacing::Linear, 0.05);
            assert!(low < high);
        }
        assert_eq!(
            range_of([-5.0, 1.0, 100.0], Spacing::Logarithmic, 0.0).0,
            1.0
        );
    }
}
