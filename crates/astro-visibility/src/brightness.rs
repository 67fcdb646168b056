//! Units of brightness: Jy/sr, Jy/beam, Jy/pixel and kelvin.
//!
//! Rayleigh-Jeans: $ T = c^2 I / (2 k \nu^2) $. Planck:
//! $ T = \frac{h\nu}{k} \big/ \ln\!\left(1 + \frac{2h\nu^3}{c^2 I}\right) $.

use crate::{Error, Result};
use astro_core::constants::{
    BOLTZMANN_J_PER_K, JANSKY_W_PER_M2_HZ, PLANCK_J_S, SPEED_OF_LIGHT_M_PER_S,
};
use std::f64::consts::{LN_2, PI};

/// A unit in which brightness is given.
///
/// ```
/// use astro_core::constants::ARCSEC_RAD;
/// use astro_visibility::{BrightnessUnit, gaussian_beam_sr};
///
/// // 1 mJy in a 0.5″ x 0.4″ beam at 230 GHz.
/// let beam = BrightnessUnit::JyPerBeam {
///     beam_sr: gaussian_beam_sr(0.5 * ARCSEC_RAD, 0.4 * ARCSEC_RAD),
/// };
/// let kelvin = BrightnessUnit::KelvinRayleighJeans { frequency_hz: 230e9 };
/// let temperature = beam.convert(1e-3, kelvin)?;
/// assert!((temperature - 0.1155).abs() < 1e-4);
/// # Ok::<(), astro_visibility::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BrightnessUnit {
    /// Jansky per steradian: the unit of radial profiles.
    JyPerSr,
    /// Jansky per synthesized beam.
    JyPerBeam {
        /// Solid angle of the beam, steradians; see [`gaussian_beam_sr`].
        beam_sr: f64,
    },
    /// Jansky per pixel: the unit of images.
    JyPerPixel {
        /// Solid angle of a pixel, steradians.
        pixel_sr: f64,
    },
    /// Brightness temperature by the Rayleigh-Jeans law, kelvin: radio
    /// astronomy's usual definition, whatever hν/kT is.
    KelvinRayleighJeans {
        /// Frequency, hertz.
        frequency_hz: f64,
    },
    /// Temperature of the black body of that brightness, kelvin.
    KelvinPlanck {
        /// Frequency, hertz.
        frequency_hz: f64,
    },
}

impl BrightnessUnit {
    /// Converts a brightness from this unit to Jy/sr.
    ///
    /// # Errors
    /// A solid angle or frequency that is not finite and positive; a negative
    /// Planck temperature.
    pub fn to_jy_per_sr(self, value: f64) -> Result<f64> {
        self.check()?;
        Ok(match self {
            Self::JyPerSr => value,
            Self::JyPerBeam {
                beam_sr: solid_angle,
            }
            | Self::JyPerPixel {
                pixel_sr: solid_angle,
            } => value / solid_angle,
            Self::KelvinRayleighJeans { frequency_hz } => {
                value * jy_per_sr_per_kelvin(frequency_hz)
            }
            Self::KelvinPlanck { frequency_hz } => {
                check_not_negative("temperature", value)?;
                let exponent = photon_temperature(frequency_hz) / value;
                // 2hν³/c² is the Rayleigh-Jeans brightness of hν/k.
                photon_brightness(frequency_hz) / exponent.exp_m1()
            }
        })
    }

    /// Converts a brightness in Jy/sr to this unit.
    ///
    /// # Errors
    /// A solid angle or frequency that is not finite and positive; a negative
    /// brightness, which has no Planck temperature.
    pub fn from_jy_per_sr(self, value: f64) -> Result<f64> {
        self.check()?;
        Ok(match self {
            Self::JyPerSr => value,
            Self::JyPerBeam {
                beam_sr: solid_angle,
            }
            | Self::JyPerPixel {
                pixel_sr: solid_angle,
            } => value * solid_angle,
            Self::KelvinRayleighJeans { frequency_hz } => {
                value / jy_per_sr_per_kelvin(frequency_hz)
            }
            Self::KelvinPlanck { frequency_hz } => {
                check_not_negative("brightness", value)?;
                photon_temperature(frequency_hz) / (photon_brightness(frequency_hz) / value).ln_1p()
            }
        })
    }

    /// Converts a brightness from this unit to another.
    ///
    /// # Errors
    /// Those of [`to_jy_per_sr`](Self::to_jy_per_sr) and
    /// [`from_jy_per_sr`](Self::from_jy_per_sr).
    pub fn convert(self, value: f64, to: Self) -> Result<f64> {
        to.from_jy_per_sr(self.to_jy_per_sr(value)?)
    }

    fn check(self) -> Result<()> {
        let (name, value) = match self {
            Self::JyPerSr => return Ok(()),
            Self::JyPerBeam { beam_sr } => ("beam_sr", beam_sr),
            Self::JyPerPixel { pixel_sr } => ("pixel_sr", pixel_sr),
            Self::KelvinRayleighJeans { frequency_hz } | Self::KelvinPlanck { frequency_hz } => {
                ("frequency_hz", frequency_hz)
            }
        };
        if value.is_finite() && value > 0.0 {
            return Ok(());
        }
        Err(Error::Parameter {
            name,
            value,
            requirement: "finite and > 0",
        })
    }
}

/// Solid angle of a Gaussian beam, π θ₁ θ₂ / (4 ln 2), steradians.
///
/// Widths are full widths at half maximum in radians.
#[must_use]
pub fn gaussian_beam_sr(major_fwhm_rad: f64, minor_fwhm_rad: f64) -> f64 {
    PI * major_fwhm_rad * minor_fwhm_rad / (4.0 * LN_2)
}

/// 2kν²/c² in Jy/sr/K.
fn jy_per_sr_per_kelvin(frequency_hz: f64) -> f64 {
    let inverse_wavelength = frequency_hz / SPEED_OF_LIGHT_M_PER_S;
    2.0 * BOLTZMANN_J_PER_K * inverse_wavelength * inverse_wavelength / JANSKY_W_PER_M2_HZ
}

/// hν/k in kelvin.
fn photon_temperature(frequency_hz: f64) -> f64 {
    PLANCK_J_S * frequency_hz / BOLTZMANN_J_PER_K
}

/// 2hν³/c² in Jy/sr.
fn photon_brightness(frequency_hz: f64) -> f64 {
    jy_per_sr_per_kelvin(frequency_hz) * photon_temperature(frequency_hz)
}

fn check_not_negative(name: &'static str, value: f64) -> Result<()> {
    if value >= 0.0 {
        return Ok(());
    }
    Err(Error::Parameter {
        name,
        value,
        requirement: "at least 0: a black body has no negative brightness; use Rayleigh-Jeans",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use astro_core::constants::ARCSEC_RAD;

    /// NRAO's rule, T = 1.222e6 I / (ν² θ₁ θ₂), I in Jy/beam, ν in GHz and θ in
    /// arcseconds: <https://science.nrao.edu/facilities/vla/proposing/TBconv>.
    #[test]
    fn rayleigh_jeans_of_the_nrao_rule() {
        let beam = BrightnessUnit::JyPerBeam {
            beam_sr: gaussian_beam_sr(2.0 * ARCSEC_RAD, 3.0 * ARCSEC_RAD),
        };
        let kelvin = BrightnessUnit::KelvinRayleighJeans { frequency_hz: 43e9 };
        let found = beam.convert(0.01, kelvin).unwrap();
        let rule = 1.222e6 * 0.01 / (43.0 * 43.0 * 6.0);
        // The rule has four digits.
        assert!((found / rule - 1.0).abs() < 5e-4, "{found} {rule}");
    }

    /// COBE/FIRAS monopole at 5.45 cm⁻¹ for 2.725 K: 383.478 MJy/sr
    /// (Fixsen et al. 1996, ApJ 473, 576, table 4). Near the peak, so that the
    /// rounding of the wave number does not matter.
    #[test]
    fn planck_of_the_microwave_background() {
        let unit = BrightnessUnit::KelvinPlanck {
            frequency_hz: 545.0 * SPEED_OF_LIGHT_M_PER_S,
        };
        let found = unit.to_jy_per_sr(2.725).unwrap();
        assert!((found / 383.478e6 - 1.0).abs() < 5e-4, "{found}");
    }

    #[test]
    fn planck_tends_to_rayleigh_jeans_where_photons_are_cold() {
        let frequency_hz = 1e9;
        let planck = BrightnessUnit::KelvinPlanck { frequency_hz };
        let classical = BrightnessUnit::KelvinRayleighJeans { frequency_hz };
        // T_RJ = T − hν/2k + O((hν/k)²/T).
        let difference = 1e4 - planck.convert(1e4, classical).unwrap();
        assert!((difference / (0.5 * photon_temperature(frequency_hz)) - 1.0).abs() < 1e-5);
        assert_eq!(planck.to_jy_per_sr(0.0).unwrap(), 0.0);
        assert_eq!(planck.from_jy_per_sr(0.0).unwrap(), 0.0);
    }

    #[test]
    fn every_unit_converts_back() {
        let frequency_hz = 340e9;
        let units = [
            BrightnessUnit::JyPerSr,
            BrightnessUnit::JyPerBeam { beam_sr: 3e-12 },
            BrightnessUnit::JyPerPixel { pixel_sr: 1e-14 },
            BrightnessUnit::KelvinRayleighJeans { frequency_hz },
            BrightnessUnit::KelvinPlanck { frequency_hz },
        ];
        for from in units {
            for to in units {
                let there = from.convert(12.5, to).unwrap();
                let back = to.convert(there, from).unwrap();
                assert!((back / 12.5 - 1.0).abs() < 1e-13, "{from:?} {to:?}");
            }
        }
    }

    #[test]
    fn senseless_units_are_refused() {
        assert!(
            BrightnessUnit::JyPerBeam { beam_sr: 0.0 }
                .to_jy_per_sr(1.0)
                .is_err()
        );
        let planck = BrightnessUnit::KelvinPlanck { frequency_hz: 1e11 };
        assert!(planck.from_jy_per_sr(-1.0).is_err());
        let noise = BrightnessUnit::KelvinRayleighJeans { frequency_hz: 1e11 };
        assert!(noise.from_jy_per_sr(-1.0).unwrap() < 0.0);
    }
}
