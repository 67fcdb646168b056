//! `cargo xtask bench gpu`: the whole table of `docs/benchmarks.md` for a GPU, in one run.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{Options, machine, measure, write};
use crate::workspace::{build, list, text};

const PEERS: &str = "benches/peers/gpu.py";

/// Measures both precisions and the peer, prints the table, writes the file; true if the peer was there.
#[expect(clippy::print_stdout, reason = "the table is this command's output")]
pub(super) fn run(options: &Options) -> Result<bool> {
    let program = match &options.astro {
        Some(path) => path.clone(),
        None => build_astro()?,
    };
    let sizes = options
        .sizes_or(&[512, 1024, 2048, 4096, 8192, 16384])
        .iter()
        .map(usize::to_string)
        .collect::<Vec<_>>()
        .join(",");
    let mut results = Vec::new();
    for precision in ["auto", "f32"] {
        let mut command = Command::new(&program);
        command.args(["gpu", "bench", "--json", "--sizes", &sizes]);
        command.args(["--gpu-precision", precision]);
        command.args(["--points", &options.points.to_string()]);
        let measured = measure(&mut command)?;
        print_ours(&measured)?;
        results.push(measured);
    }
    let mut peer = Command::new(&options.python);
    peer.args([PEERS, "--sizes", &sizes]);
    let peer = measure(&mut peer).unwrap_or_else(|error| json!({ "error": format!("{error:#}") }));
    let there = peer["error"].is_null();
    if there {
        println!("{}, {}", text(&peer, "card")?, text(&peer, "library")?);
        for row in list(&peer, "rows") {
            println!(
                "{:>6} real FFT, {:<7} {:>28.3} ms",
                row["pixels"].as_u64().unwrap_or(0),
                text(row, "precision")?,
                1e3 * row["rfft2_s"].as_f64().unwrap_or(f64::NAN),
            );
        }
        println!(
            "a copy on the device moves {:.0} GB/s",
            1e-9 * peer["copy_bytes_per_s"].as_f64().unwrap_or(f64::NAN)
        );
    } else {
        println!("FAILED cuFFT was not measured: {}", peer["error"]);
    }
    write(
        "-gpu",
        &json!({ "machine": machine::describe(), "ours": results, "cufft": peer }),
    )?;
    Ok(there)
}

/// The `astro` of this checkout, with GPU support.
fn build_astro() -> Result<PathBuf> {
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
    let program = built
        .into_iter()
        .find(|executable| executable.target == "astro");
    Ok(program
        .context("cargo did not say where it put `astro`")?
        .path)
}

#[expect(clippy::print_stdout, reason = "the table is this command's output")]
fn print_ours(measured: &Value) -> Result<()> {
    let copy = measured["copy_bytes_per_s"].as_f64().unwrap_or(f64::NAN);
    println!(
        "{}, {}; a copy moves {:.0} GB/s",
        text(measured, "adapter")?,
        text(measured, "precision")?,
        1e-9 * copy
    );
    println!(
        "{:>9} {:<30} {:>10} {:>10}  stages: ms, of a copy's rate",
        "size", "what", "GPU ms", "CPU ms"
    );
    for row in list(measured, "rows") {
        let milliseconds = |key: &str| {
            row[key]
                .as_f64()
                .map_or("-".to_owned(), |s| format!("{:.3}", 1e3 * s))
        };
        let stages = list(row, "stages").iter().map(|stage| {
            let seconds = stage["s"].as_f64().unwrap_or(f64::NAN);
            let share = stage["bytes"].as_f64().unwrap_or(f64::NAN) / seconds / copy;
            let name = stage["name"].as_str().unwrap_or("?");
            format!("{name} {:.3}, {share:.2}", 1e3 * seconds)
        });
        let stages = stages.collect::<Vec<_>>().join("; ");
        println!(
            "{:>9} {:<30} {:>10} {:>10}  {}{stages}",
            row["pixels"]
                .as_u64()
                .or(row["events"].as_u64())
                .unwrap_or(0),
            text(row, "what")?,
            milliseconds("gpu_s"),
            milliseconds("cpu_s"),
            row["error"].as_str().unwrap_or(""),
        );
    }
    Ok(())
}
