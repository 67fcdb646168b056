//! Visibilities on the plane of a disc: what a uv plot shows.
//!
//! The baseline is turned by the position angle and shortened by the inclination,
//! `ρ = √((u′ cos i)² + v′²)`, and the phase of the offset is taken out. An axisymmetric disc
//! then has visibilities that are real and depend on ρ alone: `|cos i| H(ρ)`.

use astro_core::UvTable;
use num_complex::Complex64;

use crate::Result;
use crate::geometry::{Orientation, Rotation};
use crate::kernel::cos_sin_of_turns;

/// Visibilities against deprojected distance; flagged rows are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeprojectedVisibilities {
    /// Distance on the plane of the disc, wavelengths.
    pub rho: Vec<f64>,
    /// Visibility phased to the center of the disc, Jy.
    pub value: Vec<Complex64>,
    /// `1/σ²` of each real component, Jy⁻².
    pub weight: Vec<f64>,
}

/// Deprojects a table.
///
/// # Errors
/// A table that is not usable, or an orientation that is not finite.
///
/// ```
/// use astro_core::UvTable;
/// use astro_visibility::{Orientation, deproject};
/// use num_complex::Complex64;
///
/// let table = UvTable::new(vec![3e5], vec![4e5], vec![Complex64::new(1.0, 0.0)], vec![1.0])?;
/// let inclined = Orientation { inclination_rad: 60_f64.to_radians(), ..Default::default() };
/// let found = deproject(&table, &inclined)?;
/// assert!((found.rho[0] - 1.5e5_f64.hypot(4e5)).abs() < 1e-6);
/// # Ok::<(), astro_visibility::Error>(())
/// ```
pub fn deproject(table: &UvTable, orientation: &Orientation) -> Result<DeprojectedVisibilities> {
    table.check()?;
    orientation.check()?;
    let rotation = Rotation::new(orientation.position_angle_rad);
    let cos_inclination = orientation.inclination_rad.cos();
    let mut found = DeprojectedVisibilities::default();
    for row in (0..table.len()).filter(|&row| table.weight[row] > 0.0) {
        let (u, v) = (table.u[row], table.v[row]);
        let (across, along) = rotation.apply(u, v);
        let turns = u * orientation.ra_offset_rad + v * orientation.dec_offset_rad;
        let (cos, sin) = cos_sin_of_turns(turns);
        found.rho.push((across * cos_inclination).hypot(along));
        found
            .value
            .push(table.value[row] * Complex64::new(cos, -sin));
        found.weight.push(table.weight[row]);
    }
    Ok(found)
}

impl DeprojectedVisibilities {
    /// Number of visibilities.
    pub fn len(&self) -> usize {
        self.rho.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rho.is_empty()
    }
}
