//! Which tick labels find room beside each other.

use super::panel::TICK_SIZE;
use super::text;

/// Least distance between two labels, points.
const SPACE: f64 = 7.0;

/// All labels, or every so many of them, such that none meets another or leaves the frame.
///
/// Labels are centered at their place; `left` and `right` end the frame. Where even spacing
/// leaves one label alone, which gives no scale, the outermost two are taken.
pub(crate) fn side_by_side(
    mut labels: Vec<(f64, &str)>,
    (left, right): (f64, f64),
) -> Vec<(f64, &str)> {
    let half = |label: &str| text::width(label, TICK_SIZE) / 2.0;
    labels.retain(|&(x, label)| x - half(label) >= left && x + half(label) <= right);
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let apart = |labels: &[(f64, &str)]| {
        let mut pairs = labels.windows(2);
        pairs.all(|pair| pair[1].0 - pair[0].0 >= half(pair[0].1) + half(pair[1].1) + SPACE)
    };
    let every = |stride: usize, offset: usize| -> Vec<(f64, &str)> {
        labels
            .iter()
            .skip(offset)
            .step_by(stride)
            .copied()
            .collect()
    };
    let even = (1..=labels.len())
        .flat_map(|stride| (0..stride).map(move |offset| (stride, offset)))
        .map(|(stride, offset)| every(stride, offset))
        .find(|labels| apart(labels))
        .unwrap_or_default();
    match (even.len(), labels.as_slice()) {
        (0 | 1, &[first, .., last]) if apart(&[first, last]) => vec![first, last],
        _ => even,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(places: &[f64], label: &str, right: f64) -> Vec<f64> {
        let labels = places.iter().map(|&x| (x, label)).collect();
        side_by_side(labels, (0.0, right))
            .iter()
            .map(|l| l.0)
            .collect()
    }

    #[test]
    fn labels_thin_out_evenly_until_they_fit() {
        let width = text::width("0.00", TICK_SIZE);
        let places: Vec<f64> = (1..8).map(|k| f64::from(k) * 0.8 * width).collect();
        let found = kept(&places, "0.00", 100.0 * width);
        assert_eq!(found, [places[0], places[2], places[4], places[6]]);
        assert_eq!(kept(&places, "0", 100.0 * width), places);
    }

    #[test]
    fn the_outermost_two_stay_rather_than_one_alone() {
        let width = text::width("0.00", TICK_SIZE);
        let places = [0.5, 0.95, 1.4, 1.85].map(|x| x * width);
        // Strides of two and three still touch by the space between.
        assert_eq!(kept(&places, "0.00", 2.35 * width).len(), 2);
        assert!(kept(&[0.1], "0.00", 50.0).is_empty());
    }
}
