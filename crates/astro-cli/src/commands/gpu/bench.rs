//! `astro gpu bench`: χ², its gradient, and spectra on a GPU beside the processor.

mod timing;

use std::time::{Duration, Instant};

use anyhow::Result;
use astro_fft::{FftReal, GpuRealFft, Sign};
use astro_gpu::shaders::{CountParams, kernels};
use astro_gpu::{CommandList, Dispatch, Gpu, Groups, Precision, StageTime};
use astro_visibility::{ImageMethod, Orientation, PrimaryBeam, ProfileMethod, VisibilityPlan};
use clap::Args;
use ndarray::Array2;
use serde_json::{Value, json};

use super::problem::Problem;
use crate::args::{AdapterOption, GpuPrecisionName, GpuPrecisionOption, HELP, RunOptions, Whole};
use crate::output::Console;

/// Transforms in one submission when the FFT is timed by itself.
const TRANSFORMS: usize = 10;

/// So long a GPU works before it is timed.
const WARM_UP: Duration = Duration::from_millis(200);

/// No measurement is repeated for longer.
const ENOUGH: Duration = Duration::from_secs(2);

/// Times χ² of images and profiles, its gradient, and spectra and searches of X-ray events, on a GPU and on the processor.
///
/// Times are for one model, or for all events; `batch` says that several were sent to the GPU at once. `of copy` is the rate at
/// which the passes of a stage move their buffers, over the measured rate of a copy on the device.
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
    /// Number of X-ray events; 0 leaves them out
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(0), default_value = "10000000")]
    events: usize,
    /// Trial frequencies of a search
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(1), default_value = "10000")]
    trials: usize,
    /// Models in a batch
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(1), default_value = "16")]
    batch: usize,
    /// Times each measurement is repeated, at most; the shortest counts
    #[arg(long, value_name = "N", value_parser = Whole::AtLeast(1), default_value = "5")]
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

/// One line of the table.
struct Row {
    /// Pixels along a side, or events.
    size: usize,
    what: String,
    /// Seconds of a model on the GPU and the stages of it, or why it cannot be.
    gpu: Result<(f64, Vec<StageTime>)>,
    /// Seconds of a model on the processor.
    cpu: Option<f64>,
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let gpu = self.adapter.open_timed(self.precision)?;
        let single = self.precision.gpu_precision == GpuPrecisionName::F32;
        let precision = gpu.precision_for(!single)?;
        let copy = self.copy_rate(&gpu)?;
        let mut lines = vec![
            format!("{}, computing in {precision}", gpu.adapter()),
            format!("a copy on the device moves {:.0} GB/s", 1e-9 * copy),
            format!(
                "{:>9} {:<28} {:>10} {:>10}  stages: ms, of copy",
                "size", "what", "GPU ms", "CPU ms"
            ),
        ];
        let mut rows = Vec::new();
        for &pixels in &self.sizes {
            let problem = Problem::new(pixels, self.points)?;
            let measured = if single {
                self.measure::<f32>(&gpu, &problem)?
            } else {
                self.measure::<f64>(&gpu, &problem)?
            };
            for row in measured {
                lines.push(row.line(copy));
                rows.push(row.json("pixels"));
            }
        }
        if self.events > 0 {
            let measured = if single {
                self.timing::<f32>(&gpu, self.events)?
            } else {
                self.timing::<f64>(&gpu, self.events)?
            };
            for row in measured {
                lines.push(row.line(copy));
                rows.push(row.json("events"));
            }
        }
        let value: Value = json!({
            "adapter": gpu.adapter().to_string(),
            "precision": precision.to_string(),
            "copy_bytes_per_s": copy,
            "points": self.points,
            "batch": self.batch,
            "rows": rows,
        });
        console.result(&lines.join("\n"), &value);
        Ok(())
    }

    /// Bytes a second that a copy reads and writes.
    fn copy_rate(&self, gpu: &Gpu) -> Result<f64> {
        let quads = (1 << 24).min(gpu.adapter().binding_bytes as usize / 16);
        let source = gpu.buffer::<[u32; 4]>("copy", quads)?;
        let output = gpu.buffer::<[u32; 4]>("copy", quads)?;
        let count = quads as u32;
        let (seconds, _) = self.shortest(|| {
            let mut list = CommandList::new();
            for _ in 0..TRANSFORMS {
                let params = CountParams { count };
                let dispatch = Dispatch::new(&kernels::COPY_WORDS, Precision::F32, &params)
                    .bind(source.all())
                    .bind(output.all());
                list.dispatch(dispatch, Groups::for_threads(quads));
            }
            gpu.run(list).map(drop)
        })?;
        Ok((TRANSFORMS * 2 * 16 * quads) as f64 / seconds)
    }

    fn measure<T: FftReal>(&self, gpu: &Gpu, problem: &Problem) -> Result<Vec<Row>> {
        let image = problem.image()?.mapv(T::from_f64_rounded);
        let rounded = problem.profile.iter().map(|&x| T::from_f64_rounded(x));
        let profile: Vec<T> = rounded.collect();
        let rel_error = if size_of::<T>() == 4 { 1e-4 } else { 1e-10 };
        let exact = ImageMethod::Exact { rel_error };
        let mut rows = Vec::new();
        for (name, method) in [("bilinear", ImageMethod::Bilinear), ("exact", exact)] {
            let method = ProfileMethod::Image(method);
            rows.push(self.image(gpu, problem, name, method, &image)?);
            rows.push(self.profile(gpu, problem, name, method, None, &profile)?);
        }
        let hankel = ProfileMethod::Hankel { rel_error };
        rows.push(self.profile(gpu, problem, "hankel", hankel, None, &profile)?);
        let bilinear = ProfileMethod::Image(ImageMethod::Bilinear);
        let beam = Some(problem.primary_beam()?);
        rows.push(self.profile(gpu, problem, "bilinear, beam", bilinear, beam, &profile)?);
        let exact = ProfileMethod::Image(exact);
        rows.push(self.image_gradient(gpu, problem, exact, &image)?);
        for (name, method) in [("exact", exact), ("hankel", hankel)] {
            rows.push(self.profile_gradient(gpu, problem, name, method, &profile)?);
        }
        rows.push(Row {
            size: problem.grid.rows,
            what: "real FFT, on the device".to_owned(),
            gpu: self.transform::<T>(gpu, problem),
            cpu: None,
        });
        Ok(rows)
    }

    /// χ² of an image that the host sends.
    fn image<T: FftReal>(
        &self,
        gpu: &Gpu,
        problem: &Problem,
        name: &str,
        method: ProfileMethod,
        image: &Array2<T>,
    ) -> Result<Row> {
        let placement = problem.orientation.placement();
        let chi2 = |plan: &VisibilityPlan<T>| plan.chi2_image(image.view(), &placement).map(drop);
        let on_gpu = || -> Result<_> {
            let plan = problem.builder(method).build_on(gpu)?;
            self.on_gpu(gpu, 1, || chi2(&plan))
        };
        let gpu = on_gpu();
        let cpu = self.on_cpu(|| {
            let plan = problem.builder(method).build()?;
            Ok(self.shortest(|| chi2(&plan))?.0)
        })?;
        let what = format!("χ² image, {name}");
        Ok(Row {
            size: problem.grid.rows,
            what,
            gpu,
            cpu,
        })
    }

    /// χ² of a profile, in batches on the GPU.
    fn profile<T: FftReal>(
        &self,
        gpu: &Gpu,
        problem: &Problem,
        name: &str,
        method: ProfileMethod,
        beam: Option<PrimaryBeam>,
        profile: &[T],
    ) -> Result<Row> {
        let builder = || match &beam {
            None => problem.builder(method),
            Some(beam) => problem.builder(method).primary_beam(beam.clone()),
        };
        let models: Vec<(&[T], Orientation)> = vec![(profile, problem.orientation); self.batch];
        let on_gpu = || -> Result<_> {
            let plan = builder().build_on(gpu)?;
            self.on_gpu(gpu, self.batch, || plan.chi2_profiles(&models).map(drop))
        };
        let gpu = on_gpu();
        let cpu = self.on_cpu(|| {
            let plan = builder().build()?;
            let call = || plan.chi2_profile(profile, &problem.orientation).map(drop);
            Ok(self.shortest(call)?.0)
        })?;
        let what = format!("χ² profile, {name}, batch");
        Ok(Row {
            size: problem.grid.rows,
            what,
            gpu,
            cpu,
        })
    }

    /// χ² and its gradient of an image that the host sends, the gradient read back.
    fn image_gradient<T: FftReal>(
        &self,
        gpu: &Gpu,
        problem: &Problem,
        method: ProfileMethod,
        image: &Array2<T>,
    ) -> Result<Row> {
        let placement = problem.orientation.placement();
        let call =
            |plan: &VisibilityPlan<T>| plan.chi2_image_gradient(image.view(), &placement).map(drop);
        self.gradient(gpu, problem, method, "gradient image, exact", call)
    }

    /// χ² and its gradient of a profile.
    fn profile_gradient<T: FftReal>(
        &self,
        gpu: &Gpu,
        problem: &Problem,
        name: &str,
        method: ProfileMethod,
        profile: &[T],
    ) -> Result<Row> {
        let call = |plan: &VisibilityPlan<T>| {
            plan.chi2_profile_gradient(profile, &problem.orientation)
                .map(drop)
        };
        let what = format!("gradient profile, {name}");
        self.gradient(gpu, problem, method, &what, call)
    }

    fn gradient<T: FftReal>(
        &self,
        gpu: &Gpu,
        problem: &Problem,
        method: ProfileMethod,
        what: &str,
        call: impl Fn(&VisibilityPlan<T>) -> astro_visibility::Result<()>,
    ) -> Result<Row> {
        let on_gpu = || -> Result<_> {
            let plan = problem.builder(method).build_on(gpu)?;
            self.on_gpu(gpu, 1, || call(&plan))
        };
        let gpu = on_gpu();
        let cpu = self.on_cpu(|| {
            let plan = problem.builder(method).build()?;
            Ok(self.shortest(|| call(&plan))?.0)
        })?;
        Ok(Row {
            size: problem.grid.rows,
            what: what.to_owned(),
            gpu,
            cpu,
        })
    }

    /// The transform by itself.
    fn transform<T: FftReal>(&self, gpu: &Gpu, problem: &Problem) -> Result<(f64, Vec<StageTime>)> {
        let fft = GpuRealFft::<T>::image(gpu, problem.grid.rows, problem.grid.columns)?;
        self.on_gpu(gpu, TRANSFORMS, || {
            let mut list = CommandList::new();
            list.stage("transform");
            for _ in 0..TRANSFORMS {
                fft.plane().record_forward(&mut list, Sign::Negative);
            }
            gpu.run(list).map(drop)
        })
    }

    /// Seconds and stages of one of `models`.
    fn on_gpu<E: Into<anyhow::Error>>(
        &self,
        gpu: &Gpu,
        models: usize,
        call: impl Fn() -> std::result::Result<(), E>,
    ) -> Result<(f64, Vec<StageTime>)> {
        // Compiles, allocates, and brings an idle card to its clock.
        let begin = Instant::now();
        while begin.elapsed() < WARM_UP {
            call().map_err(Into::into)?;
        }
        let _warming = gpu.take_stages();
        let (seconds, calls) = self.shortest(call)?;
        let each = (calls * models) as f64;
        let stages = gpu.take_stages().into_iter().map(|stage| StageTime {
            seconds: stage.seconds / each,
            bytes: (stage.bytes as f64 / each) as u64,
            ..stage
        });
        Ok((seconds / models as f64, stages.collect()))
    }

    fn on_cpu(&self, measure: impl FnOnce() -> Result<f64>) -> Result<Option<f64>> {
        (!self.gpu_only).then(measure).transpose()
    }

    /// The shortest of the times, after a first that allocates and compiles; and the number of calls.
    fn shortest<E: Into<anyhow::Error>>(
        &self,
        call: impl Fn() -> std::result::Result<(), E>,
    ) -> Result<(f64, usize)> {
        let begin = Instant::now();
        let (mut shortest, mut calls) = (f64::INFINITY, 0);
        for round in 0..=self.repeats {
            let start = Instant::now();
            call().map_err(Into::into)?;
            calls += 1;
            if round > 0 {
                shortest = shortest.min(start.elapsed().as_secs_f64());
            }
            if round > 0 && begin.elapsed() > ENOUGH {
                break;
            }
        }
        Ok((shortest, calls))
    }
}

impl Row {
    fn line(&self, copy: f64) -> String {
        let cpu = self
            .cpu
            .map_or("-".to_owned(), |s| format!("{:.3}", 1e3 * s));
        let (size, what) = (self.size, &self.what);
        match &self.gpu {
            Err(error) => format!("{size:>9} {what:<28} {:>10} {cpu:>10}  {error:#}", "-"),
            Ok((seconds, stages)) => {
                let stages = stages.iter().map(|stage| {
                    let share = stage.bytes as f64 / stage.seconds / copy;
                    format!("{} {:.3}, {share:.2}", stage.name, 1e3 * stage.seconds)
                });
                format!(
                    "{size:>9} {what:<28} {:>10.3} {cpu:>10}  {}",
                    1e3 * seconds,
                    stages.collect::<Vec<_>>().join("; ")
                )
            }
        }
    }

    fn json(&self, unit: &str) -> Value {
        let stages = self.gpu.as_ref().map_or(&[][..], |(_, stages)| stages);
        json!({
            unit: self.size,
            "what": self.what,
            "gpu_s": self.gpu.as_ref().ok().map(|(seconds, _)| seconds),
            "cpu_s": self.cpu,
            "error": self.gpu.as_ref().err().map(|error| format!("{error:#}")),
            "stages": stages.iter().map(|stage| {
                json!({ "name": stage.name, "s": stage.seconds, "bytes": stage.bytes })
            }).collect::<Vec<_>>(),
        })
    }
}
