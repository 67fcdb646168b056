//! Where to compute.

use std::fmt;

use anyhow::Result;
use astro_fft::FftReal;
use astro_visibility::{VisibilityPlan, VisibilityPlanBuilder};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::output::Usage;

/// The CPU or a GPU. The options are there in every build, so that the same
/// calls and configuration files are understood; without the feature `gpu` a GPU is refused.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Device")]
pub(crate) struct DeviceOptions {
    /// Where to compute; auto takes a GPU if there is one that can, and says which device ran
    #[arg(long, value_enum, value_name = "DEVICE", default_value_t = DeviceName::Cpu)]
    device: DeviceName,
    #[command(flatten)]
    adapter: AdapterOption,
    #[command(flatten)]
    precision: GpuPrecisionOption,
}

/// Names of devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DeviceName {
    /// The processor
    Cpu,
    /// A GPU, or an error that says why not
    Gpu,
    /// A GPU if there is one that can, else the processor with the reason
    Auto,
}

/// Which GPU.
#[derive(Clone, Debug, Args)]
pub(crate) struct AdapterOption {
    /// Which GPU: part of its name, or its number in `astro gpu info` [default: the fastest kind]
    #[arg(long, value_name = "NAME", help_heading = "Device")]
    adapter: Option<String>,
}

/// How a GPU computes.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct GpuPrecisionOption {
    /// Arithmetic of the GPU; auto has never less than the precision of the CPU
    #[arg(long, value_enum, value_name = "TYPE", default_value_t = GpuPrecisionName::Auto, help_heading = "Device")]
    pub(crate) gpu_precision: GpuPrecisionName,
}

/// Names of the precisions of a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GpuPrecisionName {
    /// Single precision, angles in fixed point
    F32,
    /// Pairs of single-precision numbers, where the GPU passes a self-test
    Extended,
    /// Double precision, where the GPU has it
    F64,
    /// Double, else extended, for double-precision results; single for others
    Auto,
}

/// Where something was computed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    /// The GPU with its driver; `None` is the CPU.
    gpu: Option<String>,
    precision: String,
    /// Of a GPU: largest error, and of what.
    error_bound: Option<(f64, &'static str)>,
    /// Why the CPU was taken although a GPU would have been welcome.
    reason: Option<String>,
}

impl Place {
    pub(crate) fn json(&self) -> Value {
        json!({
            "kind": if self.gpu.is_some() { "gpu" } else { "cpu" },
            "gpu": self.gpu,
            "precision": self.precision,
            "error_bound": self.error_bound.map(|(bound, _)| bound),
            "reason": self.reason,
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gpu = self.gpu.as_deref();
        write!(f, "device: {} in {}", gpu.unwrap_or("CPU"), self.precision)?;
        if let Some((bound, of)) = self.error_bound {
            write!(f, ", error at most {bound:.1e} of {of}")?;
        }
        match &self.reason {
            Some(reason) => write!(f, " (not a GPU: {reason})"),
            None => Ok(()),
        }
    }
}

/// A plan for events that a GPU can take over.
pub(crate) trait OnGpu: Sized {
    /// The same plan there.
    #[cfg(feature = "gpu")]
    fn on(self, gpu: &astro_gpu::Gpu) -> Result<Self>;

    /// Its largest error there, relative to the number of events, with segments of `bins` bins.
    #[cfg(feature = "gpu")]
    fn error_bound(&self, bins: usize) -> Option<f64>;
}

impl DeviceOptions {
    /// A plan for segments of `bins` bins where it was asked for. `obstacle` says why no GPU can do its work.
    #[cfg_attr(
        not(feature = "gpu"),
        expect(unused_variables, reason = "a CPU has no rounding to tell of")
    )]
    pub(crate) fn place<T: FftReal, P: OnGpu>(
        &self,
        plan: P,
        bins: usize,
        obstacle: Option<&str>,
    ) -> Result<(P, Place)> {
        #[cfg(feature = "gpu")]
        {
            match self.gpu::<T>(obstacle)? {
                Err(reason) => Ok((plan, self.on_cpu::<T>(&reason)?)),
                Ok(gpu) => {
                    let plan = plan.on(&gpu)?;
                    let bound = plan.error_bound(bins);
                    let place = on_gpu::<T>(&gpu, bound.map(|x| (x, "the number of events")))?;
                    Ok((plan, place))
                }
            }
        }
        #[cfg(not(feature = "gpu"))]
        Ok((plan, self.on_cpu::<T>(obstacle.unwrap_or(BUILT_WITHOUT))?))
    }

    /// The GPU that was asked for, or why it is to be the CPU.
    #[cfg(feature = "gpu")]
    fn gpu<T: FftReal>(&self, obstacle: Option<&str>) -> Result<Result<astro_gpu::Gpu, String>> {
        Ok(match (self.device, obstacle) {
            (DeviceName::Cpu, _) => Err(String::new()),
            (_, Some(obstacle)) => Err(obstacle.to_owned()),
            (DeviceName::Gpu, None) => Ok(self.adapter.open(self.precision)?),
            (DeviceName::Auto, None) => self.suitable::<T>(),
        })
    }

    /// Builds a plan where it was asked for. `obstacle` says what of it no GPU can do.
    #[cfg(feature = "gpu")]
    pub(crate) fn build<T: FftReal>(
        &self,
        builder: VisibilityPlanBuilder<'_, T>,
        obstacle: Option<&str>,
    ) -> Result<(VisibilityPlan<T>, Place)> {
        match self.gpu::<T>(obstacle)? {
            Err(reason) => {
                let place = self.on_cpu::<T>(&reason)?;
                Ok((builder.build()?, place))
            }
            Ok(gpu) => {
                let plan = builder.build_on(&gpu)?;
                let bound = plan.gpu_report().map(|report| report.error_bound);
                let place = on_gpu::<T>(&gpu, bound.map(|bound| (bound, "the total flux")))?;
                Ok((plan, place))
            }
        }
    }

    /// Builds a plan on the CPU: this program knows no other device.
    #[cfg(not(feature = "gpu"))]
    pub(crate) fn build<T: FftReal>(
        &self,
        builder: VisibilityPlanBuilder<'_, T>,
        obstacle: Option<&str>,
    ) -> Result<(VisibilityPlan<T>, Place)> {
        let place = self.on_cpu::<T>(obstacle.unwrap_or(BUILT_WITHOUT))?;
        Ok((builder.build()?, place))
    }

    /// The CPU for a computation in `T` that no GPU can do because of `obstacle`.
    ///
    /// # Errors
    /// Wrong usage if a GPU was asked for.
    pub(crate) fn on_cpu<T: FftReal>(&self, obstacle: &str) -> Result<Place> {
        let chosen = self.adapter.adapter.is_some()
            || self.precision.gpu_precision != GpuPrecisionName::Auto;
        let reason = match self.device {
            DeviceName::Cpu if chosen => {
                let text = "--adapter and --gpu-precision choose a GPU, which the CPU has no use for; add --device gpu or leave them out";
                return Err(Usage(text.to_owned()).into());
            }
            DeviceName::Cpu => None,
            DeviceName::Auto => Some(obstacle.to_owned()),
            DeviceName::Gpu => {
                let text = format!("--device gpu is not possible: {obstacle}; use --device cpu");
                return Err(Usage(text).into());
            }
        };
        let wide = size_of::<T>() == size_of::<f64>();
        Ok(Place {
            gpu: None,
            precision: if wide { "f64" } else { "f32" }.to_owned(),
            error_bound: None,
            reason,
        })
    }

    /// A GPU that computes faster than the CPU and as accurately, or why there is none.
    #[cfg(feature = "gpu")]
    fn suitable<T: FftReal>(&self) -> Result<astro_gpu::Gpu, String> {
        let gpu = self
            .adapter
            .open(self.precision)
            .map_err(|error| error.to_string())?;
        if gpu.is_software() && self.adapter.adapter.is_none() {
            return Err(format!("{} computes on the CPU", gpu.adapter()));
        }
        let wide = size_of::<T>() == size_of::<f64>();
        gpu.precision_for(wide).map_err(|error| error.to_string())?;
        Ok(gpu)
    }
}

/// What ran on a GPU.
#[cfg(feature = "gpu")]
fn on_gpu<T: FftReal>(
    gpu: &astro_gpu::Gpu,
    error_bound: Option<(f64, &'static str)>,
) -> Result<Place> {
    let wide = size_of::<T>() == size_of::<f64>();
    Ok(Place {
        gpu: Some(gpu.adapter().to_string()),
        precision: gpu.precision_for(wide)?.to_string(),
        error_bound,
        reason: None,
    })
}

/// Why a program without the feature has no GPU.
#[cfg(not(feature = "gpu"))]
pub(crate) const BUILT_WITHOUT: &str = "this program was built without GPU support (cargo install --path crates/astro-cli --features gpu builds it in)";

#[cfg(feature = "gpu")]
impl AdapterOption {
    /// Opens the GPU.
    pub(crate) fn open(&self, precision: GpuPrecisionOption) -> Result<astro_gpu::Gpu> {
        self.open_with(precision, false)
    }

    /// Opens the GPU so that it times the stages of its work.
    pub(crate) fn open_timed(&self, precision: GpuPrecisionOption) -> Result<astro_gpu::Gpu> {
        self.open_with(precision, true)
    }

    fn open_with(
        &self,
        precision: GpuPrecisionOption,
        time_stages: bool,
    ) -> Result<astro_gpu::Gpu> {
        use astro_gpu::{AdapterChoice, Gpu, GpuOptions, GpuPrecision};
        let adapter = match &self.adapter {
            None => AdapterChoice::HighPower,
            Some(text) => match text.parse() {
                Ok(index) => AdapterChoice::Index(index),
                Err(_) => AdapterChoice::Name(text.clone()),
            },
        };
        let precision = match precision.gpu_precision {
            GpuPrecisionName::F32 => GpuPrecision::F32,
            GpuPrecisionName::Extended => GpuPrecision::Extended,
            GpuPrecisionName::F64 => GpuPrecision::F64,
            GpuPrecisionName::Auto => GpuPrecision::Auto,
        };
        Ok(Gpu::open(&GpuOptions {
            adapter,
            precision,
            time_stages,
            ..GpuOptions::default()
        })?)
    }
}
