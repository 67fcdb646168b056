//! `astro gpu bench`: χ² on a GPU beside the processor.

use std::time::Instant;

use anyhow::Result;
use astro_fft::{FftReal, GpuRealFft, Sign};
use astro_gpu::CommandList;
use astro_visibility::{ImageMethod, Orientation, ProfileMethod, VisibilityPlan};
use clap::Args;
use serde_json::{Value, json};

use super::problem::Problem;
use crate::args::{AdapterOption, GpuPrecisionName, GpuPrecisionOption, HELP, RunOptions, Whole};
use crate::output::Console;

/// Times χ² of images and profiles on a GPU and on the processor.
///
/// Times are for one model; `batch` says that several were sent to the GPU at once.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro gpu bench
  astro gpu bench --sizes 512,4096 --gpu-precision f32 --json")]
pub(crate) struct Arguments {
    /// Pixels along the side of the images
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = Whole::AtLeast(2), default_value = "512,1024,2048,4096")]
    sizes: Vec<usize>,
    /// Number of uv points
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(1), default_value = "1000000")]
    points: usize,
    /// Models in a batch
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(1), default_value = "16")]
    batch: usize,
    /// Times each measurement is repeated; the shortest counts
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(1), default_value = "3")]
    repeats: usize,
    /// Leave the processor out
    #[arg(long)]
    gpu_only: bool,
    #[command(flatten)]
    adapter: AdapterOption,
    #[command(flatten)]
    precision: GpuPrecisionOption,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let (mut lines, mut rows) = (Vec::new(), Vec::new());
        let gpu = self.adapter.open(self.precision)?;
        lines.push(gpu.adapter().to_string());
        lines.push(format!(
            "{:>6} {:<28} {:>9} {:>12} {:>12}",
            "pixels", "what", "precision", "GPU ms", "CPU ms"
        ));
        for &pixels in &self.sizes {
            let problem = Problem::new(pixels, self.points)?;
            let single = self.precision.gpu_precision == GpuPrecisionName::F32;
            let measured = if single {
                self.measure::<f32>(&gpu, &problem)?
            } else {
                self.measure::<f64>(&gpu, &problem)?
            };
            let precision = gpu.precision_for(!single)?;
            for (what, on_gpu, on_cpu) in measured {
                let cpu = on_cpu.map_or("-".to_owned(), |s| format!("{:.3}", 1e3 * s));
                lines.push(format!(
                    "{pixels:>6} {what:<28} {precision:>9} {:>12.3} {cpu:>12}",
                    1e3 * on_gpu
                ));
                rows.push(json!({ "pixels": pixels, "points": self.points, "what": what, "precision": precision.to_string(), "gpu_s": on_gpu, "cpu_s": on_cpu }));
            }
        }
        let value: Value =
            json!({ "adapter": gpu.adapter().to_string(), "batch": self.batch, "rows": rows });
        console.result(&lines.join("\n"), &value);
        Ok(())
    }

    /// (what, seconds on the GPU, seconds on the processor)
    fn measure<T: FftReal>(
        &self,
        gpu: &astro_gpu::Gpu,
        problem: &Problem,
    ) -> Result<Vec<(String, f64, Option<f64>)>> {
        let mut measured = Vec::new();
        let image = problem.image()?.mapv(T::from_f64_rounded);
        let profile: Vec<T> = problem
            .profile
            .iter()
            .map(|&x| T::from_f64_rounded(x))
            .collect();
        let rel_error = if size_of::<T>() == 4 { 1e-4 } else { 1e-10 };
        let placement = problem.orientation.placement();
        for (name, method) in [
            ("bilinear", ImageMethod::Bilinear),
            ("exact", ImageMethod::Exact { rel_error }),
        ] {
            let builder = || {
                VisibilityPlan::<T>::builder(&problem.table, problem.grid)
                    .profile_method(ProfileMethod::Image(method))
                    .radii(problem.radii)
            };
            let on_gpu = builder().build_on(gpu)?;
            let on_cpu = if self.gpu_only {
                None
            } else {
                Some(builder().build()?)
            };
            let models: Vec<(&[T], Orientation)> =
                vec![(&profile, problem.orientation); self.batch];
            let seconds =
                self.shortest(|| on_gpu.chi2_image(image.view(), &placement).map(drop))?;
            let cpu = self.on_cpu(on_cpu.as_ref(), |plan| {
                plan.chi2_image(image.view(), &placement).map(drop)
            })?;
            measured.push((format!("χ² image, {name}"), seconds, cpu));
            let seconds =
                self.shortest(|| on_gpu.chi2_profiles(&models).map(drop))? / self.batch as f64;
            let cpu = self.on_cpu(on_cpu.as_ref(), |plan| {
                plan.chi2_profile(&profile, &problem.orientation).map(drop)
            })?;
            measured.push((format!("χ² profile, {name}, batch"), seconds, cpu));
        }
        let builder = || {
            VisibilityPlan::<T>::builder(&problem.table, problem.grid)
                .profile_method(ProfileMethod::Hankel { rel_error })
                .radii(problem.radii)
        };
        let on_gpu = builder().build_on(gpu)?;
        let models: Vec<(&[T], Orientation)> = vec![(&profile, problem.orientation); self.batch];
        let seconds = self.shortest(|| on_gpu.chi2_profiles(&models).map(drop))?;
        let cpu = match self.gpu_only {
            true => None,
            false => self.on_cpu(Some(&builder().build()?), |plan| {
                plan.chi2_profile(&profile, &problem.orientation).map(drop)
            })?,
        };
        let name = "χ² profile, hankel, batch".to_owned();
        measured.push((name, seconds / self.batch as f64, cpu));
        let fft = GpuRealFft::<T>::image(gpu, problem.grid.rows, problem.grid.columns)?;
        let seconds = self.shortest(|| {
            let mut list = CommandList::new();
            fft.plane().record_forward(&mut list, Sign::Negative);
            gpu.run(list).map(drop)
        })?;
        measured.push(("real FFT, on the device".to_owned(), seconds, None));
        Ok(measured)
    }

    fn on_cpu<T: FftReal>(
        &self,
        plan: Option<&VisibilityPlan<T>>,
        call: impl Fn(&VisibilityPlan<T>) -> astro_visibility::Result<()>,
    ) -> Result<Option<f64>> {
        plan.map(|plan| self.shortest(|| call(plan))).transpose()
    }

    /// The shortest of the times, after one call that compiles and allocates.
    fn shortest<E: Into<anyhow::Error>>(
        &self,
        mut call: impl FnMut() -> std::result::Result<(), E>,
    ) -> Result<f64> {
        call().map_err(Into::into)?;
        let mut shortest = f64::INFINITY;
        for _ in 0..self.repeats {
            let start = Instant::now();
            call().map_err(Into::into)?;
            shortest = shortest.min(start.elapsed().as_secs_f64());
        }
        Ok(shortest)
    }
}
