//! Sums and products of components.

use std::ops::{Add, Mul, Range};

use astro_core::{check_finite, check_lengths};
use serde::{Deserialize, Serialize};

use super::{Component, ComponentParameter};
use crate::error::{Result, require_positive};

/// A model of a power spectrum: components added and multiplied.
///
/// Its parameters are those of its components from left to right, named
/// `lorentzian.center_hz`; a second component of a kind is `lorentzian2`, and so on.
///
/// ```
/// use astro_timing::modeling::SpectralModel;
/// let model = SpectralModel::lorentzian() + SpectralModel::power_law() + SpectralModel::constant();
/// assert_eq!(model.parameter_names()[3], "power_law.amplitude");
/// let values = model.values(&[4.0, 5.0, 2.0, 3.0, 1.0, 2.0], &[1.0, 5.0])?;
/// assert!((values[1] - (4.0 + 0.6 + 2.0)).abs() < 1e-12);
/// # Ok::<(), astro_timing::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpectralModel {
    pub(super) root: Node,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Node {
    Component(Component),
    Sum(Vec<Node>),
    Product(Vec<Node>),
}

impl From<Component> for SpectralModel {
    fn from(component: Component) -> Self {
        Self {
            root: Node::Component(component),
        }
    }
}

impl Add for SpectralModel {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let mut terms = match self.root {
            Node::Sum(terms) => terms,
            node => vec![node],
        };
        match other.root {
            Node::Sum(more) => terms.extend(more),
            node => terms.push(node),
        }
        Self {
            root: Node::Sum(terms),
        }
    }
}

impl Mul for SpectralModel {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let mut factors = match self.root {
            Node::Product(factors) => factors,
            node => vec![node],
        };
        match other.root {
            Node::Product(more) => factors.extend(more),
            node => factors.push(node),
        }
        Self {
            root: Node::Product(factors),
        }
    }
}

impl SpectralModel {
    /// [`Component::Constant`].
    #[must_use]
    pub fn constant() -> Self {
        Component::Constant.into()
    }

    /// [`Component::PowerLaw`].
    #[must_use]
    pub fn power_law() -> Self {
        Component::PowerLaw.into()
    }

    /// [`Component::BendingPowerLaw`].
    #[must_use]
    pub fn bending_power_law() -> Self {
        Component::BendingPowerLaw.into()
    }

    /// [`Component::SmoothlyBrokenPowerLaw`].
    #[must_use]
    pub fn smoothly_broken_power_law() -> Self {
        Component::SmoothlyBrokenPowerLaw.into()
    }

    /// [`Component::Lorentzian`].
    #[must_use]
    pub fn lorentzian() -> Self {
        Component::Lorentzian.into()
    }

    /// [`Component::GeneralizedLorentzian`].
    #[must_use]
    pub fn generalized_lorentzian() -> Self {
        Component::GeneralizedLorentzian.into()
    }

    /// The components from left to right.
    pub fn components(&self) -> Vec<Component> {
        fn collect(node: &Node, found: &mut Vec<Component>) {
            match node {
                Node::Component(component) => found.push(*component),
                Node::Sum(nodes) | Node::Product(nodes) => {
                    nodes.iter().for_each(|node| collect(node, found));
                }
            }
        }
        let mut found = Vec::new();
        collect(&self.root, &mut found);
        found
    }

    /// Sets the amplitudes of all factors but the first of each product to 1; `starts` are of the
    /// components from left to right, amplitudes first.
    pub(super) fn unit_amplitudes_in_products(&self, starts: &mut [Vec<f64>]) {
        fn visit(node: &Node, unit: bool, index: &mut usize, starts: &mut [Vec<f64>]) {
            match node {
                Node::Component(_) => {
                    if unit {
                        starts[*index][0] = 1.0;
                    }
                    *index += 1;
                }
                Node::Sum(terms) => {
                    terms
                        .iter()
                        .for_each(|term| visit(term, unit, index, starts));
                }
                Node::Product(factors) => {
                    for (place, factor) in factors.iter().enumerate() {
                        visit(factor, unit || place > 0, index, starts);
                    }
                }
            }
        }
        visit(&self.root, false, &mut 0, starts);
    }

    /// Number of parameters.
    pub fn parameter_count(&self) -> usize {
        self.root.parameter_count()
    }

    /// The parameters of all components.
    pub fn parameters(&self) -> Vec<ComponentParameter> {
        let components = self.components();
        components
            .iter()
            .flat_map(|c| c.parameters().iter().copied())
            .collect()
    }

    /// Names of the parameters, all different.
    pub fn parameter_names(&self) -> Vec<String> {
        let components = self.components();
        let mut names = Vec::new();
        for (index, component) in components.iter().enumerate() {
            let before = components[..index]
                .iter()
                .filter(|c| *c == component)
                .count();
            let number = if before == 0 {
                String::new()
            } else {
                (before + 1).to_string()
            };
            for parameter in component.parameters() {
                names.push(format!("{}{number}.{}", component.name(), parameter.name));
            }
        }
        names
    }

    /// Requires as many finite values as there are parameters, and positive ones above 0.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self, values: &[f64]) -> Result<()> {
        check_lengths("values", values.len(), "parameters", self.parameter_count())?;
        check_finite("values", values.iter().copied())?;
        for (parameter, &value) in self.parameters().iter().zip(values) {
            if parameter.positive {
                require_positive(parameter.name, value)?;
            }
        }
        Ok(())
    }

    /// The model at frequencies above 0.
    ///
    /// # Errors
    /// Parameters that do not fit; a frequency that is not above 0.
    pub fn values(&self, parameters: &[f64], frequency_hz: &[f64]) -> Result<Vec<f64>> {
        self.check(parameters)?;
        for &f in frequency_hz {
            require_positive("frequency_hz", f)?;
        }
        let ln: Vec<f64> = frequency_hz.iter().map(|f| f.ln()).collect();
        let mut out = vec![0.0; frequency_hz.len()];
        self.evaluate(parameters, frequency_hz, &ln, &mut out, &mut []);
        Ok(out)
    }

    /// The model and, where `gradient` is not empty, its derivatives by each parameter, in
    /// consecutive rows as long as f.
    pub(super) fn evaluate(
        &self,
        parameters: &[f64],
        f: &[f64],
        ln_f: &[f64],
        value: &mut [f64],
        gradient: &mut [f64],
    ) {
        self.root.evaluate(parameters, f, ln_f, value, gradient);
    }
}

impl Node {
    fn parameter_count(&self) -> usize {
        match self {
            Self::Component(component) => component.parameters().len(),
            Self::Sum(nodes) | Self::Product(nodes) => {
                nodes.iter().map(Self::parameter_count).sum()
            }
        }
    }

    fn evaluate(
        &self,
        p: &[f64],
        f: &[f64],
        ln_f: &[f64],
        value: &mut [f64],
        gradient: &mut [f64],
    ) {
        let n = f.len();
        let place = |range: &Range<usize>, gradient: &[f64]| {
            if gradient.is_empty() {
                0..0
            } else {
                range.start * n..range.end * n
            }
        };
        match self {
            Self::Component(component) => component.evaluate(p, f, ln_f, value, gradient),
            Self::Sum(terms) => {
                value.fill(0.0);
                let mut term_value = vec![0.0; n];
                for (term, range) in with_ranges(terms) {
                    let rows = place(&range, gradient);
                    term.evaluate(&p[range], f, ln_f, &mut term_value, &mut gradient[rows]);
                    value
                        .iter_mut()
                        .zip(&term_value)
                        .for_each(|(sum, x)| *sum += x);
                }
            }
            Self::Product(factors) => {
                let mut factor_values = vec![vec![0.0; n]; factors.len()];
                for ((factor, range), out) in with_ranges(factors).zip(&mut factor_values) {
                    let rows = place(&range, gradient);
                    factor.evaluate(&p[range], f, ln_f, out, &mut gradient[rows]);
                }
                for (i, value) in value.iter_mut().enumerate() {
                    *value = factor_values.iter().map(|values| values[i]).product();
                }
                if gradient.is_empty() {
                    return;
                }
                for (index, (_, range)) in with_ranges(factors).enumerate() {
                    let rows = gradient[range.start * n..range.end * n].chunks_exact_mut(n);
                    for row in rows {
                        for (other, values) in factor_values.iter().enumerate() {
                            if other != index {
                                row.iter_mut().zip(values).for_each(|(g, x)| *g *= x);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Nodes with the places of their parameters.
fn with_ranges(nodes: &[Node]) -> impl Iterator<Item = (&Node, Range<usize>)> {
    let mut begin = 0;
    nodes.iter().map(move |node| {
        let range = begin..begin + node.parameter_count();
        begin = range.end;
        (node, range)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_products_nest_with_their_gradients() {
        let model = (SpectralModel::lorentzian() + SpectralModel::constant())
            * SpectralModel::power_law()
            + SpectralModel::lorentzian()
            + SpectralModel::constant();
        assert_eq!(model.parameter_names()[6], "lorentzian2.amplitude");
        assert_eq!(model.parameter_names()[9], "constant2.amplitude");
        let p = [2.0, 3.0, 0.5, 0.7, 1.5, 0.4, 5.0, 1.0, 0.2, 1.9];
        let f = [0.3, 1.1, 2.9];
        let ln_f = f.map(f64::ln);
        let lorentz =
            |a: f64, c: f64, w: f64, f: f64| a * w * w / 4.0 / ((f - c).powi(2) + w * w / 4.0);
        let direct = |p: &[f64], f: f64| {
            (lorentz(p[0], p[1], p[2], f) + p[3]) * p[4] * f.powf(-p[5])
                + lorentz(p[6], p[7], p[8], f)
                + p[9]
        };
        let mut value = [0.0; 3];
        let mut gradient = [0.0; 30];
        model.evaluate(&p, &f, &ln_f, &mut value, &mut gradient);
        let alone = model.values(&p, &f).unwrap();
        for i in 0..3 {
            assert!((value[i] - direct(&p, f[i])).abs() < 1e-12);
            assert_eq!(value[i], alone[i]);
            for k in 0..10 {
                let (mut up, mut down) = (p, p);
                up[k] += 1e-6;
                down[k] -= 1e-6;
                let numeric = (direct(&up, f[i]) - direct(&down, f[i])) / 2e-6;
                assert!((numeric - gradient[3 * k + i]).abs() < 1e-7, "{k} {i}");
            }
        }
    }

    #[test]
    fn parameters_are_checked() {
        let model = SpectralModel::lorentzian();
        assert!(model.check(&[1.0, -2.0, 3.0]).is_ok());
        assert!(model.check(&[1.0, 2.0]).is_err());
        assert!(model.check(&[1.0, 2.0, 0.0]).is_err());
        assert!(model.values(&[1.0, 2.0, 1.0], &[0.0]).is_err());
    }
}
