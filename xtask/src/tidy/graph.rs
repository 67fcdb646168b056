//! Who may depend on whom: the table of `docs/architecture.md`, as code.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::report::Outcome;
use crate::workspace::Package;

/// Each package with the workspace packages that it may depend on. Arrows point
/// down only, and a job never depends on another job.
const GRAPH: &[(&str, &[&str])] = &[
    ("astro-core", &[]),
    ("astro-io", &["astro-core"]),
    ("astro-fft", &["astro-core", "astro-gpu"]),
    ("astro-infer", &["astro-core"]),
    ("astro-mpi", &["astro-core"]),
    ("astro-shaders", &[]),
    ("astro-gpu", &["astro-shaders"]),
    (
        "astro-visibility",
        &[
            "astro-core",
            "astro-io",
            "astro-fft",
            "astro-infer",
            "astro-gpu",
        ],
    ),
    (
        "astro-timing",
        &[
            "astro-core",
            "astro-io",
            "astro-fft",
            "astro-infer",
            "astro-gpu",
        ],
    ),
    (
        "astro-cli",
        &[
            "astro-core",
            "astro-io",
            "astro-fft",
            "astro-infer",
            "astro-gpu",
            "astro-mpi",
            "astro-timing",
            "astro-visibility",
        ],
    ),
    (
        "astro-tests",
        &[
            "astro-core",
            "astro-io",
            "astro-fft",
            "astro-infer",
            "astro-gpu",
            "astro-mpi",
            "astro-timing",
            "astro-visibility",
            "astro-cli",
        ],
    ),
    (
        "astro-benches",
        &[
            "astro-core",
            "astro-io",
            "astro-fft",
            "astro-infer",
            "astro-timing",
            "astro-visibility",
        ],
    ),
    ("xtask", &[]),
];

/// Packages from outside that only the named members may use.
const RESTRICTED: &[(&str, &[&str])] = &[
    (
        "clap",
        &["astro-cli", "astro-tests", "astro-benches", "xtask"],
    ),
    (
        "anyhow",
        &["astro-cli", "astro-tests", "astro-benches", "xtask"],
    ),
    ("indicatif", &["astro-cli"]),
    ("ctrlc", &["astro-cli"]),
    ("fitsrs", &["astro-io"]),
    ("rustfft", &["astro-fft"]),
    ("realfft", &["astro-fft"]),
    ("argmin", &["astro-infer"]),
    ("wgpu", &["astro-gpu"]),
    ("pollster", &["astro-gpu"]),
    ("mpi", &["astro-mpi"]),
];

/// Compares what cargo knows with the tables.
pub(crate) fn check(packages: &[Package]) -> Result<Outcome> {
    let problems = problems(packages);
    Ok(Outcome::from_problems(
        &problems,
        format!("{} packages", packages.len()),
    ))
}

fn problems(packages: &[Package]) -> Vec<String> {
    let members: BTreeSet<&str> = packages.iter().map(|p| p.name.as_str()).collect();
    let mut problems = Vec::new();
    for package in packages {
        let name = package.name.as_str();
        let Some((_, allowed)) = GRAPH.iter().find(|(listed, _)| *listed == name) else {
            problems.push(format!(
                "`{name}` is not in the table of xtask/src/tidy/graph.rs"
            ));
            continue;
        };
        for (dependency, kind) in &package.dependencies {
            let dependency = dependency.as_str();
            if members.contains(dependency) && !allowed.contains(&dependency) {
                problems.push(format!(
                    "`{name}` may not depend on `{dependency}` ({kind})"
                ));
            }
            let restricted = RESTRICTED
                .iter()
                .find(|(outside, _)| *outside == dependency);
            if let Some((_, users)) = restricted
                && kind == "normal"
                && !users.contains(&name)
            {
                problems.push(format!(
                    "`{name}` may not use `{dependency}`: only {users:?} may"
                ));
            }
        }
    }
    for (listed, _) in GRAPH {
        if !members.contains(listed) {
            problems.push(format!("the table lists `{listed}`, which is not a member"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[&str]) -> Package {
        Package {
            name: name.to_owned(),
            folder: String::new(),
            dependencies: dependencies
                .iter()
                .map(|d| ((*d).to_owned(), "normal".to_owned()))
                .collect(),
            features: Vec::new(),
        }
    }

    fn all_members() -> Vec<Package> {
        GRAPH
            .iter()
            .map(|(name, uses)| package(name, uses))
            .collect()
    }

    #[test]
    fn the_table_itself_passes() {
        assert_eq!(problems(&all_members()), Vec::<String>::new());
    }

    #[test]
    fn an_upward_arrow_a_stranger_and_a_restricted_crate_are_found() {
        let mut members = all_members();
        members[0] = package("astro-core", &["astro-io", "clap"]);
        members.push(package("astro-new", &[]));
        let found = problems(&members);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].contains("may not depend on `astro-io`"));
        assert!(found[1].contains("may not use `clap`"));
        assert!(found[2].contains("`astro-new` is not in the table"));
    }
}
