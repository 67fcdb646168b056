//! Physical and astronomical constants with their sources.

/// Speed of light in vacuum, m/s (exact, SI 2019).
pub const SPEED_OF_LIGHT_M_PER_S: f64 = 299_792_458.0;

/// Boltzmann constant, J/K (exact, SI 2019).
pub const BOLTZMANN_J_PER_K: f64 = 1.380_649e-23;

/// Planck constant, J s (exact, SI 2019).
pub const PLANCK_J_S: f64 = 6.626_070_15e-34;

/// One jansky in W m⁻² Hz⁻¹ (exact by definition).
pub const JANSKY_W_PER_M2_HZ: f64 = 1e-26;

/// Astronomical unit, m (exact, IAU 2012 Resolution B2).
pub const ASTRONOMICAL_UNIT_M: f64 = 149_597_870_700.0;

/// Parsec, m (exact, IAU 2015 Resolution B2: 648000/π au).
pub const PARSEC_M: f64 = 648_000.0 / std::f64::consts::PI * ASTRONOMICAL_UNIT_M;

/// One arcsecond in radians.
pub const ARCSEC_RAD: f64 = std::f64::consts::PI / (180.0 * 3600.0);
