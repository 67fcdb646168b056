//! Beams and their values.

use super::image_pattern::{BeamInterpolation, ImagePattern};
use crate::analytic::disc;
use crate::error::check_positive;
use crate::{Error, ImageGrid, Result};
use astro_core::{BadValue, check_lengths};
use ndarray::Array2;
use std::f64::consts::{LN_2, PI};
use std::sync::Arc;

/// Full width at half maximum of ALMA's 12 m antennas over λ/D (ALMA
/// Technical Handbook, section on the primary beam): narrower illumination at
/// the edge of the dish than an [Airy pattern](PrimaryBeam::airy)'s, 1.029.
const ALMA_FWHM_FACTOR: f64 = 1.13;

/// A power pattern, 1 on the axis; see the formulas at the constructors.
///
/// ```
/// use astro_visibility::PrimaryBeam;
///
/// // The first null of a 12 m dish at 1.3 mm.
/// let beam = PrimaryBeam::airy(12.0, 0.0, 1.3e-3)?;
/// let null = 1.219_669_891_266_504 * 1.3e-3 / 12.0;
/// assert!(beam.power(null, 0.0) < 1e-20);
/// assert_eq!(beam.power(0.0, 0.0), 1.0);
/// # Ok::<(), astro_visibility::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PrimaryBeam {
    pub(super) pattern: Pattern,
    /// Frequency over that for which the pattern is given.
    pub(super) frequency_ratio: f64,
}

#[derive(Clone, Debug)]
pub(super) enum Pattern {
    Airy {
        diameter_wavelengths: f64,
        blockage: f64,
    },
    Gaussian {
        fwhm_rad: f64,
    },
    Tabulated {
        radii_rad: Arc<[f64]>,
        power: Arc<[f64]>,
    },
    Image(Arc<ImagePattern>),
}

impl PrimaryBeam {
    /// A uniformly illuminated circular dish with a central blockage.
    ///
    /// $$ A = E^2, \qquad E = \frac{1}{1 - \epsilon^2}
    ///    \left(\frac{2 J_1(x)}{x} - \epsilon^2 \frac{2 J_1(\epsilon x)}{\epsilon x}\right),
    ///    \qquad x = \frac{\pi D \sin\theta}{\lambda} $$
    ///
    /// with ε the blockage's diameter over the dish's, and
    /// sin²θ = l² + m² (Schroeder 2000, *Astronomical Optics*, section 10.2).
    ///
    /// # Errors
    /// A diameter or wavelength that is not finite and positive; a blockage
    /// that is negative or not smaller than the dish.
    pub fn airy(dish_diameter_m: f64, blockage_diameter_m: f64, wavelength_m: f64) -> Result<Self> {
        check_positive("dish_diameter_m", dish_diameter_m)?;
        check_positive("wavelength_m", wavelength_m)?;
        if !(0.0..dish_diameter_m).contains(&blockage_diameter_m) {
            return Err(Error::Parameter {
                name: "blockage_diameter_m",
                value: blockage_diameter_m,
                requirement: "at least 0 and less than dish_diameter_m",
            });
        }
        Ok(Self::from_pattern(Pattern::Airy {
            diameter_wavelengths: dish_diameter_m / wavelength_m,
            blockage: blockage_diameter_m / dish_diameter_m,
        }))
    }

    /// A Gaussian, A = exp(−4 ln 2 · (l² + m²)/FWHM²).
    ///
    /// # Errors
    /// A width that is not finite and positive.
    pub fn gaussian(fwhm_rad: f64) -> Result<Self> {
        check_positive("fwhm_rad", fwhm_rad)?;
        Ok(Self::from_pattern(Pattern::Gaussian { fwhm_rad }))
    }

    /// The Gaussian that stands for an ALMA antenna: FWHM = 1.13 λ/D, 19.4″
    /// for the 12 m antennas at 300 GHz.
    ///
    /// # Errors
    /// A diameter or wavelength that is not finite and positive.
    pub fn alma(dish_diameter_m: f64, wavelength_m: f64) -> Result<Self> {
        check_positive("dish_diameter_m", dish_diameter_m)?;
        check_positive("wavelength_m", wavelength_m)?;
        Self::gaussian(ALMA_FWHM_FACTOR * wavelength_m / dish_diameter_m)
    }

    /// A table of power against distance from the axis, linear in between,
    /// constant inside the first radius, zero beyond the last, and divided by
    /// the first value.
    ///
    /// # Errors
    /// Arrays of different lengths or empty; radii that are negative or not
    /// strictly increasing; a power that is negative or not finite, or zero on
    /// the axis.
    pub fn tabulated(radii_rad: &[f64], power: &[f64]) -> Result<Self> {
        check_lengths("beam power", power.len(), "beam radii", radii_rad.len())?;
        let Some(&on_axis) = power.first() else {
            return Err(Error::Parameter {
                name: "number of beam radii",
                value: 0.0,
                requirement: "at least 1",
            });
        };
        let mut previous = f64::NEG_INFINITY;
        for (index, &radius) in radii_rad.iter().enumerate() {
            if !(radius.is_finite() && radius >= 0.0 && radius > previous) {
                let requirement = "radii must be finite, >= 0 and strictly increasing";
                return Err(bad("beam radius", index, radius, requirement));
            }
            previous = radius;
        }
        check_power(power.iter().copied())?;
        check_positive("beam power on the axis", on_axis)?;
        Ok(Self::from_pattern(Pattern::Tabulated {
            radii_rad: radii_rad.into(),
            power: power.iter().map(|power| power / on_axis).collect(),
        }))
    }

    /// A map of the beam on a grid around the pointing center, divided by its
    /// value there; zero outside the map.
    ///
    /// # Errors
    /// A map that is not of the grid's shape; a power that is negative or not
    /// finite, or zero on the axis.
    pub fn image(
        power: Array2<f64>,
        grid: &ImageGrid,
        interpolation: BeamInterpolation,
    ) -> Result<Self> {
        Self::image_at(power, grid, (0.0, 0.0), interpolation)
    }

    /// A map whose center pixel lies at `center`, direction cosines East and
    /// North of the pointing center.
    pub(super) fn image_at(
        power: Array2<f64>,
        grid: &ImageGrid,
        center: (f64, f64),
        interpolation: BeamInterpolation,
    ) -> Result<Self> {
        grid.check()?;
        let shape = power.dim();
        if shape != (grid.rows, grid.columns) {
            return Err(Error::Shape {
                quantity: "primary beam",
                found: shape,
                expected: (grid.rows, grid.columns),
            });
        }
        check_power(power.iter().copied())?;
        let mut pattern = ImagePattern {
            power,
            grid: *grid,
            center,
            interpolation,
        };
        let on_axis = pattern.power(0.0, 0.0);
        check_positive("beam power on the axis", on_axis)?;
        pattern.power /= on_axis;
        Ok(Self::from_pattern(Pattern::Image(Arc::new(pattern))))
    }

    /// The same beam at another frequency: all angles shrink as 1/ν.
    ///
    /// The ratio is that to the frequency for which the beam was made, and
    /// replaces an earlier one.
    ///
    /// # Errors
    /// A ratio that is not finite and positive.
    pub fn at_frequency_ratio(&self, frequency_ratio: f64) -> Result<Self> {
        check_positive("frequency_ratio", frequency_ratio)?;
        Ok(Self {
            pattern: self.pattern.clone(),
            frequency_ratio,
        })
    }

    /// A(l, m) at direction cosines to the East and North.
    #[must_use]
    pub fn power(&self, l: f64, m: f64) -> f64 {
        let (l, m) = (self.frequency_ratio * l, self.frequency_ratio * m);
        let radius = (l * l + m * m).sqrt();
        match &self.pattern {
            Pattern::Airy {
                diameter_wavelengths,
                blockage,
            } => airy_voltage(PI * diameter_wavelengths * radius, *blockage).powi(2),
            Pattern::Gaussian { fwhm_rad } => (-4.0 * LN_2 * (radius / fwhm_rad).powi(2)).exp(),
            Pattern::Tabulated { radii_rad, power } => interpolate(radii_rad, power, radius),
            Pattern::Image(pattern) => pattern.power(l, m),
        }
    }

    fn from_pattern(pattern: Pattern) -> Self {
        Self {
            pattern,
            frequency_ratio: 1.0,
        }
    }
}

/// Voltage pattern of an annular aperture, 1 at x = 0.
fn airy_voltage(x: f64, blockage: f64) -> f64 {
    let hole = blockage * blockage;
    (disc(x) - hole * disc(blockage * x)) / (1.0 - hole)
}

fn interpolate(radii: &[f64], values: &[f64], radius: f64) -> f64 {
    let above = radii.partition_point(|&r| r < radius);
    if above == 0 {
        return values[0];
    }
    if above == radii.len() {
        return 0.0;
    }
    let t = (radius - radii[above - 1]) / (radii[above] - radii[above - 1]);
    values[above - 1] + t * (values[above] - values[above - 1])
}

fn check_power(power: impl Iterator<Item = f64>) -> Result<()> {
    for (index, value) in power.enumerate() {
        if !(value.is_finite() && value >= 0.0) {
            let requirement = "a power pattern must be finite and >= 0: square a voltage pattern, \
                               and set what was not measured to 0";
            return Err(bad("beam power", index, value, requirement));
        }
    }
    Ok(())
}

fn bad(quantity: &'static str, index: usize, value: f64, requirement: &'static str) -> Error {
    Error::Value(BadValue {
        quantity,
        index,
        value,
        requirement,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use astro_core::constants::{ARCSEC_RAD, SPEED_OF_LIGHT_M_PER_S};

    fn first_minimum(beam: &PrimaryBeam, from: f64, to: f64) -> f64 {
        let steps = 200_000;
        let radius = |k: i32| from + (to - from) * f64::from(k) / f64::from(steps);
        (0..=steps)
            .map(radius)
            .min_by(|&a, &b| beam.power(a, 0.0).total_cmp(&beam.power(b, 0.0)))
            .unwrap()
    }

    fn half_power_width(beam: &PrimaryBeam, guess: f64) -> f64 {
        let (mut inside, mut outside) = (0.0, guess);
        for _ in 0..60 {
            let middle = 0.5 * (inside + outside);
            if beam.power(0.0, middle) > 0.5 {
                inside = middle;
            } else {
                outside = middle;
            }
        }
        2.0 * inside
    }

    /// Zeros of J1 over π (Abramowitz & Stegun 1964, table 9.5) and the first
    /// side lobe of 1.75 %; a blockage moves power outwards.
    #[test]
    fn airy_rings() {
        let beam = PrimaryBeam::airy(10.0, 0.0, 1e-3).unwrap();
        let rings = [(0.5, 1.5, 3.831_705_970), (1.6, 2.5, 7.015_586_670)];
        for (from, to, zero) in rings {
            let null = first_minimum(&beam, 1e-4 * from, 1e-4 * to) / 1e-4;
            assert!((null - zero / PI).abs() < 1e-5, "{null}");
        }
        let side_lobe = |beam: &PrimaryBeam| {
            let radii = (0..1000).map(|k| 1e-4 * (1.22 + 1e-3 * f64::from(k)));
            radii.map(|l| beam.power(l, 0.0)).fold(0.0, f64::max)
        };
        assert!((side_lobe(&beam) - 0.0175).abs() < 5e-5);
        let blocked = PrimaryBeam::airy(10.0, 5.0, 1e-3).unwrap();
        assert!(side_lobe(&blocked) > 2.0 * side_lobe(&beam));
        assert!(first_minimum(&blocked, 0.5e-4, 1.2e-4) < 1.1e-4);
    }

    #[test]
    fn widths_at_half_power() {
        let wavelength_m = SPEED_OF_LIGHT_M_PER_S / 300e9;
        let airy = PrimaryBeam::airy(12.0, 0.0, wavelength_m).unwrap();
        let ratio = half_power_width(&airy, 1e-4) / (wavelength_m / 12.0);
        assert!((ratio - 1.029).abs() < 1e-3, "{ratio}");
        // ALMA Technical Handbook: 19.4″ at 300 GHz.
        let alma = PrimaryBeam::alma(12.0, wavelength_m).unwrap();
        let width = half_power_width(&alma, 1e-4) / ARCSEC_RAD;
        assert!((width - 19.4).abs() < 0.05, "{width}");
    }

    #[test]
    fn beams_shrink_with_frequency() {
        let airy = PrimaryBeam::airy(12.0, 0.75, 1e-3).unwrap();
        let twice = airy.at_frequency_ratio(2.0).unwrap();
        let half_wavelength = PrimaryBeam::airy(12.0, 0.75, 0.5e-3).unwrap();
        for k in 0..50 {
            let l = f64::from(k) * 3e-6;
            assert!((twice.power(l, 1e-5) - half_wavelength.power(l, 1e-5)).abs() < 1e-14);
        }
    }

    #[test]
    fn tables_interpolate() {
        let beam = PrimaryBeam::tabulated(&[1e-5, 2e-5, 4e-5], &[8.0, 4.0, 2.0]).unwrap();
        for (radius, power) in [(0.0, 1.0), (1.5e-5, 0.75), (3e-5, 0.375), (4.1e-5, 0.0)] {
            assert!((beam.power(0.0, -radius) - power).abs() < 1e-12, "{radius}");
        }
    }

    #[test]
    fn bad_beams_are_refused() {
        assert!(PrimaryBeam::airy(0.0, 0.0, 1e-3).is_err());
        assert!(PrimaryBeam::airy(12.0, 12.0, 1e-3).is_err());
        assert!(PrimaryBeam::gaussian(f64::NAN).is_err());
        assert!(PrimaryBeam::tabulated(&[], &[]).is_err());
        assert!(PrimaryBeam::tabulated(&[0.0, 0.0], &[1.0, 1.0]).is_err());
        assert!(PrimaryBeam::tabulated(&[0.0, 1.0], &[0.0, 1.0]).is_err());
        let error = PrimaryBeam::tabulated(&[0.0, 1.0], &[1.0, -0.1]).unwrap_err();
        assert!(error.to_string().starts_with("beam power[1] is -0.1"));
    }
}
