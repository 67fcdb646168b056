//! Spectra and searches by `mpirun` with one, two and three ranks: the bits of one process.
//!
//! The program starts itself again as ranks, with a role in the environment.

use std::path::Path;
use std::process::{Command, ExitCode, Output};

use anyhow::{Context, Result, ensure};
use astro_core::{Communicator, GoodTimeIntervals, NoProgress, SingleProcess};
use astro_io::{EventFile, EventListLabels, IfExists, write_event_file};
use astro_mpi::World;
use astro_timing::pulsation::{PulseStatistic, SearchGrid, SearchPlan};
use astro_timing::simulate::{RateSeries, events_from_rate};
use astro_timing::{
    CrossSpectrumPlan, EnergyBand, EnergySpectraPlan, EventList, PowerSpectrumPlan,
};

const ROLE: &str = "ASTRO_TEST_ROLE";
const FILE: &str = "ASTRO_TEST_FILE";
const SEED: u64 = 5;

fn main() -> ExitCode {
    let outcome = match std::env::var(ROLE) {
        Ok(role) => return rank(&role),
        Err(_) => check(),
    };
    report(outcome, "")
}

#[expect(clippy::print_stdout, reason = "the only words of this program")]
fn report(outcome: Result<String>, prefix: &str) -> ExitCode {
    match outcome {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{prefix}{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Starts ranks and compares what they say with one process.
fn check() -> Result<String> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.evt");
    write_events(&path)?;
    let alone = results(&SingleProcess, &path)?.context("one process has the result")?;
    for ranks in [1, 2, 3] {
        let output = start(ranks, "compute", &path)?;
        let said = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{ranks} ranks: {errors}");
        // Rank 0 alone prints.
        ensure!(
            said.trim() == alone,
            "{ranks} ranks:\n{said}\nalone:\n{alone}"
        );
    }
    let output = start(3, "fail", &path)?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(!output.status.success(), "a failing rank ended well");
    ensure!(errors.contains("rank 1: no such moon"), "{errors}");
    Ok(format!(
        "1, 2 and 3 ranks have the bits of one process\n{alone}"
    ))
}

fn start(ranks: usize, role: &str, file: &Path) -> Result<Output> {
    let mut command = Command::new("mpirun");
    command.args(["-n", &ranks.to_string()]);
    command.arg(std::env::current_exe()?);
    command.env(ROLE, role).env(FILE, file);
    // Open MPI asks for these as root and with more ranks than processors; others do not mind.
    for name in [
        "OMPI_ALLOW_RUN_AS_ROOT",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM",
        "OMPI_MCA_rmaps_base_oversubscribe",
    ] {
        command.env(name, "1");
    }
    command.output().context("cannot start mpirun")
}

/// What one rank does.
fn rank(role: &str) -> ExitCode {
    let world = match World::open() {
        Ok(world) => world,
        Err(error) => return report(Err(error.into()), ""),
    };
    let path = std::env::var(FILE).unwrap_or_default();
    let outcome = match (role, world.rank()) {
        ("fail", 1) => Err(anyhow::anyhow!("no such moon")),
        _ => results(&world, Path::new(&path)),
    };
    match outcome {
        Ok(Some(text)) => report(Ok(text), ""),
        Ok(None) => ExitCode::SUCCESS,
        Err(error) => {
            let code = report(Err(error), &format!("rank {}: ", world.rank()));
            world.abort(1);
            code
        }
    }
}

/// A digest of every product, on rank 0.
fn results(ranks: &dyn Communicator, path: &Path) -> Result<Option<String>> {
    let file = EventFile::open(path)?;
    let mut lines = Vec::new();
    let plan = PowerSpectrumPlan::<f64>::new(4.0, 1e-3)?;
    if let Some(spectrum) = plan.execute_on(ranks, &file, &NoProgress)? {
        lines.push(format!("power {:016x}", digest(&spectrum.power)));
    }
    // One block: all ranks but one are without work.
    let plan = PowerSpectrumPlan::<f64>::new(256.0, 1e-2)?;
    if let Some(spectrum) = plan.execute_on(ranks, &file, &NoProgress)? {
        lines.push(format!("one block {:016x}", digest(&spectrum.power)));
    }
    let plan = CrossSpectrumPlan::<f32>::new(4.0, 1e-3)?;
    let [soft, hard] = [(0.0, 3.0), (3.0, 8.0)];
    let (soft, hard) = (
        EnergyBand::new(soft.0, soft.1)?,
        EnergyBand::new(hard.0, hard.1)?,
    );
    if let Some(spectrum) = plan.execute_bands_on(ranks, &file, hard, soft, &NoProgress)? {
        let parts: Vec<f64> = spectrum.cross.iter().flat_map(|c| [c.re, c.im]).collect();
        lines.push(format!("cross {:016x}", digest(&parts)));
    }
    let bands = EnergyBand::between(&[0.0, 2.0, 5.0, 8.0])?;
    let plan = EnergySpectraPlan::<f64>::new(8.0, 1e-2, bands, [0.5, 20.0])?;
    if let Some(spectra) = plan.execute_on(ranks, &file, &NoProgress)? {
        let lags: Vec<f64> = spectra.lags().iter().map(|lag| lag.value).collect();
        lines.push(format!("lags {:016x}", digest(&lags)));
    }
    let grid = SearchGrid::new(150.0, 4.0, 1e-3, 300).with_dots(-1e-6, 1e-6, 2);
    let plan = SearchPlan::new(grid, PulseStatistic::ZSquared { harmonics: 2 });
    if let Some(found) = plan.search_on(ranks, &file)? {
        let statistic: Vec<f64> = found.statistic.iter().copied().collect();
        lines.push(format!("search {:016x}", digest(&statistic)));
    }
    Ok((ranks.rank() == 0).then(|| lines.join("\n")))
}

/// FNV-1a of the bits.
fn digest(values: &[f64]) -> u64 {
    values.iter().fold(0xcbf2_9ce4_8422_2325, |hash, value| {
        (hash ^ value.to_bits()).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A file with gaps, in which one half is brighter than the other.
fn write_events(path: &Path) -> Result<()> {
    let mut times = events_from_rate(&RateSeries::constant(0.0, 310.0, 30.0), SEED)?;
    times.extend(events_from_rate(
        &RateSeries::constant(310.0, 310.0, 120.0),
        SEED + 1,
    )?);
    let energies = (0..times.len()).map(|i| (i % 11) as f32 * 0.7).collect();
    let good = GoodTimeIntervals::new([[0.0, 290.0], [300.0, 303.0], [311.5, 620.0]])?;
    let events = EventList::new(times, good)?.with_energies(energies)?;
    let wanted = astro_core::WantedColumns {
        energies: true,
        ..Default::default()
    };
    let labels = EventListLabels::default();
    write_event_file(path, &events, wanted, &labels, IfExists::Refuse)?;
    Ok(())
}
