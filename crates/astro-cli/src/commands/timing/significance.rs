//! Probabilities in words and in JSON.

use astro_timing::statistics::TailProbability;
use serde_json::{Value, json};

/// `p = 1.2e-9 (6.0 σ)`, also where the probability is too small for a number.
pub(super) fn in_words(probability: TailProbability) -> String {
    let exponent = probability.ln() / std::f64::consts::LN_10;
    let value = if exponent < -300.0 {
        format!("10^{exponent:.0}")
    } else if exponent < -2.0 {
        format!("{:.1e}", probability.value())
    } else {
        format!("{:.3}", probability.value())
    };
    format!("p = {value} ({:.1} σ)", probability.gaussian_sigma())
}

/// A statistic with its probability.
pub(super) fn value(statistic: f64, probability: TailProbability) -> Value {
    json!({
        "statistic": statistic,
        "probability": probability.value(),
        "log10_probability": probability.ln() / std::f64::consts::LN_10,
        "sigma": probability.gaussian_sigma(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiny_probabilities_are_still_said() {
        let p = |ln| in_words(TailProbability::from_ln(ln).unwrap());
        assert_eq!(p(-1000.0), "p = 10^-434 (44.6 σ)");
        assert!(p(-0.5).starts_with("p = 0.607"));
        assert!(p(-20.0).starts_with("p = 2.1e-9"));
    }
}
