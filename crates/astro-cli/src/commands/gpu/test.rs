//! `astro gpu test`: every method on a GPU against the processor.

use anyhow::{Result, ensure};
use astro_core::Real;
use astro_fft::FftReal;
use astro_gpu::{Gpu, GpuPrecision, Precision};
use astro_visibility::{ImageMethod, ProfileMethod};
use clap::Args;
use num_complex::{Complex, Complex64};
use serde_json::json;

use super::problem::Problem;
use crate::args::{AdapterOption, GpuPrecisionName, GpuPrecisionOption, HELP, RunOptions, Whole};
use crate::output::Console;

/// Compares visibilities on a GPU with those of the processor, in every precision that works there.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro gpu test
  astro gpu test --adapter 0 --pixels 256")]
pub(crate) struct Arguments {
    /// Pixels along the side of the image
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(2), default_value = "128")]
    pixels: usize,
    /// Number of uv points
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(1), default_value = "10000")]
    points: usize,
    #[command(flatten)]
    adapter: AdapterOption,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// One comparison.
struct Comparison {
    what: String,
    error: f64,
    bound: f64,
    /// What the error is a part of.
    of: &'static str,
}

impl Comparison {
    /// Not where the error is no number.
    fn holds(&self) -> bool {
        self.error <= self.bound
    }
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        // Every adapter has f32; what else it has is tested below.
        let gpu = self.adapter.open(GpuPrecisionOption {
            gpu_precision: GpuPrecisionName::F32,
        })?;
        let problem = Problem::new(self.pixels, self.points)?;
        let mut comparisons = Vec::new();
        for (precision, asked) in [
            (Precision::F32, GpuPrecision::F32),
            (Precision::Extended, GpuPrecision::Extended),
            (Precision::F64, GpuPrecision::F64),
        ] {
            if !gpu.support().has(precision) {
                continue;
            }
            let gpu = gpu.with_precision(asked)?;
            match precision {
                Precision::F32 => compare::<f32>(&gpu, &problem, 1e-4, &mut comparisons)?,
                _ => compare::<f64>(&gpu, &problem, 1e-10, &mut comparisons)?,
            }
        }
        let mut text = vec![gpu.adapter().to_string()];
        text.extend(comparisons.iter().map(|c| {
            let word = if c.holds() { "ok    " } else { "FAILED" };
            format!(
                "{word} {:<40} {:.1e} <= {:.1e} of {}",
                c.what, c.error, c.bound, c.of
            )
        }));
        let failed = comparisons.iter().filter(|c| !c.holds()).count();
        let value = json!({
            "adapter": gpu.adapter().to_string(),
            "checks": comparisons.iter().map(|c| json!({ "what": c.what, "error": c.error, "bound": c.bound, "of": c.of })).collect::<Vec<_>>(),
            "failed": failed,
        });
        console.result(&text.join("\n"), &value);
        ensure!(
            failed == 0,
            "{failed} of {} comparisons failed: do not trust this adapter",
            comparisons.len()
        );
        Ok(())
    }
}

fn compare<T: FftReal>(
    gpu: &Gpu,
    problem: &Problem,
    rel_error: f64,
    comparisons: &mut Vec<Comparison>,
) -> Result<()> {
    let image = problem.image()?.mapv(T::from_f64_rounded);
    let same = image.mapv(Real::as_f64);
    let flux: f64 = same.iter().map(|x| x.abs()).sum();
    let profile: Vec<T> = problem
        .profile
        .iter()
        .map(|&x| T::from_f64_rounded(x))
        .collect();
    let exact = ImageMethod::Exact { rel_error };
    let mut push = |what: &str, bound, found: &[Complex<T>], truth: &[Complex64]| {
        let distance =
            |(a, b): (&Complex<T>, &Complex64)| (a.re.as_f64() - b.re).hypot(a.im.as_f64() - b.im);
        let largest = found.iter().zip(truth).map(distance).fold(0.0, f64::max);
        comparisons.push(Comparison {
            what: what.to_owned(),
            error: largest / flux,
            bound,
            of: "total flux",
        });
    };
    let mut gradients = Vec::new();
    for (name, method) in [
        ("bilinear", ProfileMethod::Image(ImageMethod::Bilinear)),
        ("exact", ProfileMethod::Image(exact)),
        ("hankel", ProfileMethod::Hankel { rel_error }),
    ] {
        let cpu = problem.builder::<f64>(method).build()?;
        let plan = problem.builder::<T>(method).build_on(gpu)?;
        let Some(report) = plan.gpu_report() else {
            continue;
        };
        let (precision, bound) = (report.precision, 2.0 * report.error_bound);
        if let ProfileMethod::Image(_) = method {
            let placement = problem.orientation.placement();
            let truth = cpu.sample_image(same.view(), &placement)?;
            let found = plan.sample_image(image.view(), &placement)?;
            push(
                &format!("image, {name}, {precision}"),
                bound,
                &found,
                &truth,
            );
        }
        let truth = cpu.sample_profile(&problem.profile, &problem.orientation)?;
        let found = plan.sample_profile(&profile, &problem.orientation)?;
        // Both sides keep the error asked for; drawing adds the roundings of the profile's place.
        let bound = bound + 60.0 * precision.unit_roundoff();
        push(
            &format!("profile, {name}, {precision}"),
            bound,
            &found,
            &truth,
        );
        if let ProfileMethod::Image(ImageMethod::Bilinear) = method {
            // It has no gradient.
            continue;
        }
        let truth = cpu.chi2_profile_gradient(&problem.profile, &problem.orientation)?;
        let found = plan.chi2_profile_gradient(&profile, &problem.orientation)?;
        let scale = truth.profile.iter().fold(0.0_f64, |a, x| a.max(x.abs()));
        let pairs = found.profile.iter().zip(&truth.profile);
        let largest = pairs
            .map(|(found, truth)| (found.as_f64() - truth).abs())
            .fold(0.0, f64::max);
        gradients.push(Comparison {
            what: format!("gradient of a profile, {name}, {precision}"),
            error: largest / scale,
            // There and back, and pixels whose terms nearly cancel: docs/accuracy.md.
            bound: 25.0 * rel_error,
            of: "the largest",
        });
    }
    comparisons.extend(gradients);
    Ok(())
}
