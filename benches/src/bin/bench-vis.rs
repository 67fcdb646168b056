//! Times our side of `cargo xtask bench vis`, or weighs one method's memory; prints one JSON object.

use std::cell::Cell;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use astro_benches::memory;
use astro_benches::stopwatch::Timings;
use astro_benches::vis::VisibilityJob;
use astro_core::UvTable;
use astro_fft::{HalfPlane, RealFft2};
use astro_visibility::{ImageMethod, Orientation, Placement, ProfileMethod, VisibilityPlan};
use clap::Parser;
use ndarray::Array2;
use serde_json::{Map, Value, json};

/// Times χ² of images and profiles at one image size.
#[derive(Debug, Parser)]
struct Options {
    /// Pixels on a side.
    #[arg(long)]
    size: usize,
    /// Number of uv points.
    #[arg(long, default_value_t = 1_000_000)]
    points: usize,
    /// Threads to compute with.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Seconds to spend on each timing.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// Instead of timing, weigh the memory of this method.
    #[arg(long)]
    memory: Option<String>,
}

/// The methods timed for images, by the name that they have in the results.
const IMAGE_METHODS: [(&str, ImageMethod); 4] = [
    ("chi2_image.galario", ImageMethod::Galario),
    ("chi2_image.bilinear", ImageMethod::Bilinear),
    (
        "chi2_image.exact_1e-6",
        ImageMethod::Exact { rel_error: 1e-6 },
    ),
    (
        "chi2_image.exact_1e-12",
        ImageMethod::Exact { rel_error: 1e-12 },
    ),
];

/// The methods timed for profiles.
const PROFILE_METHODS: [(&str, ProfileMethod); 2] = [
    (
        "chi2_profile.hankel_1e-10",
        ProfileMethod::Hankel { rel_error: 1e-10 },
    ),
    (
        "chi2_profile.image_galario",
        ProfileMethod::Image(ImageMethod::Galario),
    ),
];

fn main() -> Result<()> {
    let options = Options::parse();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .build()
        .context("cannot start the threads")?;
    let report = pool.install(|| match &options.memory {
        Some(method) => weigh(&options, method),
        None => time(&options),
    })?;
    #[expect(clippy::print_stdout, reason = "the report is this program's output")]
    {
        println!("{report}");
    }
    Ok(())
}

/// Every method in turn, plans built before the clock starts.
fn time(options: &Options) -> Result<Value> {
    let job = VisibilityJob::new(options.size, options.points);
    let image = job.image();
    let budget = Duration::from_secs_f64(options.seconds);
    let placement = job.orientation.placement();
    let mut report = Report::default();

    for (name, method) in IMAGE_METHODS {
        let start = Instant::now();
        let plan = image_plan(&job, method)?;
        report.plan(name, start.elapsed());
        let mut chi2 = 0.0;
        report.timings(
            name,
            &repeat(budget, || {
                chi2 = plan.chi2_image(image.view(), &placement)?;
                Ok(())
            })?,
        );
        report.chi2(name, chi2);
        // A fit changes the position angle with every call, and with it the place of every point.
        let turns = Cell::new(0.0);
        report.timings(
            &format!("{name}.turning"),
            &repeat(budget, || {
                turns.set(turns.get() + 0.01);
                let position_angle_rad = placement.position_angle_rad + turns.get();
                let turned = Placement {
                    position_angle_rad,
                    ..placement
                };
                plan.chi2_image(image.view(), &turned)?;
                Ok(())
            })?,
        );
    }
    for (name, method) in PROFILE_METHODS {
        let start = Instant::now();
        let plan = profile_plan(&job, method)?;
        report.plan(name, start.elapsed());
        let mut chi2 = 0.0;
        let turns = Cell::new(0.0);
        let first = plan.chi2_profile(&job.profile, &job.orientation)?;
        report.timings(
            name,
            &repeat(budget, || {
                turns.set(turns.get() + 0.001);
                let orientation = Orientation {
                    inclination_rad: job.orientation.inclination_rad + turns.get() % 0.5,
                    position_angle_rad: job.orientation.position_angle_rad + turns.get(),
                    ..job.orientation
                };
                chi2 = plan.chi2_profile(&job.profile, &orientation)?;
                Ok(())
            })?,
        );
        report.chi2(name, first);
    }
    let fft = RealFft2::<f64>::new(options.size, options.size)?;
    let mut out = HalfPlane::new();
    report.timings(
        "fft.r2c",
        &repeat(budget, || transform(&fft, &image, &mut out))?,
    );
    Ok(report.into_json(options))
}

fn transform(fft: &RealFft2<f64>, image: &Array2<f64>, out: &mut HalfPlane<f64>) -> Result<()> {
    let fill = |i: usize, row: &mut [f64]| {
        for (to, from) in row.iter_mut().zip(image.row(i)) {
            *to = *from;
        }
    };
    Ok(fft.forward_rows(0..fft.rows(), &fill, fft.spectrum_columns(), out)?)
}

/// Times a fallible operation; the first error ends it.
fn repeat(budget: Duration, mut operation: impl FnMut() -> Result<()>) -> Result<Timings> {
    let mut outcome = Ok(());
    let timings = Timings::of(budget, || {
        if outcome.is_ok() {
            outcome = operation();
        }
    });
    outcome.map(|()| timings)
}

fn image_plan(job: &VisibilityJob, method: ImageMethod) -> Result<VisibilityPlan<f64>> {
    Ok(VisibilityPlan::<f64>::builder(&job.table, job.grid)
        .image_method(method)
        .build()?)
}

fn profile_plan(job: &VisibilityJob, method: ProfileMethod) -> Result<VisibilityPlan<f64>> {
    Ok(VisibilityPlan::<f64>::builder(&job.table, job.grid)
        .profile_method(method)
        .radii(job.radii)
        .build()?)
}

/// What one method needs beyond its inputs: the plan and the peak of one call.
///
/// The uv table is dropped once the plan has it, since a plan keeps all that it needs.
fn weigh(options: &Options, method: &str) -> Result<Value> {
    let mut job = VisibilityJob::new(options.size, options.points);
    let image_method = IMAGE_METHODS.iter().find(|(name, _)| *name == method);
    let profile_method = PROFILE_METHODS.iter().find(|(name, _)| *name == method);
    let image = image_method.map(|_| job.image());
    let inputs =
        memory::resident_bytes().context("this system does not tell a process's memory")?;
    if !memory::forget_peak() {
        bail!("this system cannot forget a process's peak memory");
    }
    let plan = match (image_method, profile_method) {
        (Some(&(_, method)), _) => image_plan(&job, method)?,
        (_, Some(&(_, method))) => profile_plan(&job, method)?,
        _ => bail!("there is no method `{method}`"),
    };
    let with_plan = memory::resident_bytes().unwrap_or(inputs);
    job.table = UvTable::default();
    match &image {
        Some(image) => plan.chi2_image(image.view(), &job.orientation.placement())?,
        None => plan.chi2_profile(&job.profile, &job.orientation)?,
    };
    let peak = memory::peak_bytes().context("this system does not tell a process's peak")?;
    Ok(json!({
        "method": method,
        "size": options.size,
        "points": options.points,
        "inputs_bytes": inputs,
        "plan_bytes": with_plan.saturating_sub(inputs),
        "peak_bytes": peak,
        "beyond_inputs_bytes": peak.saturating_sub(inputs),
    }))
}

/// The JSON object to be.
#[derive(Debug, Default)]
struct Report {
    timings: Map<String, Value>,
    plans: Map<String, Value>,
    chi2: Map<String, Value>,
}

impl Report {
    fn timings(&mut self, name: &str, timings: &Timings) {
        self.timings.insert(name.to_owned(), timings.to_json());
    }

    fn plan(&mut self, name: &str, time: Duration) {
        self.plans
            .insert(name.to_owned(), time.as_secs_f64().into());
    }

    fn chi2(&mut self, name: &str, chi2: f64) {
        self.chi2.insert(name.to_owned(), chi2.into());
    }

    fn into_json(self, options: &Options) -> Value {
        json!({
            "side": "astro",
            "size": options.size,
            "points": options.points,
            "threads": options.threads,
            "versions": { "astro": env!("CARGO_PKG_VERSION") },
            "timings": self.timings,
            "plan_s": self.plans,
            "chi2": self.chi2,
        })
    }
}
