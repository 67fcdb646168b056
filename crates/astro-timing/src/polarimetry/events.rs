//! Sums of Stokes parameters over events.

use astro_core::{Merge, check_finite, check_lengths, check_non_negative};

use super::{Polarization, ResponseCurve};
use crate::error::{Result, require_positive};

/// Columns of events with Stokes parameters.
#[derive(Clone, Copy, Debug)]
pub struct StokesEvents<'a> {
    pub(super) q: &'a [f64],
    pub(super) u: &'a [f64],
    pub(super) energy_kev: &'a [f64],
    pub(super) weight: Option<&'a [f64]>,
}

impl<'a> StokesEvents<'a> {
    /// q = 2 cos 2φ and u = 2 sin 2φ of each event (IXPE's `Q` and `U`), and its energy.
    ///
    /// # Errors
    /// Columns of different length, q or u that are not finite.
    pub fn new(q: &'a [f64], u: &'a [f64], energy_kev: &'a [f64]) -> Result<Self> {
        check_lengths("u", u.len(), "q", q.len())?;
        check_lengths("energy_kev", energy_kev.len(), "q", q.len())?;
        check_finite("q", q.iter().copied())?;
        check_finite("u", u.iter().copied())?;
        Ok(Self {
            q,
            u,
            energy_kev,
            weight: None,
        })
    }

    /// The same with weights (IXPE's `W_MOM`): use the modulation factor that was made for
    /// weighted events.
    ///
    /// # Errors
    /// Weights of another number, negative or not finite.
    pub fn with_weights(mut self, weight: &'a [f64]) -> Result<Self> {
        check_lengths("weight", weight.len(), "q", self.q.len())?;
        check_non_negative("weight", weight.iter().copied())?;
        self.weight = Some(weight);
        Ok(self)
    }
}

/// Sums that parts of the data, in time, energy or detector, add to each other:
///
/// I = Σ w/A, Q = Σ w q/(A μ), U = Σ w u/(A μ)
///
/// with the modulation factor μ and, where one is given, the effective area A at the energy of
/// each event; and the sums of the products of two such terms, which are the covariance of I,
/// Q and U of Poisson events whatever their weights.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StokesSums {
    /// I, Q, U.
    pub(super) sums: [f64; 3],
    /// II, IQ, IU, QQ, QU, UU.
    pub(super) products: [f64; 6],
    /// Σ 2 w²/(A μ)²: the variance of Q and of U without polarisation.
    pub(super) unpolarized: f64,
    /// Σ w and Σ w².
    pub(super) weights: [f64; 2],
    /// Events used, and those at energies outside the response.
    pub(super) events: [u64; 2],
}

impl StokesSums {
    /// Adds events. Those at energies where the modulation factor or the area is not known are
    /// counted and left out.
    pub fn add(
        &mut self,
        events: &StokesEvents<'_>,
        modulation: &ResponseCurve,
        area: Option<&ResponseCurve>,
    ) {
        for index in 0..events.q.len() {
            self.add_event(events, index, modulation, area);
        }
    }

    pub(super) fn add_event(
        &mut self,
        events: &StokesEvents<'_>,
        index: usize,
        modulation: &ResponseCurve,
        area: Option<&ResponseCurve>,
    ) {
        let energy = events.energy_kev[index];
        let area = area.map_or(Some(1.0), |area| area.at(energy));
        let (Some(mu), Some(area)) = (modulation.at(energy), area) else {
            self.events[1] += 1;
            return;
        };
        let weight = events.weight.map_or(1.0, |weight| weight[index]);
        let i = weight / area;
        let (q, u) = (i * events.q[index] / mu, i * events.u[index] / mu);
        let terms = [i, q, u];
        let mut place = 0;
        for a in 0..3 {
            self.sums[a] += terms[a];
            for b in a..3 {
                self.products[place] += terms[a] * terms[b];
                place += 1;
            }
        }
        self.unpolarized += 2.0 * (i / mu).powi(2);
        self.weights[0] += weight;
        self.weights[1] += weight * weight;
        self.events[0] += 1;
    }

    /// What is left when the background measured elsewhere is taken off: `scale` is the ratio of
    /// exposures and areas of source to background region (`BACKSCAL`). Variances add.
    ///
    /// # Errors
    /// A scale that is not above 0.
    pub fn minus_background(&self, background: &Self, scale: f64) -> Result<Self> {
        require_positive("scale of the background", scale)?;
        let mut net = *self;
        for (sum, b) in net.sums.iter_mut().zip(background.sums) {
            *sum -= scale * b;
        }
        for (product, b) in net.products.iter_mut().zip(background.products) {
            *product += scale * scale * b;
        }
        net.unpolarized += scale * scale * background.unpolarized;
        Ok(net)
    }

    /// Events used.
    pub fn events(&self) -> u64 {
        self.events[0]
    }

    /// Events at energies outside the response, left out.
    pub fn events_outside(&self) -> u64 {
        self.events[1]
    }

    /// (Σw)²/Σw², the number of unweighted events that know as much.
    pub fn effective_events(&self) -> f64 {
        self.weights[0].powi(2) / self.weights[1]
    }

    /// Stokes parameters I, Q, U: in counts, or over area.
    pub fn stokes(&self) -> [f64; 3] {
        self.sums
    }

    /// The covariance of I, Q and U.
    pub fn covariance(&self) -> [[f64; 3]; 3] {
        let [ii, iq, iu, qq, qu, uu] = self.products;
        [[ii, iq, iu], [iq, qq, qu], [iu, qu, uu]]
    }

    /// Degree, angle, errors and significance.
    ///
    /// # Errors
    /// Fewer than two events, or no intensity left above background.
    pub fn polarization(&self) -> Result<Polarization> {
        Polarization::from_sums(self)
    }
}

impl Merge for StokesSums {
    fn merge(&mut self, other: Self) {
        let add = |a: &mut [f64], b: &[f64]| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        add(&mut self.sums, &other.sums);
        add(&mut self.products, &other.products);
        add(&mut self.weights, &other.weights);
        self.unpolarized += other.unpolarized;
        self.events[0] += other.events[0];
        self.events[1] += other.events[1];
    }
}
