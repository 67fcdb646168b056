//! Coherence, lags and their errors, from the averaged powers of two series at one frequency.

use std::f64::consts::PI;

use num_complex::Complex64;

use crate::Compat;

/// A value and its standard deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its standard deviation.
    pub error: f64,
}

/// Which coherence the bias of $|C|^2$ is computed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BiasCoherence {
    /// Signals that are fully coherent.
    #[default]
    Unity,
    /// The coherence found, iterated until it changes by less than 0.01.
    Found,
}

/// Averaged powers of two series at one frequency, in any one normalisation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrossPower {
    /// Mean of $\overline{X_1} X_2$, with the noise of photons that both series share.
    pub cross: Complex64,
    /// Power of the subject, noise included.
    pub subject: f64,
    /// Power of the reference, noise included.
    pub reference: f64,
    /// Noise level in `subject`.
    pub subject_noise: f64,
    /// Noise level in `reference`.
    pub reference_noise: f64,
    /// Noise level in the real part of `cross`: that of the photons which both series have.
    pub shared_noise: f64,
    /// Powers averaged, m.
    pub averages: f64,
    /// Whether the subject's photons are part of the reference.
    pub overlap: bool,
    /// Whose formulas.
    pub compat: Compat,
}

/// Errors of a cross power.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrossErrors {
    /// Of the real part.
    pub re: f64,
    /// Of the imaginary part.
    pub im: f64,
    /// Of the phase, radians.
    pub phase: f64,
    /// Of the modulus.
    pub modulus: f64,
}

/// Averages beyond which Stingray takes the bias for zero, citing Ingram 2019.
const PEER_BIAS_LIMIT: f64 = 500.0;
/// The standard deviation of a phase of which nothing is known, π/√3.
const RANDOM_PHASE: f64 = 1.813_799_364_234_217_8;

impl CrossPower {
    /// The cross power without the noise of shared photons; Stingray leaves it in.
    #[must_use]
    pub fn signal(&self) -> Complex64 {
        match self.compat {
            Compat::Correct => self.cross - self.shared_noise,
            Compat::Stingray => self.cross,
        }
    }

    fn powers(&self) -> f64 {
        self.subject * self.reference
    }

    fn signals(&self) -> (f64, f64) {
        (
            self.subject - self.subject_noise,
            self.reference - self.reference_noise,
        )
    }

    /// The expectation of $|C|^2$ that noise adds (Vaughan & Nowak 1997; Ingram 2019):
    /// $[P_1 P_2 - \gamma^2 (P_1 - N_1)(P_2 - N_2)]/m$.
    #[must_use]
    pub fn bias(&self, coherence: f64) -> f64 {
        if self.compat.is_stingray() && self.averages > PEER_BIAS_LIMIT {
            return 0.0;
        }
        let (s1, s2) = self.signals();
        (self.powers() - coherence * s1 * s2) / self.averages
    }

    /// The squared coherence of the series as they are, noise included:
    /// $\gamma^2 = (|C|^2 - b^2)/(P_1 P_2)$, at least 0.
    ///
    /// Its error $\sqrt{2/m}\,\gamma(1 - \gamma^2)$ (Bendat & Piersol 2010) is at least 1/m.
    #[must_use]
    pub fn raw_coherence(&self) -> Estimate {
        let value = (self.signal().norm_sqr() - self.bias(1.0)).max(0.0) / self.powers();
        let least = 1.0 / self.averages;
        let error = (2.0 / self.averages).sqrt() * value.sqrt() * (1.0 - value);
        Estimate {
            value,
            error: if value == 0.0 || error < least {
                least
            } else {
                error
            },
        }
    }

    /// The squared coherence of the signals, without noise:
    /// $\gamma^2 = (|C|^2 - b^2)/[(P_1 - N_1)(P_2 - N_2)]$.
    ///
    /// NaN where a signal is not above three standard deviations of its noise,
    /// $P_i - N_i \le 3 N_i/\sqrt{m}$; 0 with an error of NaN where the bias exceeds $|C|^2$. The
    /// error is by first-order propagation of the covariance of the three averages:
    ///
    /// $$ \frac{\sigma^2(\gamma^2)}{\gamma^4} = \frac{1}{m}\Big[2\frac{P_1P_2 + |C|^2}{|C|^2} +
    ///    \frac{P_1^2}{S_1^2} + \frac{P_2^2}{S_2^2} + \frac{2|C|^2}{S_1S_2} - \frac{4P_1}{S_1} -
    ///    \frac{4P_2}{S_2}\Big] $$
    ///
    /// Equation 8 of Vaughan & Nowak (1997) is 30 to 40 % below the scatter where noise matters;
    /// with [`Compat::Stingray`] the error is Stingray's form of it.
    #[must_use]
    pub fn intrinsic_coherence(&self, bias: BiasCoherence) -> Estimate {
        let nothing = Estimate {
            value: f64::NAN,
            error: f64::NAN,
        };
        let root_m = self.averages.sqrt();
        let (s1, s2) = self.signals();
        let weak = |signal: f64, noise: f64| signal <= 3.0 * noise / root_m;
        if weak(s1, self.subject_noise) || weak(s2, self.reference_noise) {
            return nothing;
        }
        let squared = self.signal().norm_sqr();
        let rounds = match bias {
            BiasCoherence::Unity => 1,
            BiasCoherence::Found => 40,
        };
        let mut value = 1.0;
        let (mut b2, mut net) = (0.0, squared);
        for _ in 0..rounds {
            b2 = self.bias(value);
            net = squared - b2;
            if net <= 0.0 {
                return Estimate {
                    value: 0.0,
                    error: f64::NAN,
                };
            }
            let found = net / (s1 * s2);
            let change = (found - value).abs();
            value = found;
            if change < 0.01 {
                break;
            }
        }
        let error = match self.compat {
            Compat::Correct => self.coherence_error(value, net),
            Compat::Stingray => self.peer_coherence_error(value, net, b2),
        };
        Estimate { value, error }
    }

    fn coherence_error(&self, value: f64, net: f64) -> f64 {
        let (s1, s2) = self.signals();
        let (p1, p2) = (self.subject, self.reference);
        let relative = 2.0 * (p1 * p2 + net) / net
            + (p1 / s1).powi(2)
            + (p2 / s2).powi(2)
            + 2.0 * net / (s1 * s2)
            - 4.0 * p1 / s1
            - 4.0 * p2 / s2;
        value * (relative.max(0.0) / self.averages).sqrt()
    }

    fn peer_coherence_error(&self, value: f64, net: f64, b2: f64) -> f64 {
        let (s1, s2) = self.signals();
        let m = self.averages;
        let first = 2.0 * b2 * b2 * m / (net - b2).powi(2);
        let second = (self.subject_noise / s1).powi(2) + (self.reference_noise / s2).powi(2);
        let third = 2.0 * ((1.0 - value) / value.powf(1.5)).powi(2);
        value / m.sqrt() * (first + second + third).sqrt()
    }

    /// The phase by which the subject lags the reference, radians in (−π, π].
    #[must_use]
    pub fn phase_lag(&self) -> f64 {
        self.signal().arg()
    }

    /// The standard deviations of the cross power.
    ///
    /// An average of m products of complex Gaussian amplitudes scatters along the direction
    /// $e^{i\theta}$ with the variance $[P_1P_2 + \mathrm{Re}(C^2 e^{-2i\theta})]/2m$. Hence
    /// (Ingram 2019, equations 13 to 19, for independent bands)
    ///
    /// $$ \sigma_\mathrm{Re}^2 = \frac{P_1P_2 + C_r^2 - C_i^2}{2m}, \quad
    ///    \sigma_\mathrm{Im}^2 = \frac{P_1P_2 - C_r^2 + C_i^2}{2m}, \quad
    ///    \sigma_{|C|}^2 = \frac{P_1P_2 + |C|^2}{2m}, \quad
    ///    \sigma_\phi^2 = \frac{1 - \gamma^2}{2\gamma^2 m} $$
    ///
    /// with the raw coherence γ². No phase error exceeds π/√3, that of a random phase. Where the
    /// subject's photons are part of the reference, their noise correlates the two, and the same
    /// variance holds with the cross power that includes it.
    ///
    /// With [`Compat::Stingray`], $\sigma_{|C|}^2 = P_1P_2/m$, phase errors may be infinite, and
    /// overlapping bands have Ingram's errors with respect to a common reference, NaN where the
    /// bias exceeds $|C|^2$.
    #[must_use]
    pub fn errors(&self) -> CrossErrors {
        if self.compat.is_stingray() && self.overlap {
            return self.common_reference_errors();
        }
        let m = self.averages;
        let along = |direction: Complex64| {
            let turned = self.cross * direction.conj();
            let square = (turned * turned).re;
            ((self.powers() + square).max(0.0) / (2.0 * m)).sqrt()
        };
        let signal = self.signal();
        let direction = if signal.norm_sqr() > 0.0 {
            signal / signal.norm()
        } else {
            Complex64::ONE
        };
        let phase = if self.overlap {
            let net = (signal.norm_sqr() - self.bias(1.0)).max(0.0);
            along(direction * Complex64::I) / net.sqrt()
        } else {
            let coherence = self.raw_coherence().value;
            ((1.0 - coherence) / (2.0 * coherence * m)).sqrt()
        };
        CrossErrors {
            re: along(Complex64::ONE),
            im: along(Complex64::I),
            phase: match self.compat {
                Compat::Correct => phase.min(RANDOM_PHASE),
                Compat::Stingray => phase,
            },
            modulus: match self.compat {
                Compat::Correct => along(direction),
                Compat::Stingray => (self.powers() / m).sqrt(),
            },
        }
    }

    /// Ingram 2019, equations 18 and 19, as Stingray has them.
    fn common_reference_errors(&self) -> CrossErrors {
        let net = self.cross.norm_sqr() - self.bias(1.0);
        let signal = self.reference - self.reference_noise;
        let scale = self.reference / (2.0 * self.averages);
        let part = (scale * (self.subject - net / signal)).sqrt();
        CrossErrors {
            re: part,
            im: part,
            phase: (scale * (self.subject / net - 1.0 / signal)).sqrt(),
            modulus: part,
        }
    }
}

impl Estimate {
    /// A phase as a time at `frequency_hz`.
    pub(crate) fn phase_to_time(self, frequency_hz: f64) -> Self {
        let turns = 2.0 * PI * frequency_hz;
        Self {
            value: self.value / turns,
            error: self.error / turns,
        }
    }
}
