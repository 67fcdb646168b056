//! A fit in words, as JSON, as a table and as a page.

use std::fmt::Write as _;

use anyhow::Result;
use astro_io::Table;
use astro_timing::modeling::{Calibration, FittedParameter};
use serde_json::{Value, json};

use super::Arguments;
use super::data::Spectrum;
use super::solve::Solved;
use crate::commands::timing::outputs::Outputs;
use crate::plot::figures::{CornerParameter, corner};
use crate::report::Report;
use crate::text;

impl Arguments {
    pub(super) fn text(&self, solved: &Solved, spectrum: &Spectrum) -> String {
        let fitted = &solved.fitted;
        let mut text = format!(
            "{} ({} powers, {}), fitted with {}\n",
            spectrum.words,
            fitted.points,
            match spectrum.normalization.as_str() {
                "" => "normalisation not said",
                name => name,
            },
            solved.model
        );
        let rows = self.rows(solved);
        let header: Vec<String> = self
            .header(solved)
            .iter()
            .map(|&name| name.to_owned())
            .collect();
        text += &text::table(&[&[header][..], &rows].concat());
        // Writing to a String cannot fail.
        for line in self.line_words(solved, spectrum) {
            let _ = writeln!(text, "{line}");
        }
        let _ = write!(
            text,
            "log L {:.4}, AIC {:.3}, BIC {:.3}",
            fitted.log_likelihood,
            fitted.aic(),
            fitted.bic()
        );
        for line in self.test_words(solved) {
            let _ = write!(text, "\n{line}");
        }
        text
    }

    fn header(&self, solved: &Solved) -> Vec<&'static str> {
        let mut header = vec!["parameter", "value", "error"];
        if solved.intervals.is_some() {
            header.push("interval");
        }
        if solved.posterior.is_some() {
            header.push("posterior");
        }
        header
    }

    fn rows(&self, solved: &Solved) -> Vec<Vec<String>> {
        let mut free = 0;
        let mut rows = Vec::new();
        for (index, parameter) in solved.fitted.parameters().iter().enumerate() {
            let mut row = vec![parameter.name.clone()];
            row.extend(value_and_error(parameter));
            if let Some(intervals) = &solved.intervals {
                row.push(match intervals[index] {
                    None => String::new(),
                    Some(interval) => {
                        let end = |end: Option<f64>| {
                            end.map_or("…".to_owned(), |x| digits(x, parameter.error))
                        };
                        format!("{} to {}", end(interval.lower), end(interval.upper))
                    }
                });
            }
            if let Some((_, summaries)) = &solved.posterior {
                if parameter.fixed {
                    row.push(String::new());
                } else {
                    let one = &summaries[free];
                    // Positive parameters are sampled in log₁₀.
                    let value = |x: f64| {
                        if parameter.logarithmic {
                            10f64.powf(x)
                        } else {
                            x
                        }
                    };
                    row.push(text::interval(
                        value(one.median),
                        value(one.lower),
                        value(one.upper),
                    ));
                }
            }
            free += usize::from(!parameter.fixed);
            rows.push(row);
        }
        rows
    }

    fn line_words(&self, solved: &Solved, spectrum: &Spectrum) -> Vec<String> {
        let words = solved.lines.iter().map(|line| {
            let quality = text::measurement(line.quality.0, line.quality.1);
            let mut words = format!("{}: quality factor {quality}", line.name);
            if let Some(factor) = spectrum.to_fractional {
                let scale = factor.sqrt();
                let (rms, error) = line.root_area;
                words += &format!(
                    ", fractional rms {}",
                    text::measurement(scale * rms, scale * error)
                );
            }
            words
        });
        words.collect()
    }

    fn test_words(&self, solved: &Solved) -> Vec<String> {
        let mut words = Vec::new();
        let said = |test: &Calibration| {
            let count = test.simulated.len();
            let failed = match test.failed {
                0 => String::new(),
                failed => format!(" ({failed} more could not be fitted)"),
            };
            format!(
                "p = {:.4} of {count} simulations{failed}",
                test.probability()
            )
        };
        if let Some((model, null, test)) = &solved.against {
            words.push(format!(
                "against {model} (AIC {:.3}, BIC {:.3}): 2 Δ log L = {:.3}, {}",
                null.aic(),
                null.bic(),
                test.statistic,
                said(test)
            ));
        }
        if let Some(test) = &solved.outlier {
            words.push(format!(
                "highest power: 2 P/model = {:.3}, {}",
                test.statistic,
                said(test)
            ));
        }
        words
    }

    /// The parameters as columns of one row each.
    pub(super) fn table(&self, solved: &Solved, spectrum: &Spectrum) -> Result<Table<'static>> {
        let parameters = solved.fitted.parameters();
        let each = |value: &dyn Fn(&FittedParameter) -> f64| -> Vec<f64> {
            parameters.iter().map(value).collect()
        };
        let mut table = Table::new("FIT");
        // npz has no text; there parameters are in the order of the model.
        if self
            .output
            .out
            .as_ref()
            .is_none_or(|path| path.extension().is_none_or(|e| e != "npz"))
        {
            let names: Vec<String> = parameters.iter().map(|p| p.name.clone()).collect();
            table = table.column("PARAMETER", "", names);
        }
        table = table
            .column("VALUE", "", each(&|p| p.value))
            .column("ERROR", "", each(&|p| p.error))
            .column("LOWER", "", each(&|p| p.lower))
            .column("UPPER", "", each(&|p| p.upper))
            .column(
                "FIXED",
                "",
                parameters
                    .iter()
                    .map(|p| i16::from(p.fixed))
                    .collect::<Vec<_>>(),
            );
        let fitted = &solved.fitted;
        Ok(table
            .keyword("MODEL", solved.model.to_string(), "")
            .keyword("NORM", spectrum.normalization.as_str(), "of the powers")
            .keyword(
                "LOGLIKE",
                fitted.log_likelihood,
                "logarithm of the likelihood",
            )
            .keyword("AIC", fitted.aic(), "Akaike's criterion")
            .keyword("BIC", fitted.bic(), "Bayesian criterion")
            .keyword("NPOINTS", fitted.points as i64, "powers fitted"))
    }

    pub(super) fn value(&self, solved: &Solved, spectrum: &Spectrum, outputs: &Outputs) -> Value {
        let fitted = &solved.fitted;
        let mut free = 0;
        let parameters: Vec<Value> = fitted
            .parameters()
            .iter()
            .enumerate()
            .map(|(index, parameter)| {
                let mut value = json!({
                    "name": parameter.name,
                    "value": parameter.value,
                    "error": parameter.error,
                    "lower": parameter.lower,
                    "upper": parameter.upper,
                    "fixed": parameter.fixed,
                    "at_limit": parameter.at_limit,
                });
                if let Some(Some(interval)) = solved.intervals.as_ref().map(|all| all[index]) {
                    value["interval"] = json!([interval.lower, interval.upper]);
                }
                if let Some((_, summaries)) = solved.posterior.as_ref().filter(|_| !parameter.fixed)
                {
                    let one = &summaries[free];
                    let back = |x: f64| {
                        if parameter.logarithmic {
                            10f64.powf(x)
                        } else {
                            x
                        }
                    };
                    value["posterior"] =
                        json!([back(one.median), back(one.lower), back(one.upper)]);
                }
                free += usize::from(!parameter.fixed);
                value
            })
            .collect();
        let lines: Vec<Value> = solved
            .lines
            .iter()
            .map(|line| {
                let scale = spectrum.to_fractional.map(f64::sqrt);
                json!({
                    "name": line.name,
                    "quality": line.quality.0,
                    "quality_error": line.quality.1,
                    "rms": scale.map(|scale| scale * line.root_area.0),
                    "rms_error": scale.map(|scale| scale * line.root_area.1),
                })
            })
            .collect();
        let test = |test: &Calibration| {
            json!({
                "statistic": test.statistic,
                "probability": test.probability(),
                "simulations": test.simulated.len(),
                "failed": test.failed,
            })
        };
        outputs.in_value(json!({
            "model": solved.model.to_string(),
            "normalization": spectrum.normalization,
            "points": fitted.points,
            "parameters": parameters,
            "lines": lines,
            "log_likelihood": fitted.log_likelihood,
            "aic": fitted.aic(),
            "bic": fitted.bic(),
            "converged": fitted.converged,
            "iterations": fitted.iterations,
            "against": solved.against.as_ref().map(|(model, null, one)| {
                let mut value = test(one);
                value["model"] = model.to_string().into();
                value["aic"] = null.aic().into();
                value["bic"] = null.bic().into();
                value
            }),
            "outlier": solved.outlier.as_ref().map(test),
            "report": self.report,
        }))
    }

    /// The HTML page.
    pub(super) fn page(&self, solved: &Solved, spectrum: &Spectrum) -> Result<String> {
        let fitted = &solved.fitted;
        let mut page = Report::new(
            "Fit of a power spectrum",
            &format!("{}, fitted with {}.", spectrum.words, solved.model),
        );
        page.heading("Parameters");
        page.table(&self.header(solved), &self.rows(solved));
        for line in self.line_words(solved, spectrum) {
            page.paragraph(&line);
        }
        page.list(&[
            ("Powers", fitted.points.to_string()),
            ("log L", format!("{:.4}", fitted.log_likelihood)),
            ("AIC", format!("{:.3}", fitted.aic())),
            ("BIC", format!("{:.3}", fitted.bic())),
        ]);
        for line in self.test_words(solved) {
            page.paragraph(&line);
        }
        page.heading("Spectrum");
        page.figure(
            &super::figure(&solved.model, fitted, spectrum)?,
            "Powers with the model and its components, and data over model; bins grow by 3 %.",
        )?;
        if let Some((samples, _)) = &solved.posterior {
            page.heading("Posterior");
            let free = fitted.parameters().iter().filter(|p| !p.fixed);
            let parameters: Vec<CornerParameter> = free
                .enumerate()
                .map(|(index, parameter)| CornerParameter {
                    name: match parameter.logarithmic {
                        true => format!("log {}", parameter.name.replace('_', " ")),
                        false => parameter.name.replace('_', " "),
                    },
                    unit: String::new(),
                    samples: samples.coordinates.column(index).to_vec(),
                    truth: None,
                })
                .collect();
            page.figure(
                &corner(&parameters),
                "Samples of the parameters; positive ones as logarithms of base 10.",
            )?;
        }
        Ok(page.html())
    }
}

/// Both with as many digits as the error needs; of a parameter that was held the value alone.
fn value_and_error(parameter: &FittedParameter) -> [String; 2] {
    if parameter.fixed {
        return [parameter.value.to_string(), "held".to_owned()];
    }
    let both = text::measurement(parameter.value, parameter.error);
    let (value, error) = both.split_once(" ± ").unwrap_or((&both, ""));
    let error = match parameter.at_limit {
        true => "at its limit",
        false => error,
    };
    [value.to_owned(), error.to_owned()]
}

/// A number with the digits that an error asks for.
fn digits(value: f64, error: f64) -> String {
    let both = text::measurement(value, error);
    both.split(" ± ").next().unwrap_or(&both).to_owned()
}
