//! `astro vis params` and `astro timing params`: every argument of a verb, from the definition that also reads it.

use std::fmt::Write as _;

use anyhow::Result;
use clap::{Args, CommandFactory as _};
use serde_json::json;

use crate::args::{Cli, Described, HELP, RunOptions, describe};
use crate::output::{Console, Usage};

/// Lists the arguments of a verb: name, unit, range, default and meaning.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP)]
pub(crate) struct Arguments {
    /// Verb whose arguments are listed [default: all]
    #[arg(value_name = "VERB")]
    verb: Option<String>,
    /// Print a commented template for --config
    #[arg(long, requires = "verb", conflicts_with = "json")]
    toml: bool,
    /// Print tables in Markdown
    #[arg(long, conflicts_with_all = ["json", "toml"])]
    markdown: bool,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// A verb with what it does and its arguments.
struct Verb {
    /// As it is called: `astro vis fit`.
    call: String,
    name: String,
    about: String,
    arguments: Vec<Described>,
}

impl Arguments {
    /// Lists arguments of verbs of a job: `vis` or `timing`.
    pub(crate) fn execute(&self, job: &str, console: &Console) -> Result<()> {
        let verbs = self.verbs(job)?;
        let text = match (self.toml, self.markdown) {
            (true, _) => verbs.iter().map(template).collect(),
            (_, true) => markdown(job, &verbs),
            _ => verbs.iter().map(listing).collect::<Vec<_>>().join("\n"),
        };
        let value = verbs
            .iter()
            .map(|verb| (verb.name.clone(), json!(verb.arguments)));
        console.result(&text, &serde_json::Value::Object(value.collect()));
        Ok(())
    }

    fn verbs(&self, job: &str) -> Result<Vec<Verb>> {
        let command = Cli::command();
        let found = command.find_subcommand(job).into_iter();
        let all: Vec<Verb> = found
            .flat_map(|job| job.get_subcommands())
            .filter(|verb| !matches!(verb.get_name(), "help" | "params"))
            .map(|verb| Verb {
                call: format!("astro {job} {}", verb.get_name()),
                name: verb.get_name().to_owned(),
                about: verb
                    .get_about()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                arguments: describe(verb),
            })
            .collect();
        let Some(wanted) = &self.verb else {
            return Ok(all);
        };
        let names: Vec<&str> = all.iter().map(|verb| verb.name.as_str()).collect();
        if !names.contains(&wanted.as_str()) {
            let text = format!(
                "{wanted:?} is no verb of astro {job}; there are {}",
                names.join(", ")
            );
            return Err(Usage(text).into());
        }
        Ok(all
            .into_iter()
            .filter(|verb| verb.name == *wanted)
            .collect())
    }
}

/// `--name VALUE`, or `VALUE` where the place tells.
fn signature(one: &Described) -> String {
    let value = one.value.as_deref().unwrap_or_default();
    let dots = if one.repeated && one.positional {
        "…"
    } else {
        ""
    };
    match one.positional {
        true => format!("{value}{dots}"),
        false => format!("--{} {value}", one.name).trim_end().to_owned(),
    }
}

fn default(one: &Described) -> &str {
    match &one.default {
        _ if one.required => "required",
        // That a switch is off when not given goes without saying.
        Some(_) if one.value.is_none() => "",
        Some(text) => text,
        None => "",
    }
}

fn listing(verb: &Verb) -> String {
    let mut rows = vec![["", "range", "default", "meaning"].map(str::to_owned)];
    let mut group = "";
    for one in &verb.arguments {
        if one.group != group {
            group = &one.group;
            rows.push([
                group.to_owned(),
                String::new(),
                String::new(),
                String::new(),
            ]);
        }
        let range = one.range.clone().unwrap_or_default();
        let meaning = one.meaning.clone();
        rows.push([
            format!("  {}", signature(one)),
            range,
            default(one).to_owned(),
            meaning,
        ]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths = [0, 1, 2].map(|column| width(column).unwrap_or(0));
    let mut text = format!("{}: {}\n\n", verb.call, verb.about);
    for row in &rows {
        let cells = row.iter().zip(widths.iter().chain([&0]));
        let line: Vec<String> = cells
            .map(|(cell, &width)| format!("{cell:<width$}"))
            .collect();
        text += line.join("  ").trim_end();
        text.push('\n');
    }
    text
}

fn markdown(job: &str, verbs: &[Verb]) -> String {
    let mut text = format!(
        "# Arguments of `astro {job}`\n\nWritten by `astro {job} params --markdown` from the definitions that read them. A name without its dashes is its key in\nthe file of `--config`.\n",
    );
    let cell = |text: &str| text.replace('|', "\\|");
    for verb in verbs {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n## {}\n\n{}\n\n", verb.call, verb.about);
        text += "| argument | unit | range | default | meaning |\n|---|---|---|---|---|\n";
        for one in &verb.arguments {
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {} | {}{} |",
                cell(&signature(one)),
                one.unit.unwrap_or_default(),
                cell(one.range.as_deref().unwrap_or_default()),
                cell(default(one)),
                cell(&one.meaning),
                match one.positional {
                    true => format!(" (key `{}`)", one.name),
                    false => String::new(),
                }
            );
        }
    }
    text
}

/// Every argument as a comment, ready to be set.
fn template(verb: &Verb) -> String {
    let mut text = format!(
        "# {} --config FILE\n# {}\n#\n# Remove the # in front of what you set. The command line overrides this file.\n",
        verb.call, verb.about
    );
    let mut group = "";
    for one in verb.arguments.iter().filter(|one| one.name != "config") {
        if one.group != group {
            group = &one.group;
            text += &format!("\n# {group}\n");
        }
        let mut remarks: Vec<String> = Vec::new();
        remarks.extend(one.required.then(|| "required".to_owned()));
        remarks.extend(one.unit.map(str::to_owned));
        remarks.extend(one.range.clone());
        let assignment = assignment(one);
        if let (None, Some(default)) = (&assignment, &one.default) {
            remarks.push(format!("default: {default}"));
        }
        let remarks = match remarks.is_empty() {
            true => String::new(),
            false => format!(" ({})", remarks.join("; ")),
        };
        let key = &one.name;
        let value = assignment.unwrap_or_default();
        text += &format!("\n# {}{remarks}\n# {key} = {value}\n", one.meaning);
    }
    text
}

/// What the template sets an argument to: its default, or the form of its value.
fn assignment(one: &Described) -> Option<String> {
    match (one.value.as_deref(), one.repeated) {
        (Some("NAME=VALUE"), _) => return Some("{ NAME = VALUE }".to_owned()),
        (Some("NAME=LOW:HIGH"), _) => return Some("{ NAME = [LOW, HIGH] }".to_owned()),
        (_, true) => return Some("[]".to_owned()),
        _ => {}
    }
    let default = one.default.as_deref()?;
    let bare = default.parse::<f64>().is_ok() || matches!(default, "true" | "false");
    match bare {
        true => Some(default.to_owned()),
        // "from the baselines" is no value.
        false if default.contains(' ') => None,
        false => Some(format!("{default:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verbs() -> Vec<Verb> {
        let arguments = Arguments {
            verb: None,
            toml: false,
            markdown: false,
            run: RunOptions::default(),
        };
        let jobs = ["vis", "timing"].map(|job| arguments.verbs(job).unwrap());
        jobs.into_iter().flatten().collect()
    }

    #[test]
    fn every_argument_has_a_meaning_and_numbers_have_ranges() {
        for verb in verbs() {
            for one in &verb.arguments {
                assert!(!one.meaning.is_empty(), "{} {}", verb.name, one.name);
                let number = one.unit.is_some() || one.value.as_deref() == Some("N");
                let whole = matches!(one.name.as_str(), "seed" | "source");
                assert!(
                    !number || whole || one.range.is_some(),
                    "{} --{} has no range",
                    verb.name,
                    one.name
                );
            }
        }
    }

    #[test]
    fn a_template_is_toml_and_so_are_its_defaults() {
        for verb in verbs() {
            let template = template(&verb);
            assert_eq!(template.parse::<toml::Table>().unwrap().len(), 0);
            for one in verb.arguments.iter().filter(|one| one.default.is_some()) {
                if let Some(value) = assignment(one).filter(|v| !v.starts_with('{')) {
                    let line = format!("{} = {value}", one.name);
                    assert!(line.parse::<toml::Table>().is_ok(), "{line}");
                    assert!(template.contains(&format!("# {line}\n")), "{line}");
                }
            }
        }
    }
}
