//! The demo's report.

use std::path::Path;

use anyhow::Result;
use astro_visibility::FitReport;

use super::DataFiles;
use super::methods::{self, Measured};
use super::timing::Chapter;
use super::truth::{self, Compared};
use crate::commands::vis::fit::report::{FitFigures, add_figures, add_numbers};
use crate::plot::Figure;
use crate::report::Report;

/// Everything that the page shows.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) data: &'a DataFiles,
    pub(crate) comparison: &'a [Compared],
    pub(crate) report: &'a FitReport,
    pub(crate) coverage: &'a Figure,
    pub(crate) figures: &'a FitFigures,
    pub(crate) methods: &'a [Measured],
    pub(crate) timing: &'a Chapter,
    pub(crate) fit_method: String,
    pub(crate) seed: u64,
    pub(crate) elapsed_s: f64,
}

impl Page<'_> {
    pub(crate) fn html(&self) -> Result<String> {
        let mut page = Report::new(
            "Astro HPC demo",
            "A disc and a pulsar that do not exist were observed by instruments that do not exist; here is what was found, beside the truth.",
        );
        page.heading("Truth and recovered");
        page.paragraph(
            "The disc is a ring, inclined, rotated and off the phase center. Recovered are posterior medians with their standard deviations; the pull is the difference from the truth in units of that error.",
        );
        let rows: Vec<Vec<String>> = self.comparison.iter().map(Compared::cells).collect();
        page.table(&["Parameter", "Truth", "Recovered", "Error", "Pull"], &rows);

        page.heading("Observation");
        page.list(&[
            (
                "Array",
                "30 antennas on a spiral, 30 m to 650 m from its center".to_owned(),
            ),
            (
                "Track",
                "4 hours around transit, declination −35°, 300 s integrations".to_owned(),
            ),
            ("Frequency", format!("{:.0} GHz", truth::FREQUENCY_HZ / 1e9)),
            (
                "Noise",
                format!(
                    "{:.0} mJy in each real and imaginary part",
                    1e3 * truth::NOISE_JY
                ),
            ),
        ]);
        page.figure(
            self.coverage,
            "Points of the uv plane and their mirror images.",
        )?;

        add_numbers(&mut page, self.report);
        add_figures(&mut page, self.figures)?;

        page.heading("Methods");
        page.paragraph(
            "The disc's image of 1024 × 1024 pixels by each method: largest difference from the sum over all pixels, relative to the total flux, and the time of one χ² of all visibilities (best of five).",
        );
        page.table(
            &["Method", "Error / total flux", "Time of χ²"],
            &methods::rows(self.methods),
        );

        page.heading("Try it on these files");
        page.code(&self.commands());

        self.timing.add_to(&mut page, self.folder)?;

        page.heading("How this was made");
        page.list(&[
            ("Program", format!("astro {}", env!("CARGO_PKG_VERSION"))),
            (
                "Machine",
                format!(
                    "{} {}, {} threads",
                    std::env::consts::OS,
                    std::env::consts::ARCH,
                    rayon::current_num_threads()
                ),
            ),
            ("Seed", self.seed.to_string()),
            ("Precision", "f64".to_owned()),
            ("Method of the fit", self.fit_method.clone()),
            ("Time", format!("{:.1} s", self.elapsed_s)),
        ]);
        Ok(page.html())
    }

    fn commands(&self) -> String {
        let [uv, uvfits, profile, image] = [
            &self.data.text,
            &self.data.uvfits,
            &self.data.profile,
            &self.data.image,
        ]
        .map(|path| path.display().to_string());
        let out = self.folder.display();
        [
            format!("astro vis fit {uv} --model rings:1 --out {out}/my-fit"),
            format!("astro vis chi2 {uv} --image {image}"),
            format!("astro vis chi2 {uv} --profile {profile} --inc 50 --pa 30 --dra 0.12 --ddec -0.08 --plot {out}/uv.png"),
            format!("astro vis image {uv} --out {out}/dirty.fits --plot {out}/dirty.png"),
            format!("astro vis average {uvfits} --time 600 --field 0.4 --out {out}/slow.npz"),
            format!("astro vis size {uv}"),
            format!("astro vis fit --config {} --steps 0", self.data.config.display()),
        ]
        .join("\n")
    }
}
