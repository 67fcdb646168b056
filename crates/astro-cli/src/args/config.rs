//! Arguments from a TOML file.
//!
//! A key is the name of an argument without dashes. Values become arguments of the command line,
//! so that they are read and checked by the same definitions; where an argument is given there
//! too, or one that excludes it, the file's is passed over.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use toml::{Table, Value};

use crate::output::Usage;

/// The arguments given, and after them those of the file that `--config` names.
pub(crate) fn with_file(command: &Command, given: Vec<OsString>) -> Result<Vec<OsString>> {
    let Some(path) = config_path(&given) else {
        return Ok(given);
    };
    // What the file has is still missing: only what is there counts.
    let lenient = command.clone().ignore_errors(true);
    let Ok(matches) = lenient.try_get_matches_from(&given) else {
        // A request for help; the strict reading answers it.
        return Ok(given);
    };
    let mut verb = command.clone();
    verb.build();
    let (verb, matches) = innermost(&verb, &matches);
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("while reading {}", path.display()))?;
    let table: Table = text
        .parse()
        .map_err(|error| Usage(format!("{} is not TOML: {error}", path.display())))?;
    let mut all = given;
    for (key, value) in &table {
        let arg = find(verb, key, &path)?;
        // One of two that exclude each other names the other, perhaps not both.
        let excludes = |one: &Arg, other: &Arg| {
            let others = verb.get_arg_conflicts_with(one);
            others.iter().any(|found| found.get_id() == other.get_id())
        };
        let overridden = verb.get_arguments().any(|said| {
            let source = matches.value_source(said.get_id().as_str());
            source == Some(ValueSource::CommandLine)
                && (said.get_id() == arg.get_id() || excludes(said, arg) || excludes(arg, said))
        });
        if !overridden {
            all.extend(arguments(arg, key, value, &path)?);
        }
    }
    Ok(all)
}

fn config_path(given: &[OsString]) -> Option<PathBuf> {
    let mut given = given.iter().take_while(|arg| *arg != "--");
    while let Some(arg) = given.next() {
        if arg == "--config" {
            return given.next().map(PathBuf::from);
        }
        if let Some(path) = arg.to_str().and_then(|text| text.strip_prefix("--config=")) {
            return Some(PathBuf::from(path));
        }
    }
    None
}

fn innermost<'a>(command: &'a Command, matches: &'a ArgMatches) -> (&'a Command, &'a ArgMatches) {
    match matches.subcommand() {
        Some((name, inner)) => match command.find_subcommand(name) {
            Some(command) => innermost(command, inner),
            None => (command, matches),
        },
        None => (command, matches),
    }
}

fn find<'a>(verb: &'a Command, key: &str, path: &Path) -> Result<&'a Arg> {
    let name = key.replace('_', "-");
    let usable = |arg: &&Arg| !matches!(arg.get_id().as_str(), "help" | "version" | "config");
    let known = || verb.get_arguments().filter(usable);
    let name_of = |arg: &Arg| arg.get_long().unwrap_or(arg.get_id().as_str()).to_owned();
    if let Some(arg) = known().find(|arg| name_of(arg) == name) {
        return Ok(arg);
    }
    let nearest = known()
        .map(name_of)
        .min_by_key(|known| strsim::levenshtein(known, &name));
    Err(Usage(format!(
        "{}: `{}` has no argument {key:?}; the nearest is {:?}",
        path.display(),
        verb.get_bin_name().unwrap_or(verb.get_name()),
        nearest.unwrap_or_default()
    ))
    .into())
}

/// `--key=value` for each value; the bare value where the argument is known by its place.
fn arguments(arg: &Arg, key: &str, value: &Value, path: &Path) -> Result<Vec<OsString>> {
    let wrong = |needed: &str| {
        let text = format!("{}: {key} = {value} is not {needed}", path.display());
        anyhow::Error::from(Usage(text))
    };
    let Some(long) = arg.get_long() else {
        return Ok(texts(value)
            .ok_or_else(|| wrong("a name or a list of names"))?
            .into_iter()
            .map(OsString::from)
            .collect());
    };
    if !arg.get_action().takes_values() {
        return match value {
            Value::Boolean(true) => Ok(vec![format!("--{long}").into()]),
            Value::Boolean(false) => Ok(Vec::new()),
            _ => Err(wrong("true or false")),
        };
    }
    let values = texts(value).ok_or_else(|| wrong("a value, a list or a table of values"))?;
    let several = matches!(arg.get_action(), ArgAction::Append);
    let together = arg
        .get_num_args()
        .is_some_and(|count| count.max_values() > 1);
    match values.len() {
        _ if together && !several => {
            let flag = std::iter::once(format!("--{long}"));
            Ok(flag.chain(values).map(OsString::from).collect())
        }
        0 | 1 => Ok(joined(long, values)),
        _ if several => Ok(joined(long, values)),
        _ => Err(wrong("a single value")),
    }
}

fn joined(long: &str, values: Vec<String>) -> Vec<OsString> {
    let one = |value| OsString::from(format!("--{long}={value}"));
    values.into_iter().map(one).collect()
}

/// A value as it would be typed: of a table `NAME=VALUE` or `NAME=LOW:HIGH`, of a list its items.
fn texts(value: &Value) -> Option<Vec<String>> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        _ => None,
    };
    match value {
        Value::Array(items) => items.iter().map(scalar).collect(),
        Value::Table(table) => table
            .iter()
            .map(|(name, value)| match value {
                Value::Array(ends) => {
                    let ends: Option<Vec<String>> = ends.iter().map(scalar).collect();
                    Some(format!("{name}={}", ends?.join(":")))
                }
                value => Some(format!("{name}={}", scalar(value)?)),
            })
            .collect(),
        value => Some(vec![scalar(value)?]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::command;
    use std::ffi::OsStr;

    fn expanded(toml: &str, given: &str) -> Result<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fit.toml");
        std::fs::write(&path, toml).unwrap();
        let config = OsString::from(format!("--config={}", path.display()));
        let given = given.split(' ').map(OsString::from).chain([config]);
        let all = with_file(&command(), given.collect())?;
        let known = 1 + all.iter().position(|arg| is_config(arg)).unwrap();
        Ok(all[known..]
            .iter()
            .map(|arg| arg.to_str().unwrap().to_owned())
            .collect())
    }

    fn is_config(arg: &OsStr) -> bool {
        arg.to_str().unwrap().starts_with("--config")
    }

    #[test]
    fn values_become_arguments() {
        let toml = "inputs = ['a.txt', 'b.txt']\nsteps = 0\nuv_max = 1.5e3\njson = true\nquiet = false\nwavelength = [1e-3, 2e-3]\n[fix]\ninclination = -50\n[prior]\nsigma = [0.1, 1]\n";
        let mut found = expanded(toml, "astro vis fit").unwrap();
        found.sort();
        let expected = [
            "--fix=inclination=-50",
            "--json",
            "--prior=sigma=0.1:1",
            "--steps=0",
            "--uv-max=1500",
            "--wavelength=0.001",
            "--wavelength=0.002",
            "a.txt",
            "b.txt",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_command_line_overrides_the_file() {
        let toml = "steps = 10\nseed = 4\nprofile = 'p.txt'\ninputs = ['a.txt']";
        let given = "astro vis fit b.txt --model gaussian --steps 0";
        // --model excludes --profile, so the file's profile goes too.
        assert_eq!(expanded(toml, given).unwrap(), ["--seed=4"]);
    }

    #[test]
    fn unknown_keys_and_wrong_kinds_are_usage_errors() {
        let error = expanded("weigthing = 'briggs'", "astro vis fit a.txt").unwrap_err();
        assert!(error.is::<Usage>());
        assert!(
            error.to_string().contains("nearest is \"weighting\""),
            "{error}"
        );
        for toml in ["json = 1", "steps = [1, 2]", "steps = {a = {}}", "steps"] {
            let error = expanded(toml, "astro vis fit a.txt").unwrap_err();
            assert!(error.is::<Usage>(), "{toml}: {error}");
        }
    }
}
