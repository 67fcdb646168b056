//! The Hankel transform against adaptive quadrature and closed forms.

use astro_fft::{
    Error, HankelPlan, HankelTable, HankelTablePlan, ProfileGrid, bessel_j0, bessel_j1,
};
use std::f64::consts::{PI, TAU};

const SEED: u64 = 20_261_121;

/// Uniform numbers in [0, 1): a linear congruential generator (Knuth's MMIX).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        let state = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = state.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Gauss-Kronrod 7/15 nodes in [0, 1], Kronrod weights and Gauss weights
/// (QUADPACK, Piessens et al. 1983).
const KRONROD: [(f64, f64, f64); 8] = [
    (0.991_455_371_120_812_6, 0.022_935_322_010_529_22, 0.0),
    (
        0.949_107_912_342_758_5,
        0.063_092_092_629_978_56,
        0.129_484_966_168_869_7,
    ),
    (0.864_864_423_359_769_1, 0.104_790_010_322_250_2, 0.0),
    (
        0.741_531_185_599_394_4,
        0.140_653_259_715_525_9,
        0.279_705_391_489_276_7,
    ),
    (0.586_087_235_467_691_1, 0.169_004_726_639_267_9, 0.0),
    (
        0.405_845_151_377_397_2,
        0.190_350_578_064_785_4,
        0.381_830_050_505_118_9,
    ),
    (0.207_784_955_007_898_5, 0.204_432_940_075_298_9, 0.0),
    (0.0, 0.209_482_141_084_727_8, 0.417_959_183_673_469_4),
];

fn adaptive(f: &dyn Fn(f64) -> f64, a: f64, b: f64, tolerance: f64) -> f64 {
    let (center, half) = (0.5 * (a + b), 0.5 * (b - a));
    let (mut kronrod, mut gauss) = (0.0, 0.0);
    for (x, weight, gauss_weight) in KRONROD {
        let value = if x == 0.0 {
            f(center)
        } else {
            f(center - half * x) + f(center + half * x)
        };
        kronrod += weight * value;
        gauss += gauss_weight * value;
    }
    if ((kronrod - gauss) * half).abs() <= tolerance || half < 1e-12 * center.abs() {
        return kronrod * half;
    }
    adaptive(f, a, center, tolerance) + adaptive(f, center, b, tolerance)
}

/// H of the pieces (inner, outer, brightness at both) by quadrature.
fn quadrature(pieces: &[(f64, f64, f64, f64)], rho: f64, flux: f64) -> f64 {
    let tolerance = 1e-13 * flux / pieces.len() as f64;
    let piece = |&(a, b, at_a, at_b): &(f64, f64, f64, f64)| {
        let integrand = |r: f64| {
            let brightness = at_a + (at_b - at_a) * (r - a) / (b - a);
            TAU * brightness * bessel_j0(TAU * rho * r) * r
        };
        adaptive(&integrand, a, b, tolerance)
    };
    pieces.iter().map(piece).sum()
}

fn pieces_between(radii: &[f64], profile: &[f64]) -> Vec<(f64, f64, f64, f64)> {
    let mut pieces = vec![(0.0, radii[0], profile[0], profile[0])];
    for (r, i) in radii.windows(2).zip(profile.windows(2)) {
        pieces.push((r[0], r[1], i[0], i[1]));
    }
    pieces
}

fn irregular_radii(count: usize, outer: f64, random: &mut Random) -> Vec<f64> {
    let mut radii = Vec::with_capacity(count);
    let mut radius = 0.0;
    for _ in 0..count {
        radius += 0.05 + random.next();
        radii.push(radius);
    }
    let scale = outer / radius;
    radii.iter().map(|r| r * scale).collect()
}

fn absolute_flux(grid: &ProfileGrid, profile: &[f64]) -> f64 {
    let absolute: Vec<f64> = profile.iter().map(|x| x.abs()).collect();
    grid.total_flux(&absolute).expect("a finite profile")
}

#[test]
fn quadrature_knows_the_disc() {
    let x = TAU * 3.7;
    let disc = quadrature(&[(0.0, 1.0, 1.0, 1.0)], 3.7, PI);
    assert!((disc - PI * 2.0 * bessel_j1(x) / x).abs() < 1e-13);
}

#[test]
fn plan_equals_adaptive_quadrature() {
    let mut random = Random(SEED);
    // Cycles up to 200: as many as a 4096-pixel image with baselines to 0.4
    // of Nyquist.
    for (count, outer, max_rho) in [
        (1, 1.0, 5.0),
        (30, 2.0, 0.01),
        (60, 1.0, 30.0),
        (90, 4.0, 50.0),
    ] {
        let radii = irregular_radii(count, outer, &mut random);
        let grid = ProfileGrid::from_radii(&radii).unwrap();
        let profile: Vec<f64> = (0..count).map(|_| random.next() - 0.3).collect();
        let frequencies: Vec<f64> = (0..40).map(|k| max_rho * k as f64 / 39.0).collect();
        let plan = HankelPlan::new(&grid, &frequencies).unwrap();
        let transform = plan.execute(&profile).unwrap();
        let flux = absolute_flux(&grid, &profile);
        let pieces = pieces_between(&radii, &profile);
        for (&rho, &h) in frequencies.iter().zip(&transform) {
            let truth = quadrature(&pieces, rho, flux);
            assert!(
                (h - truth).abs() < 2e-13 * flux,
                "{count} {rho}: {h} {truth}"
            );
        }
    }
}

#[test]
fn table_keeps_the_requested_error() {
    let mut random = Random(SEED);
    for (count, max_rho) in [(2, 0.003), (25, 1.0), (40, 60.0)] {
        let radii = irregular_radii(count, 2.0, &mut random);
        let grid = ProfileGrid::from_radii(&radii).unwrap();
        // All brightness at the edge is the worst case: it oscillates fastest.
        let edge: Vec<f64> = (0..count).map(|k| f64::from(k + 2 >= count)).collect();
        let rough: Vec<f64> = (0..count).map(|_| random.next() - 0.5).collect();
        let mut frequencies: Vec<f64> = (0..400).map(|_| max_rho * random.next()).collect();
        frequencies.extend([0.0, max_rho]);
        let exact = HankelPlan::new(&grid, &frequencies).unwrap();
        for rel_error in [1e-2, 1e-3, 1e-5, 1e-8, 1e-10, 1e-12, 1e-13] {
            let plan = HankelTablePlan::new(&grid, max_rho, rel_error).unwrap();
            for profile in [&edge, &rough] {
                let table = plan.execute(profile).unwrap();
                let bound = rel_error * absolute_flux(&grid, profile);
                let truth = exact.execute(profile).unwrap();
                for (&rho, &truth) in frequencies.iter().zip(&truth) {
                    let error = (table.evaluate(rho).unwrap() - truth).abs();
                    assert!(error <= bound, "{count} {rel_error} {rho}: {error} {bound}");
                }
            }
        }
    }
}

#[test]
fn table_is_not_finer_than_needed() {
    let grid = ProfileGrid::from_segments(&[0.999, 1.0]).unwrap();
    let rel_error = 1e-9;
    let plan = HankelTablePlan::new(&grid, 40.0, rel_error).unwrap();
    let table = plan.execute(&[1.0, 1.0]).unwrap();
    let frequencies: Vec<f64> = (0..4000).map(|k| 0.01 * k as f64).collect();
    let truth = HankelPlan::new(&grid, &frequencies).unwrap();
    let truth = truth.execute(&[1.0_f64, 1.0]).unwrap();
    let worst = (frequencies.iter().zip(&truth))
        .map(|(&rho, truth)| (table.evaluate(rho).unwrap() - truth).abs())
        .fold(0.0, f64::max);
    let flux = grid.total_flux(&[1.0, 1.0]).unwrap();
    assert!(worst > 0.02 * rel_error * flux, "{}", worst / flux);
}

#[test]
fn sharp_ring_and_disc_are_exact() {
    let disc = |radius: f64, rho: f64| radius * bessel_j1(TAU * rho * radius) / rho;
    let grid = ProfileGrid::from_segments(&[0.0, 0.4, 1.0, 1.3]).unwrap();
    let profile = [2.0, 2.0, 0.0, 0.0, 5.0, 5.0];
    let frequencies: Vec<f64> = (1..200).map(|k| 0.5 * k as f64).collect();
    let plan = HankelPlan::new(&grid, &frequencies).unwrap();
    let flux = absolute_flux(&grid, &profile);
    for (h, &rho) in plan.execute(&profile).unwrap().iter().zip(&frequencies) {
        let truth = 2.0 * disc(0.4, rho) + 5.0 * (disc(1.3, rho) - disc(1.0, rho));
        assert!((h - truth).abs() < 1e-13 * flux, "{rho}");
    }
    // The same sharp edges as values at radii would be sloping.
    let table = HankelTablePlan::new(&grid, 100.0, 1e-12).unwrap();
    let table = table.execute(&profile).unwrap();
    for &rho in &frequencies {
        let truth = 2.0 * disc(0.4, rho) + 5.0 * (disc(1.3, rho) - disc(1.0, rho));
        assert!((table.evaluate(rho).unwrap() - truth).abs() < 1e-12 * flux);
    }
}

/// Linear interpolation of exp(−πr²) errs by dR²/8 max|I''| at first order.
#[test]
fn gaussian_converges_as_step_squared() {
    let error = |step: f64| {
        let grid = ProfileGrid::uniform(0.0, step, (6.0 / step) as usize + 1).unwrap();
        let profile: Vec<f64> = (grid.value_radii().iter())
            .map(|r| (-PI * r * r).exp())
            .collect();
        let frequencies: Vec<f64> = (0..20).map(|k| 0.1 * k as f64).collect();
        let plan = HankelPlan::new(&grid, &frequencies).unwrap();
        let transform = plan.execute(&profile).unwrap();
        (transform.iter().zip(&frequencies))
            .map(|(h, rho)| (h - (-PI * rho * rho).exp()).abs())
            .fold(0.0, f64::max)
    };
    let (coarse, fine) = (error(0.02), error(0.01));
    assert!(coarse < 1e-3);
    assert!((coarse / fine - 4.0).abs() < 0.05, "{coarse} {fine}");
}

/// Ten thousand short segments and low frequencies: where the closed form in
/// J1 and ∫J0 loses all digits, H = F − π²ρ² 2π∫I r³ dr + O(ρ⁴).
#[test]
fn short_segments_and_low_frequencies_lose_nothing() {
    let count = 10_001;
    let grid = ProfileGrid::uniform(0.0, 1e-4, count).unwrap();
    let profile: Vec<f64> = (0..count).map(|k| 1.0 - 1e-4 * k as f64).collect();
    let frequencies = [0.0, 1e-9, 1e-4, 1e-3];
    let plan = HankelPlan::new(&grid, &frequencies).unwrap();
    // Of the cone 1 − r: flux π/3, 2π∫(1 − r) r³ dr = π/10.
    for (h, rho) in plan.execute(&profile).unwrap().iter().zip(frequencies) {
        let truth = PI / 3.0 - PI * PI * rho * rho * PI / 10.0;
        let next = (PI * rho).powi(4) * TAU / 4.0 / 42.0;
        assert!((h - truth - next).abs() < 1e-14, "{rho}");
    }
}

#[test]
fn brightness_inside_the_first_radius_is_constant() {
    let from_radii = ProfileGrid::from_radii(&[0.5, 1.0]).unwrap();
    let given = ProfileGrid::from_segments(&[0.0, 0.5, 1.0]).unwrap();
    let frequencies = [0.0, 0.7, 4.0];
    let implied = HankelPlan::new(&from_radii, &frequencies).unwrap();
    let explicit = HankelPlan::new(&given, &frequencies).unwrap();
    let implied = implied.execute(&[3.0_f64, 1.0]).unwrap();
    let explicit = explicit.execute(&[3.0, 3.0, 3.0, 1.0]).unwrap();
    for (a, b) in implied.iter().zip(&explicit) {
        assert!((a - b).abs() < 1e-14);
    }
    assert!((implied[0] - from_radii.total_flux(&[3.0, 1.0]).unwrap()).abs() < 1e-14);
}

#[test]
fn transposes_by_inner_products() {
    let mut random = Random(SEED);
    let radii = irregular_radii(70, 1.0, &mut random);
    let grid = ProfileGrid::from_radii(&radii).unwrap();
    let mut numbers =
        |count: usize| -> Vec<f64> { (0..count).map(|_| random.next() - 0.5).collect() };
    let profile = numbers(70);
    let frequencies: Vec<f64> = numbers(53).iter().map(|x| 50.0 * x).collect();
    let gradient = numbers(53);
    let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();

    let plan = HankelPlan::new(&grid, &frequencies).unwrap();
    let transform = plan.execute(&profile).unwrap();
    let back = plan.execute_transpose(&gradient).unwrap();
    let scale = norm(&gradient) * norm(&transform);
    assert!((dot(&gradient, &transform) - dot(&back, &profile)).abs() < 1e-14 * scale);

    let plan = HankelTablePlan::new(&grid, 25.0, 1e-10).unwrap();
    let table = plan.execute(&profile).unwrap();
    let mut adjoint: HankelTable<f64> = plan.zero_table();
    let mut forward = 0.0;
    for (&rho, &g) in frequencies.iter().zip(&gradient) {
        forward += g * table.evaluate(rho).unwrap();
        assert!(adjoint.accumulate(rho, g));
    }
    let back = plan.execute_transpose(adjoint.coefficients()).unwrap();
    assert!((forward - dot(&back, &profile)).abs() < 1e-13 * scale);
}

#[test]
fn derivative_equals_j1_form() {
    // Of the disc of radius 1: d/dρ [J1(2πρ)/ρ] = −2π J2(2πρ)/ρ.
    let grid = ProfileGrid::from_segments(&[0.0, 1.0]).unwrap();
    let plan = HankelTablePlan::new(&grid, 10.0, 1e-10).unwrap();
    let table = plan.execute(&[1.0, 1.0]).unwrap();
    for k in 1..200 {
        let rho = 0.05 * k as f64;
        let x = TAU * rho;
        let j2 = 2.0 * bessel_j1(x) / x - bessel_j0(x);
        let truth = -TAU * j2 / rho;
        for sign in [1.0, -1.0] {
            let (value, slope) = table.evaluate_with_derivative(sign * rho).unwrap();
            assert_eq!(Some(value), table.evaluate(rho));
            assert!((slope - sign * truth).abs() < 1e-8 * PI, "{rho}");
        }
    }
}

#[test]
fn single_precision_rounds_once() {
    let grid = ProfileGrid::uniform(0.0, 0.01, 100).unwrap();
    let profile: Vec<f32> = (0..100).map(|k| 1.0 / (1.0 + k as f32)).collect();
    let widened: Vec<f64> = profile.iter().map(|&x| f64::from(x)).collect();
    let plan = HankelTablePlan::new(&grid, 20.0, 1e-6).unwrap();
    let single = plan.execute(&profile).unwrap();
    let double = plan.execute(&widened).unwrap();
    assert_eq!(double.to_precision::<f32>(), single);
}

#[test]
fn bad_input_is_named() {
    let message = |error: Error| error.to_string();
    let error = ProfileGrid::from_radii(&[0.0, 1.0, 1.0]).unwrap_err();
    assert!(message(error).starts_with("radius[2] is 1; radii must be"));
    assert!(ProfileGrid::from_radii(&[]).is_err());
    assert!(ProfileGrid::from_radii(&[0.0]).is_err());
    assert!(ProfileGrid::uniform(0.0, -1.0, 5).is_err());
    assert!(ProfileGrid::uniform(f64::NAN, 1.0, 5).is_err());
    assert!(ProfileGrid::from_segments(&[1.0]).is_err());
    let grid = ProfileGrid::uniform(0.0, 1.0, 5).unwrap();
    let error = HankelTablePlan::new(&grid, 1.0, 1e-15).unwrap_err();
    assert!(message(error).contains("rel_error = 1e-15"));
    assert!(HankelTablePlan::new(&grid, 0.0, 1e-10).is_err());
    let error = HankelTablePlan::new(&grid, 1e6, 1e-10).unwrap_err();
    assert!(message(error).contains("4000000 cycles"));
    let plan = HankelTablePlan::new(&grid, 1.0, 1e-10).unwrap();
    let error = plan.execute(&[1.0; 4]).unwrap_err();
    assert!(message(error).contains("profile has 4 elements, but this plan needs 5"));
    let error = plan.execute(&[1.0, 1.0, f64::NAN, 1.0, 1.0]).unwrap_err();
    assert!(message(error).starts_with("profile[2] is NaN"));
    let table = plan.execute(&[1.0; 5]).unwrap();
    assert_eq!(table.evaluate(100.0), None);
    assert_eq!(table.evaluate(f64::NAN), None);
    fn shared<T: Send + Sync>() {}
    shared::<HankelPlan>();
    shared::<HankelTablePlan>();
}
