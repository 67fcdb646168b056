//! `cargo xtask bench gpu`: the whole table of `docs/benchmarks.md` for a GPU, in one run.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{Options, machine, measure};
use crate::workspace::{build, list, root, text};

const PEERS: &str = "benches/peers/gpu.py";

/// Measures both precisions and the peer, prints the table, writes the file; true if the peer was there.
#[expect(clippy::print_stdout, reason = "the table is this command's output")]
pub(super) fn run(options: &Options) -> Result<bool> {
    let built = build([
        "build",
        "--release",
        "--package",
        "astro-cli",
        "--features",
        "gpu",
        "--bin",
        "astro",
    ])?;
    let program = built.iter().find(|executable| executable.target == "astro");
    let program = program.context("cargo did not say where it put `astro`")?;
    let sizes = options
        .sizes
        .iter()
        .map(usize::to_string)
        .collect::<Vec<_>>()
        .join(",");
    let mut results = Vec::new();
    let mut seconds = Duration::ZERO;
    for precision in ["auto", "f32"] {
        let start = std::time::Instant::now();
        let mut command = Command::new(&program.path);
        command.args([
            "gpu",
            "bench",
            "--json",
            "--sizes",
            &sizes,
            "--gpu-precision",
            precision,
        ]);
        command.args([
            "--points",
            &options.points.to_string(),
            "--repeats",
            &options.rounds.to_string(),
        ]);
        let measured = measure(&mut command)?;
        println!("{}, {precision}", text(&measured, "adapter")?);
        println!(
            "{:>6} {:<34} {:>9} {:>11} {:>11}",
            "pixels", "what", "precision", "GPU ms", "CPU ms"
        );
        for row in list(&measured, "rows") {
            let milliseconds = |key: &str| {
                row[key]
                    .as_f64()
                    .map_or("-".to_owned(), |s| format!("{:.3}", 1e3 * s))
            };
            println!(
                "{:>6} {:<34} {:>9} {:>11} {:>11}",
                row["pixels"].as_u64().unwrap_or(0),
                text(row, "what")?,
                text(row, "precision")?,
                milliseconds("gpu_s"),
                milliseconds("cpu_s")
            );
        }
        results.push(measured);
        seconds += start.elapsed();
    }
    println!("ours took {:.0} s", seconds.as_secs_f64());
    let mut peer = Command::new(&options.python);
    peer.args([PEERS, "--sizes", &sizes]);
    let peer = measure(&mut peer).unwrap_or_else(|error| json!({ "error": format!("{error:#}") }));
    let there = peer["error"].is_null();
    if there {
        println!("{}, {}", text(&peer, "card")?, text(&peer, "library")?);
        for row in list(&peer, "rows") {
            println!(
                "{:>6} {:<34} {:>9} {:>11.3} {:>11.0} GB/s of a copy",
                row["pixels"].as_u64().unwrap_or(0),
                "real FFT, cuFFT",
                text(row, "precision")?,
                1e3 * row["rfft2_s"].as_f64().unwrap_or(f64::NAN),
                1e-9 * row["copy_bytes_per_s"].as_f64().unwrap_or(f64::NAN),
            );
        }
    } else {
        println!("FAILED cuFFT was not measured: {}", peer["error"]);
    }
    write(&json!({ "machine": machine::describe(), "ours": results, "cufft": peer }))?;
    Ok(there)
}

#[expect(clippy::print_stdout, reason = "the table is this command's output")]
fn write(value: &Value) -> Result<()> {
    let name = format!(
        "benches/results/{}-{}-gpu.json",
        machine::date(),
        machine::cpu_slug()
    );
    let text = serde_json::to_string_pretty(value).context("the figures are no JSON")?;
    fs::write(root().join(&name), text + "\n").with_context(|| format!("cannot write {name}"))?;
    println!("written to {name}");
    Ok(())
}
