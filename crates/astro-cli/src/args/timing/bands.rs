//! `--bands`: edges of energy bands, or how many between two energies.

use std::str::FromStr;

/// Ascending edges of neighbouring bands, keV.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BandEdges(pub(crate) Vec<f64>);

impl FromStr for BandEdges {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str =
            "edges E0,E1,…, or LOW:HIGH:N for N bands of equal ratio, keV, ascending and above 0";
        let wrong = || format!("{text:?} is not {FORM}");
        let number = |text: &str| {
            text.trim()
                .parse::<f64>()
                .ok()
                .filter(|x| x.is_finite() && *x > 0.0)
        };
        let parts: Vec<&str> = text.split(':').collect();
        let edges = match parts[..] {
            [low, high, count] => {
                let (low, high) = number(low).zip(number(high)).ok_or_else(wrong)?;
                let count = count
                    .trim()
                    .parse::<u32>()
                    .ok()
                    .filter(|n| (1..=10_000).contains(n));
                let count = count.ok_or_else(wrong)?;
                let part = |i: u32| f64::from(i) / f64::from(count);
                let mut edges: Vec<f64> = (0..=count)
                    .map(|i| low * (high / low).powf(part(i)))
                    .collect();
                // Not through a power: the last edge is what was asked for.
                if let Some(last) = edges.last_mut() {
                    *last = high;
                }
                edges
            }
            [list] => list
                .split(',')
                .map(number)
                .collect::<Option<_>>()
                .ok_or_else(wrong)?,
            _ => return Err(wrong()),
        };
        if edges.len() < 2 || !edges.is_sorted_by(|a, b| a < b) {
            return Err(wrong());
        }
        Ok(Self(edges))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_listed_or_spaced_by_ratio() {
        let edges = |text: &str| text.parse::<BandEdges>().map(|edges| edges.0);
        assert_eq!(edges("0.5,1, 3").unwrap(), [0.5, 1.0, 3.0]);
        let spaced = edges("0.5:8:4").unwrap();
        for (found, expected) in spaced.iter().zip([0.5, 1.0, 2.0, 4.0, 8.0]) {
            assert!((found - expected).abs() < 1e-12);
        }
        for text in [
            "3", "3,1", "8:0.5:3", "1:2:0", "1:2", "a,b", "0,1", "1:2:3:4",
        ] {
            assert!(edges(text).is_err(), "{text}");
        }
    }
}
