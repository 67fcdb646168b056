//! Polarisation against energy, time or pulse phase.

use astro_core::{Merge, check_finite, check_lengths};

use super::{Polarization, ResponseCurve, StokesEvents, StokesSums};
use crate::error::{Result, require, require_positive};
use crate::pulsation::Ephemeris;

/// What events are binned by.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum StokesAxis {
    /// Energy, edges in keV.
    Energy(Vec<f64>),
    /// Time of arrival, edges in seconds.
    Time(Vec<f64>),
    /// Pulse phase, in this many equal bins.
    Phase {
        /// What gives the phase.
        ephemeris: Ephemeris,
        /// Number of bins.
        bins: usize,
    },
}

/// Sums of Stokes parameters in bins.
#[derive(Clone, Debug, PartialEq)]
pub struct StokesBins {
    axis: StokesAxis,
    sums: Vec<StokesSums>,
}

impl StokesBins {
    /// Empty bins.
    ///
    /// # Errors
    /// Edges that do not ascend, or no bin; an ephemeris that makes no sense.
    pub fn new(axis: StokesAxis) -> Result<Self> {
        let bins = match &axis {
            StokesAxis::Energy(edges) | StokesAxis::Time(edges) => {
                check_finite("edges", edges.iter().copied())?;
                for pair in edges.windows(2) {
                    require_positive("step between two edges", pair[1] - pair[0])?;
                }
                edges.len().saturating_sub(1)
            }
            StokesAxis::Phase { ephemeris, bins } => {
                ephemeris.check()?;
                *bins
            }
        };
        require(
            "number of bins",
            bins as f64,
            (1..=1 << 20).contains(&bins),
            "from 1 to 2^20",
        )?;
        Ok(Self {
            axis,
            sums: vec![StokesSums::default(); bins],
        })
    }

    /// Adds events at their times; those outside the bins are left out.
    ///
    /// # Errors
    /// Times of another number than events, or not finite.
    pub fn add(
        &mut self,
        times_s: &[f64],
        events: &StokesEvents<'_>,
        modulation: &ResponseCurve,
        area: Option<&ResponseCurve>,
    ) -> Result<()> {
        check_lengths("times_s", times_s.len(), "q", events.q.len())?;
        check_finite("times_s", times_s.iter().copied())?;
        for (index, &time) in times_s.iter().enumerate() {
            let bin = match &self.axis {
                StokesAxis::Energy(edges) => bin_of(edges, events.energy_kev[index]),
                StokesAxis::Time(edges) => bin_of(edges, time),
                StokesAxis::Phase { ephemeris, bins } => {
                    Some((ephemeris.phase(time) * *bins as f64) as usize)
                }
            };
            if let Some(sums) = bin.and_then(|bin| self.sums.get_mut(bin)) {
                sums.add_event(events, index, modulation, area);
            }
        }
        Ok(())
    }

    /// Adds what other bins of the same axis have summed.
    ///
    /// # Errors
    /// Another number of bins.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        check_lengths(
            "bins of the other part",
            other.sums.len(),
            "those of this",
            self.sums.len(),
        )?;
        self.sums
            .iter_mut()
            .zip(&other.sums)
            .for_each(|(a, b)| a.merge(*b));
        Ok(())
    }

    /// The sums of each bin.
    pub fn sums(&self) -> &[StokesSums] {
        &self.sums
    }

    /// The polarisation of each bin; none where there are too few events.
    pub fn polarization(&self) -> Vec<Option<Polarization>> {
        self.sums
            .iter()
            .map(|sums| sums.polarization().ok())
            .collect()
    }
}

fn bin_of(edges: &[f64], x: f64) -> Option<usize> {
    let after = edges.partition_point(|&edge| edge <= x);
    (after > 0 && after < edges.len()).then(|| after - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulsation::TimingSolution;
    use crate::simulate::polarized_photons;

    const SEED: u64 = 20_220_101;

    /// A polarisation that turns with the pulse is found bin by bin.
    #[test]
    fn the_angle_follows_the_phase() {
        let spin = TimingSolution::new(0.0, 0.5);
        let axis = StokesAxis::Phase {
            ephemeris: spin.into(),
            bins: 4,
        };
        let mut bins = StokesBins::new(axis).unwrap();
        let modulation = ResponseCurve::constant(0.5).unwrap();
        for part in 0..4u32 {
            let angle = -0.6 + 0.3 * f64::from(part);
            let photons =
                polarized_photons(20_000, 0.5, angle, &|_| 0.5, &[3.0], SEED + u64::from(part))
                    .unwrap();
            let times: Vec<f64> = (0..20_000)
                .map(|k| 2.0 * f64::from(k) + 0.5 * (f64::from(part) + f64::from(k % 97) / 97.0))
                .collect();
            let events = StokesEvents::new(&photons.q, &photons.u, &photons.energy_kev).unwrap();
            bins.add(&times, &events, &modulation, None).unwrap();
        }
        for (part, found) in bins.polarization().into_iter().enumerate() {
            let found = found.unwrap();
            let angle = -0.6 + 0.3 * part as f64;
            assert!(
                (found.angle_rad - angle).abs() < 4.0 * found.angle_error_rad,
                "{part}"
            );
            assert!((found.degree - 0.5).abs() < 4.0 * found.degree_error);
        }
    }

    #[test]
    fn bins_are_half_open_and_merge() {
        let (q, u, energy) = ([1.0, 2.0, 0.0, -1.0], [0.5; 4], [2.0, 3.0, 4.0, 9.0]);
        let events = StokesEvents::new(&q, &u, &energy).unwrap();
        let curve = ResponseCurve::constant(1.0).unwrap();
        let mut by_energy = StokesBins::new(StokesAxis::Energy(vec![2.0, 4.0, 8.0])).unwrap();
        by_energy.add(&[0.0; 4], &events, &curve, None).unwrap();
        assert_eq!(
            by_energy
                .sums()
                .iter()
                .map(StokesSums::events)
                .collect::<Vec<_>>(),
            [2, 1]
        );
        assert_eq!(by_energy.sums()[0].stokes(), [2.0, 3.0, 1.0]);
        let mut twice = by_energy.clone();
        twice.merge(&by_energy).unwrap();
        assert_eq!(twice.sums()[0].stokes(), [4.0, 6.0, 2.0]);
        assert_eq!(by_energy.polarization()[1], None);
        assert!(StokesBins::new(StokesAxis::Time(vec![1.0, 1.0])).is_err());
        let mut by_time = StokesBins::new(StokesAxis::Time(vec![0.0, 1.0, 2.0])).unwrap();
        by_time
            .add(&[0.0, 1.0, 1.5, 2.0], &events, &curve, None)
            .unwrap();
        assert_eq!(
            by_time
                .sums()
                .iter()
                .map(StokesSums::events)
                .collect::<Vec<_>>(),
            [1, 2]
        );
    }
}
