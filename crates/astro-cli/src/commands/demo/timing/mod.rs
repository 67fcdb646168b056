//! The timing chapter: an accreting pulsar that does not exist, and what is found in its photons.

mod page;
mod recover;
mod truth;

use std::path::{Path, PathBuf};

use anyhow::Result;
use astro_core::{Progress, WantedColumns};
use astro_io::{EventFile, EventListLabels, write_event_file};

use super::truth::Compared;
use crate::output::{Files, pair_of};
use crate::plot::Figure;

/// Names of the figures.
const FIGURES: [&str; 4] = [
    "pulsar-search",
    "pulsar-profile",
    "pulsar-power",
    "pulsar-lags",
];

/// What the chapter found.
#[derive(Debug)]
pub(crate) struct Chapter {
    pub(crate) comparison: Vec<Compared>,
    /// Figures with their captions.
    pub(crate) figures: Vec<(Figure, String)>,
    /// Photons detected, and lost to dead time.
    pub(crate) detected: u64,
    pub(crate) lost: u64,
}

/// The event file of the chapter.
pub(crate) fn event_file(folder: &Path) -> PathBuf {
    folder.join("pulsar.evt")
}

/// Everything that the chapter writes.
pub(crate) fn planned(folder: &Path) -> Vec<PathBuf> {
    let figures = FIGURES.iter().flat_map(|name| pair_of(&folder.join(name)));
    std::iter::once(event_file(folder)).chain(figures).collect()
}

/// Simulates the pulsar, writes its events, reads them back, and compares what is found with the truth.
pub(crate) fn run(
    folder: &Path,
    files: &Files,
    seed: u64,
    progress: &dyn Progress,
) -> Result<Chapter> {
    progress.begin("pulsar", 5);
    let simulated = truth::observation()?.simulate(seed)?;
    progress.advance(1);
    let path = event_file(folder);
    let columns = WantedColumns {
        energies: true,
        channels: false,
        detectors: true,
    };
    let labels = EventListLabels {
        mission: "SIMULATED".to_owned(),
        instrument: "TWO DETECTORS".to_owned(),
        object: "DEMO PULSAR".to_owned(),
    };
    write_event_file(&path, &simulated.events, columns, &labels, files.if_exists)?;
    let events = EventFile::open(&path)?;
    let found = recover::recover(&events, progress)?;
    progress.end();
    let chapter = Chapter {
        comparison: found.compare()?,
        figures: found.figures()?,
        detected: events.info().events,
        lost: simulated.lost,
    };
    for (name, (figure, _)) in FIGURES.iter().zip(&chapter.figures) {
        files.figure_pair(&folder.join(name), figure)?;
    }
    Ok(chapter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::OverwriteOption;
    use astro_core::NoProgress;

    fn pulls(seeds: std::ops::Range<u64>) -> Vec<Vec<Compared>> {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(OverwriteOption { overwrite: true });
        seeds
            .map(|seed| {
                let chapter = run(folder.path(), &files, seed, &NoProgress).unwrap();
                assert_eq!(chapter.figures.len(), FIGURES.len());
                chapter.comparison
            })
            .collect()
    }

    #[test]
    fn the_truth_is_recovered() {
        for row in pulls(7..8).remove(0) {
            assert!(row.pull.abs() < 5.0, "{}: {}", row.label, row.pull);
        }
    }

    /// Mean and scatter of the pulls of each quantity, over many pulsars.
    #[test]
    fn pulls_are_standard_normal() {
        let all = pulls(100..124);
        let n = all.len() as f64;
        for k in 0..all[0].len() {
            let of = |power: i32| all.iter().map(|rows| rows[k].pull.powi(power)).sum::<f64>();
            let (mean, square) = (of(1) / n, of(2) / n);
            let label = &all[0][k].label;
            eprintln!("{label}: mean pull {mean:.2}, mean square {square:.2}");
            // Four standard errors of either.
            assert!(mean.abs() < 4.0 / n.sqrt(), "{label}: {mean}");
            assert!(
                (square - 1.0).abs() < 4.0 * (2.0 / n).sqrt(),
                "{label}: {square}"
            );
        }
    }
}
