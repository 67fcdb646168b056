//! The one accumulator of averaged spectra: raw sums over segments.

use astro_core::Merge;
use astro_fft::FftReal;
use num_complex::{Complex, Complex64};

/// Raw sums of one series over segments.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SeriesSums {
    /// $\sum |X_k|^2$.
    pub power: Vec<f64>,
    /// Counts.
    pub counts: f64,
    /// Variances of a bin; zero for counts of photons.
    pub variance: f64,
}

/// Raw sums over segments, from which a power or cross spectrum is normalised once, at the end.
///
/// Threads, streams, ranks and devices all make these sums over whole blocks of segments, and
/// [`astro_core::merge_tree`] merges them in one order, so the result does not depend on who
/// computed what. k runs from the zero frequency to the Nyquist frequency of a whole transform, or
/// over the frequencies that a plan keeps.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SpectrumSums {
    /// The series of a power spectrum; the subject of a cross spectrum.
    pub subject: SeriesSums,
    /// The reference of a cross spectrum.
    pub reference: SeriesSums,
    /// Real part of $\sum \overline{X_{1k}} X_{2k}$; empty for a power spectrum.
    pub cross_re: Vec<f64>,
    /// Its imaginary part.
    pub cross_im: Vec<f64>,
    /// Segments summed, M.
    pub segments: u64,
    /// Segments without any count in one of the series: summed by default, left out with
    /// [`crate::Compat::Stingray`] and where each segment is normalised by itself.
    pub empty: u64,
}

/// What one series has in one segment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct SeriesLight {
    /// Sum of its bins.
    pub(crate) counts: f64,
    /// Variance of a bin; zero for counts of photons.
    pub(crate) variance: f64,
    /// Sum of the squares of its bins, where it is asked for.
    pub(crate) squares: f64,
    /// Fewer than two events, or all bins zero: Stingray leaves the segment out.
    pub(crate) sparse: bool,
}

/// The transform of one series in one segment, and what it is multiplied with.
#[derive(Debug)]
pub(crate) struct Transformed<'a, T> {
    pub(crate) spectrum: &'a [Complex<T>],
    pub(crate) light: SeriesLight,
    /// 1, or the factor that normalises this segment.
    pub(crate) weight: f64,
}

impl SeriesSums {
    pub(crate) fn add<T: FftReal>(&mut self, series: &Transformed<'_, T>) {
        self.power.resize(series.spectrum.len(), 0.0);
        let weight = series.weight;
        for (sum, x) in self.power.iter_mut().zip(series.spectrum) {
            *sum += weight * x.norm_sqr().as_f64();
        }
        self.add_light(series.light);
    }

    fn add_light(&mut self, light: SeriesLight) {
        self.counts += light.counts;
        self.variance += light.variance;
    }

    fn merge(&mut self, other: Self) {
        add_to(&mut self.power, other.power);
        self.counts += other.counts;
        self.variance += other.variance;
    }
}

impl SpectrumSums {
    /// Adds a segment to a power spectrum.
    pub(crate) fn add_power<T: FftReal>(&mut self, series: &Transformed<'_, T>) {
        self.subject.add(series);
        self.segments += 1;
    }

    /// Adds a segment to a cross spectrum.
    pub(crate) fn add_cross<T: FftReal>(
        &mut self,
        subject: &Transformed<'_, T>,
        reference: &Transformed<'_, T>,
    ) {
        let values = subject.spectrum.len();
        let sums = [
            &mut self.subject.power,
            &mut self.reference.power,
            &mut self.cross_re,
            &mut self.cross_im,
        ];
        let [power1, power2, re, im] = sums.map(|sums| {
            sums.resize(values, 0.0);
            &mut sums[..values]
        });
        let (first, second) = (subject.spectrum, &reference.spectrum[..values]);
        let (weight1, weight2) = (subject.weight, reference.weight);
        let weight = (weight1 * weight2).sqrt();
        // All sums in one pass over the transforms: they are too long for a near cache.
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || {
                for k in 0..values {
                    let (x1, x2) = (first[k], second[k]);
                    power1[k] += weight1 * x1.norm_sqr().as_f64();
                    power2[k] += weight2 * x2.norm_sqr().as_f64();
                    let product = x1.conj() * x2;
                    re[k] += weight * product.re.as_f64();
                    im[k] += weight * product.im.as_f64();
                }
            },
        );
        self.subject.add_light(subject.light);
        self.reference.add_light(reference.light);
        self.segments += 1;
    }

    /// Mean of $\overline{X_1} X_2$ over the segments.
    pub(crate) fn mean_cross(&self, k: usize) -> Complex64 {
        Complex64::new(self.cross_re[k], self.cross_im[k]) / self.segments as f64
    }
}

impl Merge for SpectrumSums {
    fn merge(&mut self, other: Self) {
        self.subject.merge(other.subject);
        self.reference.merge(other.reference);
        add_to(&mut self.cross_re, other.cross_re);
        add_to(&mut self.cross_im, other.cross_im);
        self.segments += other.segments;
        self.empty += other.empty;
    }
}

/// Adds arrays; an empty one stands for zeros.
fn add_to(sums: &mut Vec<f64>, other: Vec<f64>) {
    if sums.is_empty() {
        *sums = other;
        return;
    }
    for (sum, term) in sums.iter_mut().zip(other) {
        *sum += term;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_adds_and_empty_is_the_identity() {
        let spectrum = [Complex::new(3.0, 4.0), Complex::new(0.0, 2.0)];
        let other = [Complex::new(1.0, 0.0), Complex::new(0.0, 1.0)];
        let series = |spectrum, counts| Transformed {
            spectrum,
            light: SeriesLight {
                counts,
                ..SeriesLight::default()
            },
            weight: 1.0,
        };
        let mut sums = SpectrumSums::default();
        sums.add_cross::<f64>(&series(&spectrum, 5.0), &series(&other, 7.0));
        let once = sums.clone();
        sums.merge(SpectrumSums::default());
        assert_eq!(sums, once);
        let mut identity = SpectrumSums::default();
        identity.merge(once.clone());
        assert_eq!(identity, once);
        sums.merge(once);
        assert_eq!(sums.subject.power, [50.0, 8.0]);
        assert_eq!(sums.reference.counts, 14.0);
        assert_eq!(sums.mean_cross(0), Complex64::new(3.0, -4.0));
        assert_eq!(sums.mean_cross(1), Complex64::new(2.0, 0.0));
    }
}
