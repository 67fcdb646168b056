//! The chapter in the demo's report.

use std::path::Path;

use anyhow::Result;

use super::super::truth::Compared;
use super::{Chapter, event_file, truth};
use crate::report::Report;

impl Chapter {
    /// Adds the chapter to the page.
    pub(crate) fn add_to(&self, page: &mut Report, folder: &Path) -> Result<()> {
        page.heading("Timing: an accreting pulsar");
        page.paragraph(
            "A pulsar with a quasi-periodic oscillation was seen by two detectors with dead time; its hard photons follow the soft ones. The pulse comes from a search refined to the summit of Z², its fraction and the oscillation are corrected for dead time, the lag is that of bands of different detectors.",
        );
        let rows: Vec<Vec<String>> = self.comparison.iter().map(Compared::cells).collect();
        page.table(&["Quantity", "Truth", "Recovered", "Error", "Pull"], &rows);
        let [first, second] = truth::GOOD_S;
        page.list(&[
            (
                "Detectors",
                format!(
                    "2, each {} incident photons/s, dead for {} ms after a photon",
                    truth::RATE,
                    1e3 * truth::DEAD_TIME_S
                ),
            ),
            (
                "Good time",
                format!(
                    "{} to {} s and {} to {} s",
                    first[0], first[1], second[0], second[1]
                ),
            ),
            (
                "Photons",
                format!(
                    "{} detected, {} lost to dead time",
                    self.detected, self.lost
                ),
            ),
        ]);
        for (figure, caption) in &self.figures {
            page.figure(figure, caption)?;
        }
        page.heading("Try it on this pulsar");
        page.code(&commands(folder));
        Ok(())
    }
}

fn commands(folder: &Path) -> String {
    let events = event_file(folder);
    let events = events.display();
    format!(
        "astro timing info {events}\n\
         astro timing search {events} --frequencies 2.6:3.1 --plot search.svg\n\
         astro timing fold {events} --frequency {} --fdot={} --plot profile.svg\n\
         astro timing power {events} --segment 16 --norm leahy --rebin-log 0.02 --plot power.svg\n\
         astro timing deadtime {events} --fad --detector 0 --detector 1 --segment 16 --out fad.fits\n\
         astro timing fit fad.fits --model \"lorentzian + constant\" --range 6.2:100 --plot fit.svg",
        truth::SPIN_HZ,
        truth::SPIN_DOT
    )
}
