//! Amplitude, pulsed fraction and power of a sinusoid in Poisson noise.
//!
//! A rate proportional to 1 + a sin(2πft) has the pulsed fraction (max − min)/max = 2a/(1 + a),
//! and N photons of it give the signal power s = N a²/2 in Leahy units, above the noise's 2.

/// Pulsed fraction of a sinusoid of amplitude a: 2a/(1 + a).
#[doc(alias = "pf_from_a")]
#[must_use]
pub fn pulsed_fraction_from_amplitude(amplitude: f64) -> f64 {
    2.0 * amplitude / (1.0 + amplitude)
}

/// Amplitude of a sinusoid of pulsed fraction p: p/(2 − p).
#[doc(alias = "a_from_pf")]
#[must_use]
pub fn amplitude_from_pulsed_fraction(pulsed_fraction: f64) -> f64 {
    pulsed_fraction / (2.0 - pulsed_fraction)
}

/// Signal power of a sinusoid of amplitude a in `counts` photons: N a²/2.
#[doc(alias = "ssig_from_a")]
#[must_use]
pub fn signal_power_from_amplitude(amplitude: f64, counts: f64) -> f64 {
    0.5 * counts * amplitude * amplitude
}

/// Amplitude of a sinusoid of a signal power in `counts` photons: √(2s/N).
#[doc(alias = "a_from_ssig")]
#[must_use]
pub fn amplitude_from_signal_power(signal_power: f64, counts: f64) -> f64 {
    (2.0 * signal_power / counts).sqrt()
}

/// Signal power of a sinusoid of a pulsed fraction in `counts` photons.
#[doc(alias = "ssig_from_pf")]
#[must_use]
pub fn signal_power_from_pulsed_fraction(pulsed_fraction: f64, counts: f64) -> f64 {
    signal_power_from_amplitude(amplitude_from_pulsed_fraction(pulsed_fraction), counts)
}

/// Pulsed fraction of a sinusoid of a signal power in `counts` photons.
#[doc(alias = "pf_from_ssig")]
#[must_use]
pub fn pulsed_fraction_from_signal_power(signal_power: f64, counts: f64) -> f64 {
    pulsed_fraction_from_amplitude(amplitude_from_signal_power(signal_power, counts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_and_back() {
        for a in [0.01, 0.3, 1.0] {
            let p = pulsed_fraction_from_amplitude(a);
            assert!((amplitude_from_pulsed_fraction(p) - a).abs() < 1e-15);
            let s = signal_power_from_pulsed_fraction(p, 5000.0);
            assert!((s - 2500.0 * a * a).abs() < 1e-9);
            assert!((pulsed_fraction_from_signal_power(s, 5000.0) - p).abs() < 1e-14);
        }
        // A fully modulated sinusoid falls to zero: its pulsed fraction is one.
        assert_eq!(pulsed_fraction_from_amplitude(1.0), 1.0);
    }
}
