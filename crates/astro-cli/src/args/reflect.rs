//! The arguments of a verb as data, taken from their one definition.

use clap::{ArgAction, Command};
use serde::Serialize;

use super::range::range_of;

/// One argument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Described {
    /// Its name on the command line without dashes, and in a configuration file.
    pub(crate) name: String,
    /// Given by its place rather than its name.
    pub(crate) positional: bool,
    /// The group under which `--help` lists it.
    pub(crate) group: String,
    /// What stands for its value, such as `ARCSEC`; nothing for a switch.
    pub(crate) value: Option<String>,
    /// Unit of its numbers.
    pub(crate) unit: Option<&'static str>,
    /// Range of its numbers, or the names to choose from.
    pub(crate) range: Option<String>,
    pub(crate) default: Option<String>,
    pub(crate) required: bool,
    /// Whether it can be given several times.
    pub(crate) repeated: bool,
    pub(crate) meaning: String,
}

/// The arguments of a verb in the order of its help page.
pub(crate) fn describe(verb: &Command) -> Vec<Described> {
    let mut all: Vec<Described> = verb
        .get_arguments()
        .filter(|arg| !arg.is_hide_set() && !matches!(arg.get_id().as_str(), "help" | "version"))
        .map(|arg| {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let (meaning, said_default) = without_default(&help);
            let switch = !arg.get_action().takes_values();
            let names = arg.get_value_names().unwrap_or_default();
            let value = (!switch).then(|| match names {
                [] => arg.get_id().as_str().to_uppercase(),
                names => names
                    .iter()
                    .map(|n| n.as_str())
                    .collect::<Vec<_>>()
                    .join(" "),
            });
            let choices: Vec<String> = arg
                .get_possible_values()
                .iter()
                .filter(|choice| !choice.is_hide_set())
                .map(|choice| choice.get_name().to_owned())
                .collect();
            let defaults: Vec<_> = arg
                .get_default_values()
                .iter()
                .map(|value| value.to_string_lossy().into_owned())
                .collect();
            let default = match (defaults.is_empty(), switch) {
                (_, true) => Some("false".to_owned()),
                (false, _) => Some(defaults.join(",")),
                (true, _) => said_default,
            };
            Described {
                name: arg.get_long().unwrap_or(arg.get_id().as_str()).to_owned(),
                positional: arg.is_positional(),
                group: heading(arg.get_help_heading(), arg.is_positional()),
                unit: value.as_deref().and_then(unit),
                value,
                range: range_of(arg)
                    .or_else(|| (!choices.is_empty() && !switch).then(|| choices.join(", "))),
                default,
                required: arg.is_required_set(),
                repeated: matches!(arg.get_action(), ArgAction::Append),
                meaning,
            }
        })
        .collect();
    // Groups stay together, in the order in which they first appear.
    let order: Vec<String> = all.iter().map(|one| one.group.clone()).collect();
    all.sort_by_key(|one| {
        let place = order.iter().position(|group| *group == one.group);
        (!one.positional, place)
    });
    all
}

fn heading(given: Option<&str>, positional: bool) -> String {
    match (given, positional) {
        (_, true) => "Input",
        (Some(heading), _) => heading,
        (None, _) => "Options",
    }
    .to_owned()
}

/// Splits "meaning [default: text]".
fn without_default(help: &str) -> (String, Option<String>) {
    match help.split_once(" [default: ") {
        Some((meaning, rest)) => (
            meaning.to_owned(),
            Some(rest.trim_end().trim_end_matches(']').to_owned()),
        ),
        None => (help.to_owned(), None),
    }
}

/// The unit that a placeholder stands for.
fn unit(placeholder: &str) -> Option<&'static str> {
    Some(match placeholder {
        "ARCSEC" => "arcsec",
        "DEG" => "deg",
        "M" => "m",
        "HZ" => "Hz",
        "JY" => "Jy",
        "KLAMBDA" => "kλ",
        "S" => "s",
        "H" => "h",
        _ => return None,
    })
}
