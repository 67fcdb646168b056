//! `cargo xtask bench timing`: spectra, searches and fits beside Stingray and HENDRICS.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::comparison::Comparison;
use super::timings::Best;
use super::{Options, build_program, goal, machine, measure, weigh, write};

const PEERS: &str = "benches/peers/timing.py";

/// Events of the file with which the peers warm up.
const SMALL: u64 = 600_000;

/// What is compared, from the file on, with all threads; goals are those of the project.
const COMPARISONS: &[Comparison] = &[
    Comparison {
        what: "power spectrum, 256 s, 1/2048 s, f64",
        ours: "power.f64",
        peers: &["power.lazy"],
        goals: &[(0, 10.0)],
    },
    Comparison {
        what: "the same, peer with all events in memory",
        ours: "power.f64",
        peers: &["power.whole"],
        goals: &[],
    },
    Comparison {
        what: "power spectrum, f32",
        ours: "power.f32",
        peers: &["power.lazy"],
        goals: &[(0, 15.0)],
    },
    Comparison {
        what: "cross spectrum of two energy bands, f64",
        ours: "cross.f64",
        peers: &["cross"],
        goals: &[(0, 12.0)],
    },
    Comparison {
        what: "cross spectrum of two energy bands, f32",
        ours: "cross.f32",
        peers: &["cross"],
        goals: &[],
    },
    Comparison {
        what: "dynamical spectrum, 16 s, 1/512 s",
        ours: "dynamical.f64",
        peers: &["dynamical"],
        goals: &[(0, 8.0)],
    },
    Comparison {
        what: "lag spectrum of 8 energy bands",
        ours: "lags.f64",
        peers: &["lags"],
        goals: &[(0, 15.0)],
    },
    Comparison {
        what: "the same numbers as the peer's (Compat)",
        ours: "lags.stingray",
        peers: &["lags"],
        goals: &[],
    },
    Comparison {
        what: "Z2_1 search, exact beside pre-folded",
        ours: "z1.exact",
        peers: &["z1.prefolded"],
        goals: &[(0, 3.0)],
    },
    Comparison {
        what: "Z2_2 search, exact beside binned",
        ours: "z2.exact",
        peers: &["z2.binned"],
        goals: &[(0, 10.0)],
    },
    Comparison {
        what: "Z2_2 search, both binned",
        ours: "z2.binned",
        peers: &["z2.binned"],
        goals: &[],
    },
    Comparison {
        what: "maximum likelihood of a line and a constant",
        ours: "fit",
        peers: &["fit"],
        goals: &[(0, 20.0)],
    },
];

/// Results that both sides must have alike, and how far apart they may be.
const SAME: &[(&str, &str, f64)] = &[
    // The same sums of the same bins.
    ("power.f64", "power.lazy", 1e-9),
    ("power.f64", "power.whole", 1e-9),
    ("power.f32", "power.lazy", 1e-5),
    ("cross.f64", "cross", 1e-9),
    ("dynamical.f64", "dynamical", 1e-9),
    ("lags.stingray", "lags", 1e-7),
    // Some events are at the border of two bins.
    ("z2.binned", "z2.binned", 1e-3),
    // Profiles of 128 and 16 bins lose a part of the power.
    ("z2.exact", "z2.binned", 1e-2),
    ("z1.exact", "z1.prefolded", 0.1),
    // The peer's optimiser stops early.
    ("fit", "fit", 1e-2),
];

/// Takes the peer a minute and a half: measured in the first turn only.
const SLOW: &str = "z2.binned";

/// Ours whose memory is weighed, and bytes that they may need.
const WEIGHED: &[(&str, f64)] = &[
    ("power.f64", 100e6),
    ("power.f32", 100e6),
    ("cross.f64", 100e6),
    ("dynamical.f64", 100e6),
    ("lags.f64", 100e6),
];

/// The peers' side of [`WEIGHED`].
const WEIGHED_PEERS: &[&str] = &["power.lazy", "power.whole", "cross", "dynamical", "lags"];

/// Both sides' files, removed at the end.
struct Files(PathBuf);

impl Files {
    fn new() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("bench-timing-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self(folder))
    }

    fn large(&self) -> PathBuf {
        self.0.join("events.evt")
    }

    fn small(&self) -> PathBuf {
        self.0.join("small.evt")
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // What cannot be removed lies among the system's temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Measures, prints the table, writes the file; true if every peer was there and the results agree.
#[expect(clippy::print_stdout, reason = "the table is this command's output")]
pub(super) fn run(options: &Options) -> Result<bool> {
    let program = build_program("bench-timing")?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let files = Files::new()?;
    for (file, events) in [(files.large(), options.events), (files.small(), SMALL)] {
        let mut command = our_side(&program, &file, threads);
        let events = events.to_string();
        measure(command.args(["--events", &events, "--seconds", "0", "--jobs", "read"]))?;
    }
    let (ours, peers) = take_turns(&program, options, &files, threads)?;
    println!(
        "{:<45} {:>9} {:>10}  {:<14} {:>6} goal",
        format!("{:.0e} events, {threads} threads", options.events as f64),
        "ours ms",
        "peer ms",
        "peer",
        "ratio"
    );
    for comparison in COMPARISONS {
        let Some(row) = comparison.row(0, &ours, &peers) else {
            continue;
        };
        println!(
            "{:<45} {:>9.1} {:>10.1}  {:<14} {:>6.1} {}",
            comparison.what,
            1e3 * row.ours_s,
            1e3 * row.peer_s,
            row.peer,
            row.ratio,
            goal(row.ratio, row.goal),
        );
    }
    let good = agree(&ours, &peers);
    let bandwidth = bandwidth(&files, &ours);
    let memory = memory(&program, options, &files, threads)?;
    write(
        "-timing",
        &json!({
            "machine": machine::describe(),
            "events": options.events,
            "threads": threads,
            "ours": ours.into_json(),
            "peers": peers.into_json(),
            "bandwidth": bandwidth,
            "memory": memory,
        }),
    )?;
    Ok(good)
}

/// Both sides in turn, so that a change of the machine's mood meets both.
fn take_turns(
    program: &Path,
    options: &Options,
    files: &Files,
    threads: usize,
) -> Result<(Best, Best)> {
    let (mut ours, mut peers) = (Best::by(options.clock), Best::by(options.clock));
    let seconds = options.seconds.to_string();
    for round in 0..options.rounds {
        let mut command = peers_side(options, files, threads);
        command.args(["--seconds", &seconds]);
        command.args(["--jobs", &jobs(round, |c| c.peers[0])]);
        let peer = measure(&mut command)?;
        let mut command = our_side(program, &files.large(), threads);
        command.args(["--seconds", &seconds]);
        command.args(["--jobs", &format!("read,{}", jobs(round, |c| c.ours))]);
        // The peer chooses its grid; ours is the same.
        if let Some(grid) = peer["grid"]["z1"].as_array() {
            let grid: Vec<String> = grid.iter().map(Value::to_string).collect();
            command.args(["--grid", &grid.join(",")]);
        }
        ours.add(measure(&mut command)?);
        peers.add(peer);
    }
    Ok((ours, peers))
}

/// What one side does in a turn, comma-separated; the exact search of the peer's grid is asked
/// for with the grid.
fn jobs(round: usize, side: impl Fn(&Comparison) -> &'static str) -> String {
    let mut jobs = Vec::new();
    for job in COMPARISONS.iter().map(side) {
        let wanted = job != "z1.exact" && (round == 0 || job != SLOW);
        if wanted && !jobs.contains(&job) {
            jobs.push(job);
        }
    }
    jobs.join(",")
}

fn our_side(program: &Path, file: &Path, threads: usize) -> Command {
    let mut command = Command::new(program);
    command.arg("--file").arg(file);
    command.args(["--threads", &threads.to_string()]);
    command
}

fn peers_side(options: &Options, files: &Files, threads: usize) -> Command {
    let mut command = Command::new(&options.python);
    command.arg(PEERS).arg("--file").arg(files.large());
    command.arg("--small").arg(files.small());
    command.args(["--threads", &threads.to_string()]);
    command
}

/// Whether both sides computed the same numbers.
#[expect(clippy::print_stdout, reason = "the table is this command's output")]
fn agree(ours: &Best, peers: &Best) -> bool {
    let mut good = true;
    for &(our, peer, allowed) in SAME {
        let (Some(a), Some(b)) = (ours.results(our), peers.results(peer)) else {
            continue;
        };
        let scale = b.iter().map(|x| x.abs()).fold(0.0, f64::max);
        let differences = a.iter().zip(&b).map(|(a, b)| (a - b).abs() / scale);
        let difference = differences.fold(0.0, f64::max);
        let same = a.len() == b.len() && difference <= allowed;
        let word = if same { "ok" } else { "FAILED" };
        println!("results of {our} and {peer} differ by {difference:.1e} {word}");
        good &= same;
    }
    good
}

/// Bytes of the file a second, beside those of reading it and doing nothing.
#[expect(clippy::print_stdout, reason = "the table is this command's output")]
fn bandwidth(files: &Files, ours: &Best) -> Value {
    let bytes = std::fs::metadata(files.large()).map_or(f64::NAN, |file| file.len() as f64);
    let read = ours.seconds("read").unwrap_or(f64::NAN);
    let mut shares = serde_json::Map::new();
    for (job, _) in WEIGHED {
        let Some(seconds) = ours.seconds(job) else {
            continue;
        };
        println!(
            "{job} takes {:.2} GB/s of the file, {:.0} % of the {:.2} GB/s at which it can be read from the page cache",
            1e-9 * bytes / seconds,
            100.0 * read / seconds,
            1e-9 * bytes / read,
        );
        shares.insert((*job).to_owned(), json!(read / seconds));
    }
    json!({ "file_bytes": bytes, "read_s": read, "shares": shares })
}

/// Peak memory of each job in a process of its own.
#[expect(clippy::print_stdout, reason = "the table is this command's output")]
fn memory(program: &Path, options: &Options, files: &Files, threads: usize) -> Result<Vec<Value>> {
    let ours = WEIGHED.iter().map(|&(job, most)| {
        let mut command = our_side(program, &files.large(), threads);
        command.args(["--memory", job]);
        (job, command, Some(most))
    });
    let peers = WEIGHED_PEERS.iter().map(|&job| {
        let mut command = peers_side(options, files, threads);
        command.args(["--memory", job]);
        (job, command, None)
    });
    let mut weights = Vec::new();
    for (job, mut command, most) in ours.chain(peers) {
        // As a user runs it: the allocator is left as it is.
        let weight = match most {
            Some(_) => measure(&mut command)?,
            None => weigh(&mut command)?,
        };
        let peak = weight["peak_bytes"].as_f64().unwrap_or(f64::NAN);
        let verdict = match most {
            Some(most) if peak <= most => format!("at most {:.0} ok", 1e-6 * most),
            Some(most) => format!("at most {:.0} missed", 1e-6 * most),
            None => String::new(),
        };
        println!("memory of {job:<14} {:>7.1} MB  {verdict}", 1e-6 * peak);
        weights.push(weight);
    }
    Ok(weights)
}
