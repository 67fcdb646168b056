//! What holds for any input.

use astro_infer::{Parameter, ParameterSet, Prior, mean_and_covariance, weighted_quantiles};
use ndarray::{Array1, Array2};
use proptest::prelude::*;

fn prior() -> impl Strategy<Value = Prior> {
    let interval = (-50.0..50.0f64, 0.01..100.0f64);
    prop_oneof![
        interval
            .clone()
            .prop_map(|(a, w)| Prior::uniform(a, a + w).unwrap()),
        (1e-6..1e3f64, 1.01..1e6f64).prop_map(|(a, r)| Prior::log_uniform(a, a * r).unwrap()),
        interval
            .clone()
            .prop_map(|(m, s)| Prior::normal(m, s).unwrap()),
        (interval, -8.0..8.0f64, 0.1..10.0f64).prop_map(|((m, s), a, w)| {
            Prior::truncated_normal(m, s, m + a * s, m + (a + w) * s).unwrap()
        }),
        (0.0..3.0f64, 0.01..0.14f64).prop_map(|(a, w)| Prior::sine(a, a + w).unwrap()),
    ]
}

proptest! {
    #[test]
    fn the_prior_transform_ascends_within_the_support(prior in prior(), a in 0.0..1.0f64, b in 0.0..1.0f64) {
        let (low, high) = (a.min(b), a.max(b));
        let (x, y) = (prior.value_from_unit(low), prior.value_from_unit(high));
        let (lower, upper) = prior.support();
        prop_assert!(lower <= x && x <= y && y <= upper);
        prop_assert!(prior.ln_density(y) > f64::NEG_INFINITY || high < 1e-12);
        prop_assert!((prior.cumulative(y) - high).abs() < 1e-9);
    }

    #[test]
    fn a_prior_read_back_is_the_same(prior in prior()) {
        let text = serde_json::to_string(&prior).unwrap();
        prop_assert_eq!(serde_json::from_str::<Prior>(&text).unwrap(), prior);
    }

    #[test]
    fn coordinates_and_values_are_inverse(x in -9.0..9.0f64, y in -20.0..20.0f64, fixed in any::<i32>()) {
        let set = ParameterSet::new(vec![
            Parameter::free("x", "", Prior::log_uniform(1e-9, 1e9).unwrap()).log10(),
            Parameter::fixed("f", "", f64::from(fixed)),
            Parameter::free("y", "", Prior::normal(0.0, 1.0).unwrap()),
        ]).unwrap();
        let values = set.values(&[x, y]).unwrap();
        prop_assert_eq!(values[1], f64::from(fixed));
        let back = set.coordinates(&values).unwrap();
        prop_assert!((back[0] - x).abs() < 1e-14 && back[1] == y);
    }

    #[test]
    fn quantiles_ascend_scale_and_ignore_order(
        mut points in prop::collection::vec((-1e3..1e3f64, 0.01..5.0f64), 1..60),
        a in 0.0..1.0f64,
        b in 0.0..1.0f64,
        scale in 0.1..10.0f64,
    ) {
        let fractions = [a.min(b), a.max(b)];
        let split = |points: &[(f64, f64)]| -> (Vec<f64>, Vec<f64>) { points.iter().copied().unzip() };
        let (x, w) = split(&points);
        let q = weighted_quantiles(&x, &w, &fractions).unwrap();
        let (low, high) = x.iter().fold((f64::MAX, f64::MIN), |(l, h), &x| (l.min(x), h.max(x)));
        prop_assert!(low <= q[0] && q[0] <= q[1] && q[1] <= high);
        points.reverse();
        let (x, w) = split(&points);
        let w: Vec<f64> = w.iter().map(|w| w * scale).collect();
        let x: Vec<f64> = x.iter().map(|x| 2.0 * x).collect();
        let again = weighted_quantiles(&x, &w, &fractions).unwrap();
        for k in 0..2 {
            prop_assert!((again[k] - 2.0 * q[k]).abs() < 1e-7);
        }
    }

    #[test]
    fn an_integer_weight_is_a_repetition(
        points in prop::collection::vec((-10.0..10.0f64, -10.0..10.0f64, 1..4usize), 3..20),
    ) {
        let rows = points.len();
        let once = Array2::from_shape_fn((rows, 2), |(i, j)| if j == 0 { points[i].0 } else { points[i].1 });
        let weights: Array1<f64> = points.iter().map(|p| p.2 as f64).collect();
        let repeated: Vec<f64> = points.iter().flat_map(|p| [p.0, p.1].repeat(p.2)).collect();
        let count = repeated.len() / 2;
        let repeated = Array2::from_shape_vec((count, 2), repeated).unwrap();
        let weighted = mean_and_covariance(once.view(), weights.view()).unwrap();
        let plain = mean_and_covariance(repeated.view(), Array1::ones(count).view()).unwrap();
        for (a, b) in weighted.mean.iter().zip(&plain.mean) {
            prop_assert!((a - b).abs() < 1e-12);
        }
        // The two count different numbers of independent points: Σw − Σw²/Σw and n − 1.
        let total = count as f64;
        let squares = weights.iter().map(|w| w * w).sum::<f64>();
        let ratio = (total - squares / total) / (total - 1.0);
        for (a, b) in weighted.covariance.iter().zip(&plain.covariance) {
            prop_assert!((a * ratio - b).abs() < 1e-10);
        }
    }
}
