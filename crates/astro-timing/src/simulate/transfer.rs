//! Responses that differ with energy.

use astro_core::check_finite;
use ndarray::{Array2, Axis};

use super::ImpulseResponse;
use crate::error::{Result, require, require_positive};

/// The response of every energy to the driving light curve: intensity against energy
/// and delay.
///
/// ```
/// use astro_timing::simulate::TransferFunction;
/// use ndarray::arr2;
///
/// let transfer = TransferFunction::new(0.5, vec![2.0, 4.0, 8.0], arr2(&[[0.0, 1.0], [2.0, 4.0]]))?;
/// assert_eq!(transfer.time_response().weights, [2.0, 5.0]);
/// assert_eq!(transfer.energy_response(), [1.0, 6.0]);
/// assert_eq!(transfer.band(4.0, 8.0)?.weights, [2.0, 4.0]);
/// # Ok::<(), astro_timing::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TransferFunction {
    dt_s: f64,
    energy_edges_kev: Vec<f64>,
    intensity: Array2<f64>,
}

impl TransferFunction {
    /// `intensity` has shape `[energies, delays]`; the edges of the energy channels are
    /// one more than there are rows, ascending.
    ///
    /// # Errors
    /// Edges of another number or not ascending, numbers that are not finite, no delay.
    pub fn new(dt_s: f64, energy_edges_kev: Vec<f64>, intensity: Array2<f64>) -> Result<Self> {
        require_positive("dt_s", dt_s)?;
        let rows = intensity.nrows();
        require(
            "number of energy edges",
            energy_edges_kev.len() as f64,
            rows >= 1 && energy_edges_kev.len() == rows + 1,
            "one more than the rows of the intensity, of which there is at least one",
        )?;
        let delays = intensity.ncols();
        require("number of delays", delays as f64, delays >= 1, "at least 1")?;
        for pair in energy_edges_kev.windows(2) {
            require_positive("step between two energy edges", pair[1] - pair[0])?;
        }
        check_finite("intensity", intensity.iter().copied())?;
        Ok(Self {
            dt_s,
            energy_edges_kev,
            intensity,
        })
    }

    /// The response summed over energy.
    pub fn time_response(&self) -> ImpulseResponse {
        ImpulseResponse {
            dt_s: self.dt_s,
            weights: self.intensity.sum_axis(Axis(0)).to_vec(),
        }
    }

    /// The spectrum of the response: its sum over delays, for each channel.
    pub fn energy_response(&self) -> Vec<f64> {
        self.intensity.sum_axis(Axis(1)).to_vec()
    }

    /// The response of one channel.
    ///
    /// # Errors
    /// A channel that does not exist.
    pub fn channel(&self, channel: usize) -> Result<ImpulseResponse> {
        require(
            "channel",
            channel as f64,
            channel < self.intensity.nrows(),
            "below the number of channels",
        )?;
        Ok(ImpulseResponse {
            dt_s: self.dt_s,
            weights: self.intensity.row(channel).to_vec(),
        })
    }

    /// The response of a band, channels at its ends counted by the part inside.
    ///
    /// # Errors
    /// A band that is empty or holds no channel.
    pub fn band(&self, low_kev: f64, high_kev: f64) -> Result<ImpulseResponse> {
        require_positive("width of the band in keV", high_kev - low_kev)?;
        let mut weights = vec![0.0; self.intensity.ncols()];
        let mut covered = 0.0;
        for (edges, row) in self.energy_edges_kev.windows(2).zip(self.intensity.rows()) {
            let inside = (high_kev.min(edges[1]) - low_kev.max(edges[0])).max(0.0);
            covered += inside;
            let part = inside / (edges[1] - edges[0]);
            weights
                .iter_mut()
                .zip(row)
                .for_each(|(w, h)| *w += part * h);
        }
        require_positive("overlap of the band with the channels in keV", covered)?;
        Ok(ImpulseResponse {
            dt_s: self.dt_s,
            weights,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn bands_are_sums_of_channels() {
        let edges = vec![1.0, 2.0, 4.0, 5.0];
        let intensity = arr2(&[[1.0, 0.0], [2.0, 6.0], [0.0, 3.0]]);
        let transfer = TransferFunction::new(0.1, edges, intensity).unwrap();
        assert_eq!(transfer.channel(1).unwrap().weights, [2.0, 6.0]);
        assert_eq!(transfer.band(1.0, 5.0).unwrap(), transfer.time_response());
        assert_eq!(transfer.band(1.5, 3.0).unwrap().weights, [1.5, 3.0]);
        assert!(transfer.band(7.0, 8.0).is_err());
        assert!(transfer.channel(3).is_err());
    }

    #[test]
    fn shapes_must_fit() {
        let intensity = arr2(&[[1.0, 0.0]]);
        assert!(TransferFunction::new(0.1, vec![1.0], intensity.clone()).is_err());
        assert!(TransferFunction::new(0.1, vec![2.0, 1.0], intensity.clone()).is_err());
        assert!(TransferFunction::new(0.0, vec![1.0, 2.0], intensity).is_err());
    }
}
