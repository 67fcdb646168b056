//! Cross spectra: lags, coherence and their errors, against simulations of known truth.

use astro_core::GoodTimeIntervals;
use astro_timing::simulate::events_from_rate;
use astro_timing::{
    BiasCoherence, ChannelOverlap, Compat, CrossPower, CrossSpectrumPlan, EnergyBand, EventList,
    EventSelection, LightCurve, Normalization, Rebinning,
};
use num_complex::Complex64;

use super::support::{Pulls, Random, on_threads, red_noise};

/// The averaged powers of two series with a common signal, as one frequency of m segments has
/// them.
struct Simulated {
    signal: [f64; 2],
    noise: [f64; 2],
    coherence: f64,
    phase: f64,
    m: usize,
}

impl Simulated {
    fn draw(&self, random: &mut Random) -> CrossPower {
        let (mut cross, mut p1, mut p2) = (Complex64::ZERO, 0.0, 0.0);
        let own = (1.0 - self.coherence).sqrt();
        for _ in 0..self.m {
            let common = random.amplitude();
            let other = self.coherence.sqrt() * common + own * random.amplitude();
            let x1 = self.signal[0].sqrt() * common + self.noise[0].sqrt() * random.amplitude();
            let x2 = self.signal[1].sqrt() * other * Complex64::cis(self.phase)
                + self.noise[1].sqrt() * random.amplitude();
            cross += x1.conj() * x2;
            p1 += x1.norm_sqr();
            p2 += x2.norm_sqr();
        }
        let m = self.m as f64;
        CrossPower {
            cross: cross / m,
            subject: p1 / m,
            reference: p2 / m,
            subject_noise: self.noise[0],
            reference_noise: self.noise[1],
            shared_noise: 0.0,
            averages: m,
            overlap: false,
            compat: Compat::Correct,
        }
    }

    fn cross(&self) -> Complex64 {
        let modulus = (self.coherence * self.signal[0] * self.signal[1]).sqrt();
        Complex64::from_polar(modulus, self.phase)
    }

    fn raw_coherence(&self) -> f64 {
        let p = |i: usize| self.signal[i] + self.noise[i];
        self.cross().norm_sqr() / (p(0) * p(1))
    }
}

const CASES: [Simulated; 3] = [
    Simulated {
        signal: [1.0, 1.0],
        noise: [0.5, 0.3],
        coherence: 0.9,
        phase: 0.6,
        m: 400,
    },
    Simulated {
        signal: [2.0, 1.0],
        noise: [1.0, 1.0],
        coherence: 0.6,
        phase: -2.0,
        m: 800,
    },
    Simulated {
        signal: [1.0, 3.0],
        noise: [1.0, 0.5],
        coherence: 0.95,
        phase: 1.5,
        m: 200,
    },
];
const TRIALS: usize = 1500;

#[test]
fn errors_of_cross_powers_have_unit_pulls() {
    for (number, case) in CASES.iter().enumerate() {
        let mut random = Random::new(10 + number as u64);
        let mut pulls: [Pulls; 4] = Default::default();
        for _ in 0..TRIALS {
            let found = case.draw(&mut random);
            let (errors, truth) = (found.errors(), case.cross());
            pulls[0].add(found.cross.re, truth.re, errors.re);
            pulls[1].add(found.cross.im, truth.im, errors.im);
            pulls[2].add(found.phase_lag(), case.phase, errors.phase);
            pulls[3].add(found.cross.norm(), truth.norm(), errors.modulus);
        }
        // 1500 pulls: means to 0.026 and scatter to 0.018; |C| is biased by its own noise.
        for (pulls, what) in pulls.iter().zip(["Re", "Im", "phase", "|C|"]) {
            pulls.check(&format!("{what} of case {number}"), 0.13, 0.06);
        }
    }
}

#[test]
fn errors_of_coherence_have_unit_pulls() {
    for (number, case) in CASES.iter().enumerate() {
        let mut random = Random::new(20 + number as u64);
        let (mut raw, mut intrinsic) = (Pulls::default(), Pulls::default());
        for _ in 0..TRIALS {
            let found = case.draw(&mut random);
            let estimate = found.raw_coherence();
            raw.add(estimate.value, case.raw_coherence(), estimate.error);
            let estimate = found.intrinsic_coherence(BiasCoherence::Found);
            intrinsic.add(estimate.value, case.coherence, estimate.error);
        }
        raw.check(&format!("raw coherence of case {number}"), 0.15, 0.08);
        intrinsic.check(&format!("intrinsic coherence of case {number}"), 0.15, 0.08);
    }
}

#[test]
fn shared_photons_leave_phases_unbiased() {
    // The subject is part of the reference: its noise is in both.
    let mut random = Random::new(30);
    let (mut phase, mut modulus) = (Pulls::default(), Pulls::default());
    let (s1, s2, n1, n2, lag, m) = (1.0_f64, 2.0_f64, 0.8_f64, 0.5_f64, 0.4, 300);
    for _ in 0..TRIALS {
        let (mut cross, mut p1, mut p2) = (Complex64::ZERO, 0.0, 0.0);
        for _ in 0..m {
            let signal = random.amplitude();
            let x1 = s1.sqrt() * signal + n1.sqrt() * random.amplitude();
            let other = s2.sqrt() * signal * Complex64::cis(lag) + n2.sqrt() * random.amplitude();
            let x2 = x1 + other;
            cross += x1.conj() * x2;
            p1 += x1.norm_sqr();
            p2 += x2.norm_sqr();
        }
        let m = f64::from(m);
        let found = CrossPower {
            cross: cross / m,
            subject: p1 / m,
            reference: p2 / m,
            subject_noise: n1,
            reference_noise: n1 + n2,
            shared_noise: n1,
            averages: m,
            overlap: true,
            compat: Compat::Correct,
        };
        let truth = s1 + (s1 * s2).sqrt() * Complex64::cis(lag);
        phase.add(found.phase_lag(), truth.arg(), found.errors().phase);
        modulus.add(found.signal().norm(), truth.norm(), found.errors().modulus);
    }
    phase.check("phase", 0.1, 0.06);
    modulus.check("|C|", 0.1, 0.06);
}

#[test]
fn compat_leaves_the_bias_out_beyond_500() {
    let case = Simulated { m: 600, ..CASES[0] };
    let found = case.draw(&mut Random::new(31));
    assert!(found.bias(1.0) > 0.0);
    assert_eq!(
        CrossPower {
            compat: Compat::Stingray,
            ..found
        }
        .bias(1.0),
        0.0
    );
}

#[test]
fn a_delay_is_a_positive_lag_of_the_subject() {
    let delay = 0.02;
    let gti = GoodTimeIntervals::single(0.0, 600.0).unwrap();
    let mut pulls = Pulls::default();
    let mut coherences = Pulls::default();
    for seed in 400..404 {
        let series = red_noise(610.0, 600.0, seed);
        let list = |events: Vec<f64>| EventList::new(events, gti.clone()).unwrap();
        let subject = list(events_from_rate(&series.clone().delayed(delay), seed + 1).unwrap());
        let reference = list(events_from_rate(&series, seed + 2).unwrap());
        let plan = CrossSpectrumPlan::<f64>::new(6.0, 0.02).unwrap();
        let spectrum = plan.execute(&subject, &reference).unwrap();
        assert_eq!(spectrum.segments, 100);
        let spectrum = spectrum.rebinned(Rebinning::Logarithmic(0.2)).unwrap();
        let good = spectrum.bins.between(0.3, 3.0);
        for lag in &spectrum.time_lags()[good.clone()] {
            pulls.add(lag.value, delay, lag.error);
        }
        for g2 in &spectrum.intrinsic_coherence(BiasCoherence::Found)[good] {
            coherences.add(g2.value, 1.0, g2.error.max(0.005));
        }
    }
    pulls.check("time lags", 0.6, 0.4);
    assert!(coherences.mean().abs() < 1.5, "{}", coherences.mean());
}

#[test]
fn every_way_to_a_cross_spectrum_is_the_same() {
    let gti = GoodTimeIntervals::single(0.0, 200.0).unwrap();
    let times = events_from_rate(&red_noise(200.0, 300.0, 500), 501).unwrap();
    let energies = (0..times.len())
        .map(|i| if i % 3 == 0 { 1.0 } else { 5.0 })
        .collect();
    let events = EventList::new(times, gti)
        .unwrap()
        .with_energies(energies)
        .unwrap();
    let [soft, hard] =
        [(0.0, 2.0), (2.0, 8.0)].map(|(low, high)| EnergyBand::new(low, high).unwrap());
    let plan = CrossSpectrumPlan::<f64>::new(4.0, 0.05)
        .unwrap()
        .normalization(Normalization::Leahy);
    let bands = plan
        .execute_bands(&events, soft, hard, &astro_core::NoProgress)
        .unwrap();
    let select = |band| events.selected(EventSelection::energies(band)).unwrap();
    let (subject, reference) = (select(soft), select(hard));
    assert_eq!(bands, plan.execute(&subject, &reference).unwrap());
    let selected = EventSelection::energies(soft).of(&events);
    assert_eq!(bands, plan.execute(&selected, &reference).unwrap());
    let curve = |events| LightCurve::from_events(events, 0.05).unwrap();
    assert_eq!(
        bands,
        plan.execute_curves(&curve(&subject), &curve(&reference))
            .unwrap()
    );
    for threads in [2, 5] {
        let again = on_threads(threads, || plan.execute(&subject, &reference).unwrap());
        assert_eq!(bands, again);
    }
    // The cross spectrum of a series with itself is its power spectrum.
    let own = plan.execute(&subject, &subject).unwrap();
    for (c, p) in own.cross.iter().zip(&own.subject_power) {
        assert!((c.re - p).abs() < 1e-10 * p && c.im.abs() < 1e-10 * p);
    }
    // With the noise of shared photons gone, what remains of a constant source is zero.
    let overlap = CrossSpectrumPlan::<f64>::new(4.0, 0.05)
        .unwrap()
        .overlap(ChannelOverlap::SubjectInReference);
    let own = overlap.execute(&subject, &subject).unwrap();
    let level = own.at(own.bins.len() - 1);
    assert!((level.shared_noise - level.subject_noise).abs() < 1e-12);
    // Rows of a dynamical cross spectrum average to the spectrum.
    let rows = plan.dynamical(&subject, &reference).unwrap();
    let mean = rows.rebinned_by_rows(50).unwrap();
    for (a, b) in mean.values.iter().zip(&bands.cross) {
        assert!((a - b).norm() < 1e-10);
    }
    let two_sided = plan.two_sided(&subject, &reference).unwrap();
    assert!((two_sided.cross[1] - bands.cross[0]).norm() < 1e-12);
    assert_eq!(two_sided.cross[79], two_sided.cross[1].conj());
}
