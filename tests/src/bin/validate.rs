//! Checks every reference case under a folder: the program behind `cargo xtask validate`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use astro_tests::reference::{check_case, find_cases};
use clap::{Parser, ValueEnum};

/// Runs every reference case found under a folder.
#[derive(Debug, Parser)]
struct Options {
    /// Folder searched for `case.json`, at any depth.
    directory: PathBuf,
    /// Threads to compute with; all processors if not given.
    #[arg(long)]
    threads: Option<usize>,
    /// Device to compute on.
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
    /// How the GPU computes.
    #[arg(long, value_enum, default_value_t = GpuPrecision::Auto)]
    gpu_precision: GpuPrecision,
}

/// Where to compute.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Device {
    /// The processor.
    Cpu,
    /// A GPU, in `f64` or pairs of `f32` where the reference is `f64`.
    Gpu,
}

/// How a GPU computes.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum GpuPrecision {
    /// `f64` where the adapter has it, else extended.
    Auto,
    /// Pairs of `f32`.
    Extended,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<bool> {
    if let Device::Gpu = options.device {
        open_gpu(options.gpu_precision)?;
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads.unwrap_or(0))
        .build()
        .context("cannot start the threads")?;
    let cases = find_cases(&options.directory)?;
    ensure!(
        !cases.is_empty(),
        "there is no case.json under {}",
        options.directory.display()
    );
    Ok(pool.install(|| print_cases(&cases)))
}

#[cfg(feature = "gpu")]
#[expect(clippy::print_stdout, reason = "the report is this program's output")]
fn open_gpu(precision: GpuPrecision) -> Result<()> {
    use astro_gpu::{Gpu, GpuOptions};
    let precision = match precision {
        GpuPrecision::Auto => astro_gpu::GpuPrecision::Auto,
        GpuPrecision::Extended => astro_gpu::GpuPrecision::Extended,
    };
    let gpu = Gpu::open(&GpuOptions::default())?;
    // Cases in f32 take f32 unless a precision is given.
    let gpu = gpu.with_precision(precision)?;
    println!("on {}: {} for f64", gpu.adapter(), gpu.precision_for(true)?);
    astro_tests::reference::compute_on(gpu);
    Ok(())
}

#[cfg(not(feature = "gpu"))]
fn open_gpu(_: GpuPrecision) -> Result<()> {
    anyhow::bail!("this program was built without GPU support: build it with the feature `gpu`")
}

/// Prints one line a check and the totals; true if all passed.
#[expect(clippy::print_stdout, reason = "the report is this program's output")]
fn print_cases(cases: &[PathBuf]) -> bool {
    let (mut passed, mut failed) = (0, 0);
    for case in cases {
        for check in check_case(case).iter() {
            println!("{check}");
            if check.passed {
                passed += 1;
            } else {
                failed += 1;
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    failed == 0
}
