//! Models as text: `lorentzian + power_law + constant`.

use std::fmt;
use std::str::FromStr;

use super::model::Node;
use super::{Component, SpectralModel};
use crate::error::{Error, Result};

const ALL: [Component; 6] = [
    Component::Constant,
    Component::PowerLaw,
    Component::BendingPowerLaw,
    Component::SmoothlyBrokenPowerLaw,
    Component::Lorentzian,
    Component::GeneralizedLorentzian,
];

/// Sums, products and parentheses of component names; case, `_` and `-` in names do not matter.
///
/// ```
/// use astro_timing::modeling::SpectralModel;
/// let model: SpectralModel = "2 lorentzian + powerlaw * (constant + Lorentzian)".parse()?;
/// assert_eq!(model.parameter_count(), 3 + 3 + 2 + 1 + 3);
/// assert_eq!(model.to_string(), "lorentzian + lorentzian + power_law * (constant + lorentzian)");
/// assert!("lorentzian + gaussian".parse::<SpectralModel>().is_err());
/// # Ok::<(), astro_timing::Error>(())
/// ```
impl FromStr for SpectralModel {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut parser = Parser {
            text,
            tokens: tokens(text),
            place: 0,
        };
        let model = parser.sum()?;
        match parser.peek() {
            None => Ok(model),
            Some(_) => Err(parser.unexpected("`+`, `*` or the end")),
        }
    }
}

impl fmt::Display for SpectralModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_node(f, &self.root, false)
    }
}

fn write_node(f: &mut fmt::Formatter<'_>, node: &Node, inside_product: bool) -> fmt::Result {
    let list = |f: &mut fmt::Formatter<'_>, nodes: &[Node], sign: &str, product: bool| {
        for (index, node) in nodes.iter().enumerate() {
            if index > 0 {
                write!(f, " {sign} ")?;
            }
            write_node(f, node, product)?;
        }
        Ok(())
    };
    match node {
        Node::Component(component) => f.write_str(component.name()),
        Node::Product(factors) => list(f, factors, "*", true),
        Node::Sum(terms) if inside_product => {
            f.write_str("(")?;
            list(f, terms, "+", false)?;
            f.write_str(")")
        }
        Node::Sum(terms) => list(f, terms, "+", false),
    }
}

/// Words, and signs by themselves.
fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut begin = 0;
    let sign = |c: char| "+*()".contains(c);
    for (index, c) in text.char_indices() {
        if sign(c) || c.is_whitespace() {
            if begin < index {
                found.push(&text[begin..index]);
            }
            if sign(c) {
                found.push(&text[index..=index]);
            }
            begin = index + c.len_utf8();
        }
    }
    if begin < text.len() {
        found.push(&text[begin..]);
    }
    found
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<&'a str>,
    place: usize,
}

/// Most components of one kind that a number in front of a name makes.
const MOST_COPIES: usize = 20;

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.place).copied()
    }

    fn takes(&mut self, sign: &str) -> bool {
        let there = self.peek() == Some(sign);
        self.place += usize::from(there);
        there
    }

    fn unexpected(&self, expected: &'static str) -> Error {
        Error::ModelText {
            text: self.text.to_owned(),
            found: self.peek().unwrap_or("the end").to_owned(),
            expected,
        }
    }

    fn sum(&mut self) -> Result<SpectralModel> {
        let mut sum = self.product()?;
        while self.takes("+") {
            sum = sum + self.product()?;
        }
        Ok(sum)
    }

    fn product(&mut self) -> Result<SpectralModel> {
        let mut product = self.factor()?;
        while self.takes("*") {
            product = product * self.factor()?;
        }
        Ok(product)
    }

    fn factor(&mut self) -> Result<SpectralModel> {
        if self.takes("(") {
            let inside = self.sum()?;
            return if self.takes(")") {
                Ok(inside)
            } else {
                Err(self.unexpected("`)`"))
            };
        }
        let copies = self.peek().and_then(|word| word.parse::<usize>().ok());
        self.place += usize::from(copies.is_some());
        let copies = copies.unwrap_or(1);
        if !(1..=MOST_COPIES).contains(&copies) {
            self.place -= 1;
            return Err(self.unexpected("a number from 1 to 20 in front of a component"));
        }
        let Some(component) = self.peek().and_then(component) else {
            return Err(self.unexpected(
                "one of constant, power_law, bending_power_law, smoothly_broken_power_law, lorentzian, generalized_lorentzian",
            ));
        };
        self.place += 1;
        let one = || SpectralModel::from(component);
        Ok((1..copies).fold(one(), |sum, _| sum + one()))
    }
}

fn component(word: &str) -> Option<Component> {
    let plain = |name: &str| name.replace(['_', '-'], "").to_ascii_lowercase();
    let wanted = plain(word);
    ALL.into_iter().find(|known| plain(known.name()) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_read_as_they_are_written() {
        let made = (SpectralModel::lorentzian() + SpectralModel::constant())
            * SpectralModel::bending_power_law()
            + SpectralModel::generalized_lorentzian();
        let text = made.to_string();
        assert_eq!(text.parse::<SpectralModel>().unwrap(), made);
        for component in ALL {
            let one: SpectralModel = component.name().to_uppercase().parse().unwrap();
            assert_eq!(one.components(), [component]);
        }
    }

    #[test]
    fn what_is_no_model_is_named() {
        for (text, word) in [
            ("lorentz", "lorentz"),
            ("constant +", "the end"),
            ("constant constant", "constant"),
            ("(constant", "the end"),
            ("0 constant", "0"),
            ("", "the end"),
        ] {
            let error = text.parse::<SpectralModel>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{word}`")), "{error}");
        }
    }
}
