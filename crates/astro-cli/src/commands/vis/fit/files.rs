//! The folder that a fit writes.

use std::path::{Path, PathBuf};

use anyhow::Result;
use astro_io::{IfExists, NpyArray, NpzArrays, write_npz, write_uv_npz};
use astro_visibility::{BrightnessUnit, FitProblem, Posterior};
use ndarray::Array1;
use serde_json::Value;

use super::products::{Pictures, ProfileBand};
use super::solve::Solution;
use crate::commands::vis::sky::{SkyLabels, write_sky_image};
use crate::output::{Files, pair_of};

/// The files of one fit.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// File-name endings, one a dataset: empty for a single one.
    suffixes: Vec<String>,
}

impl Folder {
    pub(crate) fn new(path: &Path, problem: &FitProblem) -> Result<Self> {
        let count = problem.datasets().len();
        let suffixes = (0..count)
            .map(|d| {
                Ok(match count {
                    1 => String::new(),
                    _ => format!("_{}", plain(problem.label(d)?)),
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            path: path.to_path_buf(),
            suffixes,
        })
    }

    pub(crate) fn checkpoint(path: &Path) -> PathBuf {
        path.join("checkpoint")
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn of(&self, name: &str, dataset: usize, extension: &str) -> PathBuf {
        self.at(&format!("{name}{}.{extension}", self.suffixes[dataset]))
    }

    /// A figure's name without extension.
    pub(crate) fn figure(&self, name: &str) -> PathBuf {
        self.at(name)
    }

    pub(crate) fn figure_of(&self, name: &str, dataset: usize) -> PathBuf {
        self.at(&format!("{name}{}", self.suffixes[dataset]))
    }

    /// Every file that a fit may write.
    pub(crate) fn all(&self, sampled: bool) -> Vec<PathBuf> {
        let mut names: Vec<PathBuf> = ["fit.json", "report.html"].map(|n| self.at(n)).to_vec();
        let mut figures = vec![self.figure("uv"), self.figure("profile")];
        if sampled {
            names.push(self.at("chain.npz"));
            figures.extend([self.figure("corner"), self.figure("traces")]);
        }
        for dataset in 0..self.suffixes.len() {
            for (name, extension) in [
                ("model", "npz"),
                ("residuals", "npz"),
                ("profile", "txt"),
                ("data", "fits"),
                ("model", "fits"),
                ("residuals", "fits"),
            ] {
                names.push(self.of(name, dataset, extension));
            }
            figures.push(self.figure_of("images", dataset));
        }
        names.extend(figures.iter().flat_map(|stem| pair_of(stem)));
        names
    }

    pub(crate) fn write_numbers(&self, files: &Files, value: &Value) -> Result<()> {
        files.write(&self.at("fit.json"), format!("{value:#}\n").as_bytes())
    }

    /// `chain`, `log_likelihood` and `log_prior`, all steps; `burn` steps are to be left out.
    pub(crate) fn write_chain(&self, posterior: &Posterior, if_exists: IfExists) -> Result<()> {
        let chain = &posterior.chain;
        let arrays = NpzArrays::from([
            ("chain".to_owned(), chain.coordinates().to_owned().into()),
            (
                "log_likelihood".to_owned(),
                chain.log_likelihood().to_owned().into(),
            ),
            ("log_prior".to_owned(), chain.log_prior().to_owned().into()),
            (
                "burn".to_owned(),
                NpyArray::from(Array1::from_vec(vec![posterior.burn as i64])),
            ),
        ]);
        write_npz(self.at("chain.npz"), &arrays, if_exists)?;
        Ok(())
    }

    /// Model and residual visibilities at every row of the table that was given.
    pub(crate) fn write_visibilities(
        &self,
        problem: &FitProblem,
        solution: &Solution,
        dataset: usize,
        if_exists: IfExists,
    ) -> Result<()> {
        let values = &solution.maximum.values;
        let model = problem.model_table(values, dataset)?;
        write_uv_npz(self.of("model", dataset, "npz"), &model, if_exists)?;
        let residuals = problem.residual_table(values, dataset)?;
        write_uv_npz(self.of("residuals", dataset, "npz"), &residuals, if_exists)?;
        Ok(())
    }

    /// The best profile and its band, in every unit that is known.
    pub(crate) fn write_profile(
        &self,
        files: &Files,
        band: &ProfileBand,
        dataset: usize,
        beam_sr: Option<f64>,
        frequency_hz: Option<f64>,
    ) -> Result<()> {
        let units =
            std::iter::once(("Jy/sr", BrightnessUnit::JyPerSr))
                .chain(beam_sr.map(|beam_sr| ("Jy/beam", BrightnessUnit::JyPerBeam { beam_sr })))
                .chain(frequency_hz.map(|frequency_hz| {
                    ("K", BrightnessUnit::KelvinRayleighJeans { frequency_hz })
                }));
        let units: Vec<(&str, BrightnessUnit)> = units.collect();
        let mut text = String::from("# radius [arcsec]");
        for (name, _) in &units {
            text += &format!(", maximum [{name}]");
            if !band.median.is_empty() {
                text += &format!(", median [{name}], 16 % [{name}], 84 % [{name}]");
            }
        }
        text.push('\n');
        for (k, radius) in band.radius_arcsec.iter().enumerate() {
            text += &format!("{radius:.6}");
            for (_, unit) in &units {
                let mut push = |value: f64| -> Result<()> {
                    text += &format!(" {:.6e}", unit.from_jy_per_sr(value)?);
                    Ok(())
                };
                push(band.best[k])?;
                if let (Some(median), Some((low, high))) =
                    (band.median.get(k), band.one_sigma.get(k))
                {
                    push(*median)?;
                    push(*low)?;
                    push(*high)?;
                }
            }
            text.push('\n');
        }
        files.write(&self.of("profile", dataset, "txt"), text.as_bytes())
    }

    /// Dirty images of data, model and residuals.
    pub(crate) fn write_pictures(
        &self,
        problem: &FitProblem,
        pictures: &Pictures,
        dataset: usize,
        if_exists: IfExists,
    ) -> Result<()> {
        let labels = SkyLabels {
            unit: "Jy/beam",
            beam: pictures.beam,
            phase_center: problem.fitted_table(dataset)?.phase_center,
            frequency_hz: problem.frequency_hz(dataset)?,
        };
        for (name, image) in [
            ("data", &pictures.data),
            ("model", &pictures.model),
            ("residuals", &pictures.residual),
        ] {
            let path = self.of(name, dataset, "fits");
            write_sky_image(&path, image, &pictures.grid, &labels, if_exists)?;
        }
        Ok(())
    }
}

/// A label that can be part of a file name anywhere.
fn plain(label: &str) -> String {
    let kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    label
        .chars()
        .map(|c| if kept(c) { c } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_make_plain_file_names() {
        assert_eq!(plain("ALMA 1.3 mm/cfg"), "ALMA_1.3_mm_cfg");
    }
}
