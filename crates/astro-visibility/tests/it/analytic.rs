//! Closed-form visibilities against sums over the sky, Hankel transforms,
//! limits and finite differences.

use astro_fft::{HankelPlan, ProfileGrid};
use astro_visibility::{AnalyticSource, SourceShape, UvCoverage, add_sources};
use num_complex::{Complex32, Complex64};
use std::f64::consts::{LN_2, PI, TAU};

const SIZE: f64 = 1e-6;

fn shapes() -> [SourceShape; 5] {
    [
        SourceShape::Point,
        SourceShape::Gaussian { sigma_rad: SIZE },
        SourceShape::Disc { radius_rad: SIZE },
        SourceShape::Ring { radius_rad: SIZE },
        SourceShape::Annulus {
            inner_radius_rad: 0.6 * SIZE,
            outer_radius_rad: SIZE,
        },
    ]
}

fn source(shape: SourceShape) -> AnalyticSource {
    AnalyticSource::new(shape, 1.7)
        .elliptical(0.4, 0.7)
        .at(0.3 * SIZE, -2.1 * SIZE)
}

const POINTS: [(f64, f64); 6] = [
    (0.0, 0.0),
    (1e3, -3e2),
    (2e5, 1e5),
    (-3e5, 4e5),
    (5e5, -1e6),
    (0.0, 2e6),
];

/// An ellipse drawn on the sky: major axis at PA East of North, so that its
/// points are l = q x cos PA + y sin PA, m = −q x sin PA + y cos PA, and
/// visibilities are sums of exp(+2πi(ul + vm)).
fn sum_over_sky(source: &AnalyticSource, radial: &[(f64, f64)], u: f64, v: f64) -> Complex64 {
    let (sin, cos) = source.position_angle_rad.sin_cos();
    let angles = 256;
    let mut sum = Complex64::ZERO;
    for &(radius, weight) in radial {
        for k in 0..angles {
            let (y, x) = (TAU * f64::from(k) / f64::from(angles)).sin_cos();
            let (x, y) = (source.axis_ratio * radius * x, radius * y);
            let l = x * cos + y * sin + source.ra_offset_rad;
            let m = -x * sin + y * cos + source.dec_offset_rad;
            sum += Complex64::cis(TAU * (u * l + v * m)) * (weight / f64::from(angles));
        }
    }
    sum * source.flux_jy
}

/// Radii and weights that integrate r·I(r) dr by the midpoint rule.
fn radial_weights(shape: SourceShape) -> Vec<(f64, f64)> {
    let (inner, outer) = match shape {
        SourceShape::Point => return vec![(0.0, 1.0)],
        SourceShape::Ring { radius_rad } => return vec![(radius_rad, 1.0)],
        SourceShape::Gaussian { sigma_rad } => (0.0, 7.0 * sigma_rad),
        SourceShape::Disc { radius_rad } => (0.0, radius_rad),
        SourceShape::Annulus {
            inner_radius_rad,
            outer_radius_rad,
        } => (inner_radius_rad, outer_radius_rad),
        _ => unreachable!("every shape has its weights"),
    };
    let count = 4000;
    let step = (outer - inner) / f64::from(count);
    let weights: Vec<(f64, f64)> = (0..count)
        .map(|k| inner + (f64::from(k) + 0.5) * step)
        .map(|r| match shape {
            SourceShape::Gaussian { sigma_rad } => (r, r * (-0.5 * (r / sigma_rad).powi(2)).exp()),
            _ => (r, r),
        })
        .collect();
    let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
    weights
        .iter()
        .map(|&(r, weight)| (r, weight / total))
        .collect()
}

#[test]
fn closed_forms_equal_sums_over_the_sky() {
    for shape in shapes() {
        let source = source(shape);
        let radial = radial_weights(shape);
        for (u, v) in POINTS {
            let truth = sum_over_sky(&source, &radial, u, v);
            let found = source.visibility(u, v);
            // The midpoint rule of 4000 steps errs by (2πρR/4000)²/24 at most.
            assert!(
                (found - truth).norm() < 2e-6,
                "{shape:?} {u} {v}: {found} {truth}"
            );
        }
    }
}

#[test]
fn sharp_shapes_equal_the_hankel_transform() {
    let frequencies: Vec<f64> = (0..100).map(|k| 3e4 * f64::from(k)).collect();
    let (disc, annulus) = (shapes()[2], shapes()[4]);
    for (shape, inner) in [(disc, 0.0), (annulus, 0.6 * SIZE)] {
        let grid = ProfileGrid::from_segments(&[inner, SIZE]).unwrap();
        let plan = HankelPlan::new(&grid, &frequencies).unwrap();
        let brightness = 1.0 / (PI * (SIZE * SIZE - inner * inner));
        let transform = plan.execute(&[brightness, brightness]).unwrap();
        for (&rho, truth) in frequencies.iter().zip(transform) {
            assert!(
                (shape.visibility(rho) - truth).abs() < 1e-14,
                "{shape:?} {rho}"
            );
        }
    }
}

#[test]
fn known_limits() {
    let rho = 3.3e5;
    let disc = SourceShape::Disc { radius_rad: SIZE };
    let ring = SourceShape::Ring { radius_rad: SIZE };
    let annulus = |inner: f64| SourceShape::Annulus {
        inner_radius_rad: inner * SIZE,
        outer_radius_rad: SIZE,
    };
    assert!((annulus(0.0).visibility(rho) - disc.visibility(rho)).abs() < 1e-16);
    // An annulus of width w is a ring at its middle up to O(w²) + O(w).
    let thin = annulus(1.0 - 1e-6).visibility(rho);
    assert!((thin - ring.visibility(rho)).abs() < 3e-6);
    // First null of a uniform disc at ρ · diameter = 1.219670.
    let null = 1.219_669_891_266_504 / (2.0 * SIZE);
    assert!(disc.visibility(null).abs() < 1e-15);
    // A Gaussian falls to a half at ρ · FWHM = 2 ln 2/π.
    let half = SourceShape::gaussian_from_fwhm(SIZE).visibility(2.0 * LN_2 / (PI * SIZE));
    assert!((half - 0.5).abs() < 1e-15);
    for shape in shapes() {
        assert!((shape.visibility(0.0) - 1.0).abs() < 1e-15);
    }
}

#[test]
fn derivatives_equal_finite_differences() {
    // Four-point central differences: the error is O(h⁴) of the curvature
    // scale, and rounding is amplified by 1/h.
    let difference = |f: &dyn Fn(f64) -> Complex64, at: f64, scale: f64| {
        let h = 1e-3 * scale;
        ((f(at + h) - f(at - h)) * 8.0 - (f(at + 2.0 * h) - f(at - 2.0 * h))) / (12.0 * h)
    };
    let check = |name: &str, exact: Complex64, estimate: Complex64, scale: f64| {
        let error = (exact - estimate).norm() * scale;
        assert!(error < 1e-8, "{name}: {exact} {estimate}");
    };
    for shape in shapes() {
        for (u, v) in POINTS.into_iter().take(5) {
            let s = source(shape);
            let d = s.derivatives(u, v);
            assert!((d.visibility - s.visibility(u, v)).norm() < 1e-15);
            let at = |change: &dyn Fn(&mut AnalyticSource, f64), value: f64| {
                let mut changed = s;
                change(&mut changed, value);
                changed.visibility(u, v)
            };
            let flux = |x: f64| at(&|s, x| s.flux_jy = x, x);
            check("flux", d.flux_jy, difference(&flux, s.flux_jy, 1.0), 1.0);
            let ratio = |x: f64| at(&|s, x| s.axis_ratio = x, x);
            check(
                "axis ratio",
                d.axis_ratio,
                difference(&ratio, s.axis_ratio, 1.0),
                1.0,
            );
            let angle = |x: f64| at(&|s, x| s.position_angle_rad = x, x);
            let estimate = difference(&angle, s.position_angle_rad, 1.0);
            check("position angle", d.position_angle_rad, estimate, 1.0);
            let ra = |x: f64| at(&|s, x| s.ra_offset_rad = x, x);
            check(
                "ra",
                d.ra_offset_rad,
                difference(&ra, s.ra_offset_rad, SIZE),
                SIZE,
            );
            let dec = |x: f64| at(&|s, x| s.dec_offset_rad = x, x);
            check(
                "dec",
                d.dec_offset_rad,
                difference(&dec, s.dec_offset_rad, SIZE),
                SIZE,
            );
            for (k, &exact) in d.sizes_rad.iter().enumerate() {
                let size = |x: f64| {
                    let shape = resized(shape, k, x);
                    AnalyticSource { shape, ..s }.visibility(u, v)
                };
                let estimate = difference(&size, size_of(shape, k), SIZE);
                check("size", exact, estimate, SIZE);
            }
        }
    }
}

fn size_of(shape: SourceShape, index: usize) -> f64 {
    match (shape, index) {
        (
            SourceShape::Annulus {
                inner_radius_rad, ..
            },
            0,
        ) => inner_radius_rad,
        _ => SIZE,
    }
}

fn resized(shape: SourceShape, index: usize, value: f64) -> SourceShape {
    match (shape, index) {
        (SourceShape::Gaussian { .. }, 0) => SourceShape::Gaussian { sigma_rad: value },
        (SourceShape::Disc { .. }, 0) => SourceShape::Disc { radius_rad: value },
        (SourceShape::Ring { .. }, 0) => SourceShape::Ring { radius_rad: value },
        (
            SourceShape::Annulus {
                outer_radius_rad, ..
            },
            0,
        ) => SourceShape::Annulus {
            inner_radius_rad: value,
            outer_radius_rad,
        },
        (
            SourceShape::Annulus {
                inner_radius_rad, ..
            },
            _,
        ) => SourceShape::Annulus {
            inner_radius_rad,
            outer_radius_rad: value,
        },
        (unchanged, _) => unchanged,
    }
}

#[test]
fn adders_add_in_both_precisions() {
    let sources: Vec<AnalyticSource> = shapes().map(source).to_vec();
    // Enough points for several tasks.
    let u: Vec<f64> = (0..10_000).map(|k| 50.0 * f64::from(k)).collect();
    let v: Vec<f64> = u.iter().map(|u| 1e5 - 0.7 * u).collect();
    let coverage = UvCoverage::new(u.clone(), v.clone()).unwrap();
    let start = Complex64::new(3.0, -1.0);
    let mut double = vec![start; u.len()];
    add_sources(&sources, &coverage, &mut double).unwrap();
    let mut single = vec![Complex32::new(3.0, -1.0); u.len()];
    let mut one_by_one = vec![start; u.len()];
    for source in &sources {
        source.add_to(&coverage, &mut single).unwrap();
        source.add_to(&coverage, &mut one_by_one).unwrap();
    }
    for k in 0..u.len() {
        let sum: Complex64 = sources.iter().map(|s| s.visibility(u[k], v[k])).sum();
        assert!((double[k] - start - sum).norm() < 1e-14);
        assert!((one_by_one[k] - start - sum).norm() < 1e-14);
        let single = Complex64::new(f64::from(single[k].re), f64::from(single[k].im));
        // Five additions to numbers up to 11.
        assert!((single - start - sum).norm() < 5.0 * 11.0 * f64::from(f32::EPSILON));
    }
}

#[test]
fn bad_sources_are_refused() {
    let coverage = UvCoverage::new(vec![1.0], vec![1.0]).unwrap();
    let mut out = [Complex64::ZERO];
    let disc = AnalyticSource::new(SourceShape::Disc { radius_rad: SIZE }, 1.0);
    let mut refused = |source: AnalyticSource| source.add_to(&coverage, &mut out).is_err();
    assert!(!refused(disc));
    assert!(refused(disc.elliptical(1.1, 0.0)));
    assert!(refused(disc.elliptical(-0.1, 0.0)));
    assert!(refused(disc.at(f64::NAN, 0.0)));
    assert!(refused(AnalyticSource {
        flux_jy: f64::INFINITY,
        ..disc
    }));
    assert!(refused(AnalyticSource::new(
        SourceShape::Ring { radius_rad: 0.0 },
        1.0
    )));
    assert!(refused(AnalyticSource::new(
        SourceShape::Annulus {
            inner_radius_rad: SIZE,
            outer_radius_rad: SIZE
        },
        1.0
    )));
    assert!(disc.add_to(&coverage, &mut [Complex64::ZERO; 2]).is_err());
}
