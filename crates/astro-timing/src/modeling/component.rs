//! What power spectra are made of.

use serde::{Deserialize, Serialize};

/// A component of a spectral model, of the frequency f in hertz.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Component {
    /// A: a noise level. astropy's `Const1D`.
    Constant,
    /// A f^−γ. astropy's `PowerLaw1D` about 1 Hz.
    PowerLaw,
    /// A f^−γ₁/[1 + (f/b)^(γ₂ − γ₁)]: index γ₁ below the bend b, γ₂ above (McHardy et al. 2004).
    BendingPowerLaw,
    /// A f^−γ₁ [1 + (f/b)²]^((γ₁ − γ₂)/2): a gentler bend. Stingray's `SmoothBrokenPowerLaw`.
    SmoothlyBrokenPowerLaw,
    /// A (w/2)²/[(f − f₀)² + (w/2)²], w the full width at half maximum. astropy's `Lorentz1D`.
    Lorentzian,
    /// A (w/2)^α/[|f − f₀|^α + (w/2)^α]. Stingray's `GeneralizedLorentz1D`.
    GeneralizedLorentzian,
}

/// A parameter of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComponentParameter {
    /// Its name.
    pub name: &'static str,
    /// Its unit; empty for a pure number, or that of the power.
    pub unit: &'static str,
    /// Whether it must be above 0: it is then fitted as its logarithm.
    pub positive: bool,
}

const fn positive(name: &'static str, unit: &'static str) -> ComponentParameter {
    ComponentParameter {
        name,
        unit,
        positive: true,
    }
}

const fn any(name: &'static str, unit: &'static str) -> ComponentParameter {
    ComponentParameter {
        name,
        unit,
        positive: false,
    }
}

const CONSTANT: &[ComponentParameter] = &[positive("amplitude", "")];
const POWER_LAW: &[ComponentParameter] = &[positive("amplitude", ""), any("index", "")];
const BENDING: &[ComponentParameter] = &[
    positive("amplitude", ""),
    any("index_low", ""),
    any("index_high", ""),
    positive("bend_hz", "Hz"),
];
const LORENTZIAN: &[ComponentParameter] = &[
    positive("amplitude", ""),
    any("center_hz", "Hz"),
    positive("fwhm_hz", "Hz"),
];
const GENERALIZED: &[ComponentParameter] = &[
    positive("amplitude", ""),
    any("center_hz", "Hz"),
    positive("fwhm_hz", "Hz"),
    positive("exponent", ""),
];

impl Component {
    /// Its name in the names of parameters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::PowerLaw => "power_law",
            Self::BendingPowerLaw => "bending_power_law",
            Self::SmoothlyBrokenPowerLaw => "smoothly_broken_power_law",
            Self::Lorentzian => "lorentzian",
            Self::GeneralizedLorentzian => "generalized_lorentzian",
        }
    }

    /// Its parameters in order: A, then γ or γ₁, γ₂, b, or f₀, w, α.
    pub fn parameters(self) -> &'static [ComponentParameter] {
        match self {
            Self::Constant => CONSTANT,
            Self::PowerLaw => POWER_LAW,
            Self::BendingPowerLaw | Self::SmoothlyBrokenPowerLaw => BENDING,
            Self::Lorentzian => LORENTZIAN,
            Self::GeneralizedLorentzian => GENERALIZED,
        }
    }

    /// Values at frequencies f with logarithms `ln_f`, and the derivatives by each parameter in
    /// rows of `gradient` (none where it is empty).
    pub(super) fn evaluate(
        self,
        p: &[f64],
        f: &[f64],
        ln_f: &[f64],
        value: &mut [f64],
        gradient: &mut [f64],
    ) {
        let n = f.len();
        match (self, p) {
            (Self::Constant, &[a]) => {
                value.fill(a);
                gradient.fill(1.0);
            }
            (Self::PowerLaw, &[a, index]) => {
                let [by_a, by_index] = rows(gradient, n);
                for i in 0..n {
                    let shape = (-index * ln_f[i]).exp();
                    value[i] = a * shape;
                    set(by_a, i, shape);
                    set(by_index, i, -ln_f[i] * value[i]);
                }
            }
            (Self::BendingPowerLaw, &[a, low, high, bend]) => {
                let [by_a, by_low, by_high, by_bend] = rows(gradient, n);
                let ln_bend = bend.ln();
                for i in 0..n {
                    let x = ln_f[i] - ln_bend;
                    // 1/(1 + e^{(γ₂ − γ₁) x}) and its complement, without overflow.
                    let below = 1.0 / (1.0 + ((high - low) * x).exp());
                    let above = 1.0 / (1.0 + ((low - high) * x).exp());
                    let shape = (-low * ln_f[i]).exp() * below;
                    value[i] = a * shape;
                    set(by_a, i, shape);
                    set(by_low, i, value[i] * (x * above - ln_f[i]));
                    set(by_high, i, -value[i] * x * above);
                    set(by_bend, i, value[i] * (high - low) * above / bend);
                }
            }
            (Self::SmoothlyBrokenPowerLaw, &[a, low, high, bend]) => {
                let [by_a, by_low, by_high, by_bend] = rows(gradient, n);
                for i in 0..n {
                    let x2 = (f[i] / bend).powi(2);
                    let ln_bracket = x2.ln_1p();
                    let shape = (-low * ln_f[i] + 0.5 * (low - high) * ln_bracket).exp();
                    value[i] = a * shape;
                    set(by_a, i, shape);
                    set(by_low, i, value[i] * (0.5 * ln_bracket - ln_f[i]));
                    set(by_high, i, -0.5 * value[i] * ln_bracket);
                    set(by_bend, i, value[i] * (high - low) * x2 / (1.0 + x2) / bend);
                }
            }
            (Self::Lorentzian, &[a, center, fwhm]) => {
                let half2 = 0.25 * fwhm * fwhm;
                for (value, f) in value.iter_mut().zip(f) {
                    let d = f - center;
                    *value = a * half2 / (d * d + half2);
                }
                if gradient.is_empty() {
                    return;
                }
                let [by_a, by_center, by_fwhm] = rows(gradient, n);
                let (per_a, per_half2) = (1.0 / a, 1.0 / half2);
                for i in 0..n {
                    let (v, d) = (value[i], f[i] - center);
                    let shape = v * per_a;
                    by_a[i] = shape;
                    // v/(d² + w²/4) = shape v/(w²/4).
                    let slope = 2.0 * shape * v * per_half2;
                    by_center[i] = slope * d;
                    by_fwhm[i] = slope * d * d / fwhm;
                }
            }
            (Self::GeneralizedLorentzian, &[a, center, fwhm, exponent]) => {
                let [by_a, by_center, by_fwhm, by_exponent] = rows(gradient, n);
                let ln_half = (0.5 * fwhm).ln();
                for i in 0..n {
                    let d = f[i] - center;
                    let ln_ratio = d.abs().ln() - ln_half;
                    // r = (|d|/(w/2))^α; at the centre r = 0, and so are its slopes for α > 1.
                    let r = if d == 0.0 {
                        0.0
                    } else {
                        (exponent * ln_ratio).exp()
                    };
                    let shape = 1.0 / (1.0 + r);
                    value[i] = a * shape;
                    // r/(1 + r) tends to 1 where r overflows.
                    let share = if r.is_finite() { r * shape } else { 1.0 };
                    let slope = value[i] * share;
                    set(by_a, i, shape);
                    set(
                        by_center,
                        i,
                        if d == 0.0 { 0.0 } else { slope * exponent / d },
                    );
                    set(by_fwhm, i, slope * exponent / fwhm);
                    set(
                        by_exponent,
                        i,
                        if d == 0.0 { 0.0 } else { -slope * ln_ratio },
                    );
                }
            }
            // Parameters are counted where they enter.
            _ => value.fill(f64::NAN),
        }
    }
}

/// The first rows of a gradient; empty ones where there is none.
fn rows<const ROWS: usize>(gradient: &mut [f64], length: usize) -> [&mut [f64]; ROWS] {
    let mut rest = gradient.chunks_exact_mut(length.max(1));
    std::array::from_fn(|_| rest.next().unwrap_or_default())
}

fn set(row: &mut [f64], index: usize, value: f64) {
    if let Some(place) = row.get_mut(index) {
        *place = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const ALL: [(Component, &[f64]); 6] = [
        (Component::Constant, &[2.0]),
        (Component::PowerLaw, &[3.0, 1.3]),
        (Component::BendingPowerLaw, &[3.0, 0.8, 2.1, 1.7]),
        (Component::SmoothlyBrokenPowerLaw, &[3.0, 0.8, 2.1, 1.7]),
        (Component::Lorentzian, &[6.0, 2.5, 0.7]),
        (Component::GeneralizedLorentzian, &[6.0, 2.5, 0.7, 2.6]),
    ];

    fn value(component: Component, p: &[f64], f: f64) -> f64 {
        let mut out = [0.0];
        component.evaluate(p, &[f], &[f.ln()], &mut out, &mut []);
        out[0]
    }

    #[test]
    fn values_are_their_formulas() {
        let f = 0.9f64;
        let expected = [
            2.0,
            3.0 * f.powf(-1.3),
            3.0 * f.powf(-0.8) / (1.0 + (f / 1.7).powf(1.3)),
            3.0 * f.powf(-0.8) * (1.0 + (f / 1.7).powi(2)).powf(-0.65),
            6.0 * 0.35f64.powi(2) / (1.6f64.powi(2) + 0.35f64.powi(2)),
            6.0 * 0.35f64.powf(2.6) / (1.6f64.powf(2.6) + 0.35f64.powf(2.6)),
        ];
        for ((component, p), expected) in ALL.into_iter().zip(expected) {
            assert!(
                (value(component, p, f) / expected - 1.0).abs() < 1e-13,
                "{component:?}"
            );
        }
    }

    #[test]
    fn gradients_are_derivatives() {
        let f = [0.05, 0.9, 2.4, 2.5, 40.0];
        let ln_f = f.map(f64::ln);
        for (component, p) in ALL {
            let mut values = [0.0; 5];
            let mut gradient = vec![0.0; 5 * p.len()];
            component.evaluate(p, &f, &ln_f, &mut values, &mut gradient);
            for k in 0..p.len() {
                let h = 1e-6 * p[k];
                let shifted = |step: f64| {
                    let mut q = p.to_vec();
                    q[k] += step;
                    q
                };
                for i in 0..5 {
                    let up = value(component, &shifted(h), f[i]);
                    let down = value(component, &shifted(-h), f[i]);
                    let numeric = (up - down) / (2.0 * h);
                    let found = gradient[5 * k + i];
                    let scale = values[i].abs() / p[k];
                    assert!(
                        (numeric - found).abs() < 1e-7 * (scale + found.abs()),
                        "{component:?} {k} {i}"
                    );
                }
            }
        }
    }

    #[test]
    fn extremes_stay_finite() {
        for f in [1e-300, 1e-9, 1e9, 1e300] {
            let p = [1.0, -1.0, 400.0, 1.0];
            assert!(!value(Component::BendingPowerLaw, &p, f).is_nan());
            assert!(!value(Component::GeneralizedLorentzian, &[1.0, 0.0, 1.0, 40.0], f).is_nan());
        }
    }
}
