//! Photons of a polarised source.

use std::f64::consts::{PI, TAU};

use astro_core::check_finite;
use rand::RngExt;

use super::generator;
use crate::error::{Result, require};

/// Simulated columns.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PolarizedPhotons {
    /// 2 cos 2φ.
    pub q: Vec<f64>,
    /// 2 sin 2φ.
    pub u: Vec<f64>,
    /// Energies, keV.
    pub energy_kev: Vec<f64>,
}

/// Photons of energies taken in turn from `energies_kev`, whose photoelectron angles have the
/// density [1 + μ(E) P cos 2(φ − φ₀)]/2π for a source of polarisation degree P and angle φ₀.
///
/// # Errors
/// A degree or modulation factor outside [0, 1], an angle that is not finite, no energy.
pub fn polarized_photons(
    photons: usize,
    degree: f64,
    angle_rad: f64,
    modulation: &dyn Fn(f64) -> f64,
    energies_kev: &[f64],
    seed: u64,
) -> Result<PolarizedPhotons> {
    require(
        "degree",
        degree,
        (0.0..=1.0).contains(&degree),
        "from 0 to 1",
    )?;
    check_finite("angle_rad", [angle_rad])?;
    check_finite("energies_kev", energies_kev.iter().copied())?;
    let energies = energies_kev.len();
    require(
        "number of energies",
        energies as f64,
        energies > 0,
        "at least 1",
    )?;
    let mut random = generator(seed);
    let mut found = PolarizedPhotons::default();
    for number in 0..photons {
        let energy = energies_kev[number % energies];
        let mu = modulation(energy);
        require(
            "modulation factor",
            mu,
            (0.0..=1.0).contains(&mu),
            "from 0 to 1",
        )?;
        let amplitude = mu * degree;
        let angle = loop {
            let angle = TAU * random.random::<f64>() - PI;
            let density = 1.0 + amplitude * (2.0 * (angle - angle_rad)).cos();
            if random.random::<f64>() * (1.0 + amplitude) < density {
                break angle;
            }
        };
        let (sin, cos) = (2.0 * angle).sin_cos();
        found.q.push(2.0 * cos);
        found.u.push(2.0 * sin);
        found.energy_kev.push(energy);
    }
    Ok(found)
}
