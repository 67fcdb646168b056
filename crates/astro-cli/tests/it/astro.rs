//! Running the program, and a disc whose visibilities have a closed form.

use std::f64::consts::{PI, TAU};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) const ARCSEC_RAD: f64 = PI / 648_000.0;

/// Runs `astro` with arguments in a folder.
pub(crate) fn astro(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_astro"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Runs `astro`, requires success, and gives its standard output.
pub(crate) fn astro_ok(folder: &Path, arguments: &[&str]) -> String {
    let output = astro(folder, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "astro {arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs `astro --json` and gives its object.
pub(crate) fn astro_json(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let text = astro_ok(folder, &[arguments, &["--json"]].concat());
    serde_json::from_str(&text).unwrap()
}

/// A Gaussian disc of 0.2″, inclined by 50° at PA 30°, off by (0.1″, −0.05″).
pub(crate) const SIGMA_ARCSEC: f64 = 0.2;
pub(crate) const PEAK_JY_PER_SR: f64 = 1e10;
pub(crate) const GEOMETRY: [&str; 8] = [
    "--inc", "50", "--pa", "30", "--dra", "0.1", "--ddec", "-0.05",
];

/// Writes `disc.txt` (exact visibilities, weight 400) and `profile.txt`; gives the total flux in Jy.
pub(crate) fn write_disc(folder: &Path) -> f64 {
    let sigma = SIGMA_ARCSEC * ARCSEC_RAD;
    let cos_i = 50_f64.to_radians().cos();
    let (sin_pa, cos_pa) = 30_f64.to_radians().sin_cos();
    let flux = TAU * sigma * sigma * cos_i * PEAK_JY_PER_SR;
    let mut table = String::from("# u [lambda], v [lambda], Re [Jy], Im [Jy], weight [Jy^-2]\n");
    for k in 0..400 {
        // A spiral from 15 to 615 kλ.
        let (sin, cos) = (2.4 * f64::from(k)).sin_cos();
        let baseline = 1e3 * (15.0 + 1.5 * f64::from(k));
        let (u, v) = (baseline * cos, baseline * sin);
        let (across, along) = (u * cos_pa - v * sin_pa, u * sin_pa + v * cos_pa);
        let rho2 = (across * cos_i).powi(2) + along * along;
        let amplitude = flux * (-2.0 * PI * PI * sigma * sigma * rho2).exp();
        let (sin, cos) = (TAU * ARCSEC_RAD * (0.1 * u - 0.05 * v)).sin_cos();
        let (re, im) = (amplitude * cos, amplitude * sin);
        table += &format!("{u:e} {v:e} {re:e} {im:e} 400\n");
    }
    std::fs::write(folder.join("disc.txt"), table).unwrap();
    let mut profile = String::from("# radius [arcsec], brightness [Jy/sr]\n");
    for k in 0..4000 {
        let radius = 5e-4 * f64::from(k);
        let value = PEAK_JY_PER_SR * (-0.5 * (radius / SIGMA_ARCSEC).powi(2)).exp();
        profile += &format!("{radius:e} {value:e}\n");
    }
    std::fs::write(folder.join("profile.txt"), profile).unwrap();
    flux
}

/// The columns of a text table.
pub(crate) fn columns(path: PathBuf) -> Vec<Vec<f64>> {
    let text = std::fs::read_to_string(path).unwrap();
    let rows: Vec<Vec<f64>> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            line.split_whitespace()
                .map(|x| x.parse().unwrap())
                .collect()
        })
        .collect();
    (0..rows[0].len())
        .map(|column| rows.iter().map(|row| row[column]).collect())
        .collect()
}
