//! X-ray polarimetry of events with Stokes parameters, as of IXPE.
//!
//! Each photon has q = 2 cos 2φ and u = 2 sin 2φ of its reconstructed photoelectron angle φ: the
//! convention of the columns `Q` and `U` of IXPE's level-2 files, with the factor 2, for which the
//! mean of q over photons of one energy is μ times the normalised Stokes parameter, μ the
//! modulation factor. (Kislat et al. 2015 write q without the factor, and put it in the sums.)
//!
//! ```
//! use astro_timing::polarimetry::{ResponseCurve, StokesEvents, StokesSums};
//! use astro_timing::simulate::polarized_photons;
//!
//! // 20 % at 30° from North through East, half of it seen.
//! let photons = polarized_photons(200_000, 0.2, 30f64.to_radians(), &|_| 0.5, &[4.0], 1)?;
//! let modulation = ResponseCurve::constant(0.5)?;
//! let mut sums = StokesSums::default();
//! sums.add(&StokesEvents::new(&photons.q, &photons.u, &photons.energy_kev)?, &modulation, None);
//! let found = sums.polarization()?;
//! assert!((found.degree - 0.2).abs() < 4.0 * found.degree_error);
//! assert!((found.angle_rad - 30f64.to_radians()).abs() < 4.0 * found.angle_error_rad);
//! assert!(found.mdp99 < 0.02);
//! # Ok::<(), astro_timing::Error>(())
//! ```
//!
//! # References
//! - Kislat, Clark, Beilicke & Krawczynski 2015, Astropart. Phys. 68, 45
//! - Baldini, Bucciantini, Di Lalla et al. 2022, SoftwareX 19, 101194 (ixpeobssim)
//! - Weisskopf, Elsner & O'Dell 2010, Proc. SPIE 7732, 77320E (MDP99)

mod binned;
mod events;
mod polarization;
mod response;

pub use binned::{StokesAxis, StokesBins};
pub use events::{StokesEvents, StokesSums};
pub use polarization::Polarization;
pub use response::ResponseCurve;
