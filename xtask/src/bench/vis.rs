//! `cargo xtask bench vis`: χ² of images and profiles beside GALARIO and ducc0.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use serde_json::{Value, json};

use super::comparison::{COMPARISONS, SAME_CHI2, SCALING, SCALING_GOAL, WEIGHED, WEIGHED_PEERS};
use super::timings::{Best, Clock};
use super::{Options, build_program, goal, machine, measure, weigh, write};

const PEERS: &str = "benches/peers/vis.py";

/// Image sizes, unless others are asked for.
const SIZES: [usize; 4] = [512, 1024, 2048, 4096];

/// Measures, prints the table, writes the file; true if every peer was there and the results agree.
#[expect(clippy::print_stdout, reason = "the table is this command's output")]
pub(super) fn run(options: &Options) -> Result<bool> {
    let program = build_program("bench-vis")?;
    let mut good = true;
    let mut results = Vec::new();
    println!(
        "{:>5} {:<52} {:>9} {:>9}  {:<30} {:>6} {:>5}",
        "size", "what, one thread", "ours ms", "peer ms", "peer", "ratio", "goal"
    );
    for size in options.sizes_or(&SIZES) {
        let (ours, peers) = take_turns(&program, options, size, 1)?;
        for missing in peers.missing() {
            println!("FAILED {missing}");
            good = false;
        }
        for comparison in COMPARISONS {
            let Some(row) = comparison.row(size, &ours, &peers) else {
                continue;
            };
            println!(
                "{size:>5} {:<52} {:>9.3} {:>9.3}  {:<30} {:>6.2} {}",
                comparison.what,
                1e3 * row.ours_s,
                1e3 * row.peer_s,
                row.peer,
                row.ratio,
                goal(row.ratio, row.goal),
            );
        }
        good &= agree(size, &ours, &peers);
        results.push(json!({ "threads": 1, "ours": ours.into_json(), "peers": peers.into_json() }));
    }
    if std::thread::available_parallelism().is_ok_and(|threads| usize::from(threads) > 1) {
        for size in options
            .sizes_or(&SIZES)
            .into_iter()
            .filter(|&size| size >= 1024)
        {
            results.push(scaling(&program, options, size)?);
        }
    }
    let memory = memory(&program, options)?;
    write(
        "",
        &json!({ "machine": machine::describe(), "results": results, "memory": memory }),
    )?;
    Ok(good)
}

/// Both sides in turn, so that a change of the machine's mood meets both.
fn take_turns(
    program: &Path,
    options: &Options,
    size: usize,
    threads: usize,
) -> Result<(Best, Best)> {
    let (mut ours, mut peers) = (Best::by(options.clock), Best::by(options.clock));
    for _ in 0..options.rounds {
        ours.add(measure(&mut our_side(program, options, size, threads))?);
        peers.add(measure(&mut peers_side(options, size, threads))?);
    }
    Ok((ours, peers))
}

fn our_side(program: &Path, options: &Options, size: usize, threads: usize) -> Command {
    let mut command = Command::new(program);
    with_work(&mut command, options, size, threads);
    command
}

fn peers_side(options: &Options, size: usize, threads: usize) -> Command {
    let mut command = Command::new(&options.python);
    command.arg(PEERS);
    with_work(&mut command, options, size, threads);
    command
}

/// Both sides take the same arguments.
fn with_work(command: &mut Command, options: &Options, size: usize, threads: usize) {
    command.args([
        "--size".to_owned(),
        size.to_string(),
        "--points".to_owned(),
        options.points.to_string(),
        "--threads".to_owned(),
        threads.to_string(),
        "--seconds".to_owned(),
        options.seconds.to_string(),
    ]);
}

/// Two threads beside one: ours alone.
#[expect(clippy::print_stdout, reason = "the table is this command's output")]
fn scaling(program: &Path, options: &Options, size: usize) -> Result<Value> {
    // Threads save time on the wall, not processor time.
    let (mut one, mut two) = (Best::by(Clock::Wall), Best::by(Clock::Wall));
    for _ in 0..options.rounds {
        one.add(measure(&mut our_side(program, options, size, 1))?);
        two.add(measure(&mut our_side(program, options, size, 2))?);
    }
    for operation in SCALING {
        if let (Some(a), Some(b)) = (one.seconds(operation), two.seconds(operation)) {
            println!(
                "{size:>5} {:<52} {:>9.3} {:>9.3}  {:<30} {:>6.2} {}",
                format!("two threads, {operation}"),
                1e3 * b,
                1e3 * a,
                "ours on one thread",
                a / b,
                goal(a / b, Some(SCALING_GOAL)),
            );
        }
    }
    Ok(json!({ "threads": 2, "ours": two.into_json(), "ours_on_one": one.into_json() }))
}

/// Whether both sides computed the same numbers.
#[expect(clippy::print_stdout, reason = "the table is this command's output")]
fn agree(size: usize, ours: &Best, peers: &Best) -> bool {
    let mut good = true;
    for &(our, peer, allowed) in SAME_CHI2 {
        let (Some(a), Some(b)) = (ours.chi2(our), peers.chi2(peer)) else {
            continue;
        };
        let difference = (a / b - 1.0).abs();
        let same = difference <= allowed;
        let word = if same { "ok" } else { "FAILED" };
        println!("{size:>5} chi2 of {our} and {peer} differ by {difference:.1e} {word}");
        good &= same;
    }
    good
}

/// Peak memory of each method in a process of its own, at the largest size up to 4096.
#[expect(clippy::print_stdout, reason = "the table is this command's output")]
fn memory(program: &Path, options: &Options) -> Result<Vec<Value>> {
    let sizes = options.sizes_or(&SIZES);
    let Some(size) = sizes.into_iter().filter(|&size| size <= 4096).max() else {
        return Ok(Vec::new());
    };
    let ours = WEIGHED
        .iter()
        .map(|&method| (method, our_side(program, options, size, 1)));
    let peers = WEIGHED_PEERS
        .iter()
        .map(|&method| (method, peers_side(options, size, 1)));
    let mut weights = Vec::new();
    for (method, mut command) in ours.chain(peers) {
        match weigh(command.args(["--memory", method])) {
            Ok(weight) => {
                let megabytes = |key: &str| weight[key].as_f64().unwrap_or(f64::NAN) / 1e6;
                println!(
                    "{size:>5} memory of {method:<42} inputs {:>7.1} MB, beyond them {:>7.1} MB",
                    megabytes("inputs_bytes"),
                    megabytes("beyond_inputs_bytes"),
                );
                weights.push(weight);
            }
            Err(error) => println!("{size:>5} memory of {method}: not measured ({error:#})"),
        }
    }
    Ok(weights)
}
