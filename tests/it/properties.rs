//! What must hold for any image, profile, geometry and set of baselines.

use astro_core::UvTable;
use astro_fft::RealFft2;
use astro_visibility::{
    ImageGrid, ImageMethod, Orientation, Origin, Placement, ProfileMethod, RadialGrid, UvCoverage,
    VisibilityPlan, sample_image, sample_profile, sweep,
};
use ndarray::Array2;
use num_complex::Complex64;
use proptest::prelude::*;

const EXACT: ImageMethod = ImageMethod::Exact { rel_error: 1e-12 };
/// Of total flux: two results of [`EXACT`] may each be off by its error.
const EXACT_PAIR: f64 = 2e-12;

/// A grid with sides of any parity, unequal pixels, and an image on it.
fn images() -> impl Strategy<Value = (ImageGrid, Array2<f64>)> {
    (3usize..24, 3usize..24, 0.5f64..2.0, any::<bool>()).prop_flat_map(
        |(rows, columns, shape, upper)| {
            let grid = ImageGrid {
                rows,
                columns,
                pixel_height_rad: 1e-7,
                pixel_width_rad: 1e-7 * shape,
                origin: if upper { Origin::Upper } else { Origin::Lower },
            };
            prop::collection::vec(-1.0f64..1.0, rows * columns).prop_map(move |pixels| {
                let image = Array2::from_shape_vec((rows, columns), pixels);
                (grid, image.expect("as many pixels as the shape has"))
            })
        },
    )
}

/// Baselines within 0.35 of Nyquist of the coarser pixel, so that any rotation keeps them inside.
fn coverages() -> impl Strategy<Value = UvCoverage> {
    prop::collection::vec((-1.0f64..1.0, -1.0f64..1.0), 1..30).prop_map(|points| {
        let longest = 0.35 * 0.5 / 2e-7;
        let (u, v) = points
            .into_iter()
            .map(|(u, v)| (longest * u * 0.7, longest * v * 0.7))
            .unzip();
        UvCoverage::new(u, v).expect("the points are finite")
    })
}

fn placements() -> impl Strategy<Value = Placement> {
    (-4.0f64..4.0, -3e-6f64..3e-6, -3e-6f64..3e-6).prop_map(
        |(position_angle_rad, ra_offset_rad, dec_offset_rad)| Placement {
            position_angle_rad,
            ra_offset_rad,
            dec_offset_rad,
        },
    )
}

fn flux(image: &Array2<f64>) -> f64 {
    image.iter().map(|x| x.abs()).sum()
}

fn distance(a: &[Complex64], b: &[Complex64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).norm())
        .fold(0.0, f64::max)
}

fn exact(
    image: &Array2<f64>,
    grid: &ImageGrid,
    coverage: &UvCoverage,
    placement: &Placement,
) -> Vec<Complex64> {
    sample_image(image.view(), grid, coverage, placement, EXACT).expect("valid input")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Σ|I|² = Σ|V|²/N over the grid of the discrete transform.
    #[test]
    fn parseval((grid, image) in images()) {
        let spectrum = RealFft2::<f64>::new(grid.rows, grid.columns).unwrap()
            .forward(image.view()).unwrap();
        let last = grid.columns / 2;
        let power: f64 = spectrum.indexed_iter().map(|((_, j), z)| {
            // Columns that stand for two, but for the first and the middle one.
            let once = j == 0 || (j == last && grid.columns % 2 == 0);
            z.norm_sqr() * if once { 1.0 } else { 2.0 }
        }).sum();
        let direct: f64 = image.iter().map(|x| x * x).sum();
        prop_assert!((power / image.len() as f64 - direct).abs() <= 1e-12 * direct);
    }

    /// The visibilities at the nodes of the FFT's grid are the FFT, up to its choice of origin.
    #[test]
    fn exact_sampling_at_grid_nodes_is_the_fft((grid, image) in images()) {
        let (cell_u, cell_v) = grid.uv_cell();
        let spectrum = RealFft2::<f64>::new(grid.rows, grid.columns).unwrap()
            .forward(image.view()).unwrap();
        let sign = if grid.origin == Origin::Upper { 1.0 } else { -1.0 };
        let (rows, columns) = ((grid.rows / 2) as f64, (grid.columns / 2) as f64);
        let nodes: Vec<(usize, usize)> = (0..grid.rows / 2).flat_map(|a| (0..grid.columns / 2).map(move |b| (a, b))).collect();
        let coverage = UvCoverage::new(
            nodes.iter().map(|&(_, b)| b as f64 * cell_u).collect(),
            nodes.iter().map(|&(a, _)| sign * a as f64 * cell_v).collect(),
        ).unwrap();
        let found = exact(&image, &grid, &coverage, &Placement::default());
        let expected: Vec<_> = nodes.iter().map(|&(a, b)| {
            let turns = a as f64 * rows / grid.rows as f64 + b as f64 * columns / grid.columns as f64;
            spectrum[[a, b]] * Complex64::from_polar(1.0, std::f64::consts::TAU * turns)
        }).collect();
        prop_assert!(distance(&found, &expected) <= EXACT_PAIR * flux(&image));
    }

    /// V of a sum is the sum of the V.
    #[test]
    fn linearity((grid, image) in images(), coverage in coverages(), placement in placements(), factor in -2.0f64..2.0) {
        let other = image.mapv(|x| (5.0 * x).sin());
        let sum = &image + &(factor * &other);
        let (a, b) = (exact(&image, &grid, &coverage, &placement), exact(&other, &grid, &coverage, &placement));
        let expected: Vec<_> = a.iter().zip(&b).map(|(a, b)| a + factor * b).collect();
        let scale = flux(&image) + factor.abs() * flux(&other);
        prop_assert!(distance(&exact(&sum, &grid, &coverage, &placement), &expected) <= EXACT_PAIR * scale);
    }

    /// V(−u, −v) = V*(u, v): the image is real.
    #[test]
    fn conjugate_symmetry((grid, image) in images(), coverage in coverages(), placement in placements()) {
        let mirrored = UvCoverage::new(
            coverage.u.iter().map(|u| -u).collect(),
            coverage.v.iter().map(|v| -v).collect(),
        ).unwrap();
        for method in [EXACT, ImageMethod::Direct, ImageMethod::Bilinear, ImageMethod::Galario] {
            let sample = |coverage| sample_image(image.view(), &grid, coverage, &placement, method).unwrap();
            let expected: Vec<_> = sample(&coverage).iter().map(Complex64::conj).collect();
            prop_assert!(distance(&sample(&mirrored), &expected) <= EXACT_PAIR * flux(&image));
        }
    }

    /// An image moved by whole pixels equals an offset by as much.
    #[test]
    fn shift_theorem((grid, image) in images(), coverage in coverages(), down in 0usize..3, right in 0usize..3) {
        // Pixels that would leave the image are cleared first.
        let (rows, columns) = image.dim();
        let kept = Array2::from_shape_fn((rows, columns), |(i, j)| {
            if i + down < rows && j + right < columns { image[[i, j]] } else { 0.0 }
        });
        let moved = Array2::from_shape_fn((rows, columns), |(i, j)| {
            if i >= down && j >= right { image[[i - down, j - right]] } else { 0.0 }
        });
        let south = if grid.origin == Origin::Upper { 1.0 } else { -1.0 };
        let offset = Placement {
            ra_offset_rad: -(right as f64) * grid.pixel_width_rad,
            dec_offset_rad: -south * down as f64 * grid.pixel_height_rad,
            ..Placement::default()
        };
        let found = exact(&moved, &grid, &coverage, &Placement::default());
        prop_assert!(distance(&found, &exact(&kept, &grid, &coverage, &offset)) <= EXACT_PAIR * flux(&image));
    }

    /// Turning by PA and moving equals turning the baselines, then the offset's phase with the unturned ones.
    #[test]
    fn position_angle_and_offset_compose((grid, image) in images(), coverage in coverages(), placement in placements()) {
        let (sin, cos) = placement.position_angle_rad.sin_cos();
        let pairs = || coverage.u.iter().zip(&coverage.v);
        let turned = UvCoverage::new(
            pairs().map(|(u, v)| u * cos - v * sin).collect(),
            pairs().map(|(u, v)| u * sin + v * cos).collect(),
        ).unwrap();
        let expected: Vec<_> = exact(&image, &grid, &turned, &Placement::default()).iter().zip(pairs())
            .map(|(z, (u, v))| {
                let turns = u * placement.ra_offset_rad + v * placement.dec_offset_rad;
                z * Complex64::from_polar(1.0, std::f64::consts::TAU * turns)
            }).collect();
        prop_assert!(distance(&exact(&image, &grid, &coverage, &placement), &expected) <= EXACT_PAIR * flux(&image));
    }

    /// Points in another order give the same values in that order, and the same χ² to rounding.
    #[test]
    fn order_of_points_does_not_matter((grid, image) in images(), coverage in coverages(), placement in placements()) {
        let reversed = UvCoverage::new(
            coverage.u.iter().rev().copied().collect(),
            coverage.v.iter().rev().copied().collect(),
        ).unwrap();
        for method in [EXACT, ImageMethod::Galario] {
            let sample = |coverage| sample_image(image.view(), &grid, coverage, &placement, method).unwrap();
            let mut found = sample(&reversed);
            found.reverse();
            prop_assert!(distance(&found, &sample(&coverage)) <= 1e-14 * flux(&image));
        }
    }
}

/// A profile, its data, and a plan for it.
fn ring() -> (RadialGrid, Vec<f64>, UvTable, ImageGrid) {
    let grid = ImageGrid::square(128, 5e-8);
    let radii = RadialGrid::new(1e-9, 4e-9, 500).unwrap();
    let profile: Vec<f64> = radii
        .radii_rad()
        .iter()
        .map(|r| 1e13 * (-((r - 8e-7) / 2.5e-7).powi(2)).exp())
        .collect();
    // A spiral: every length up to 0.4 of Nyquist, in every direction.
    let points = 3000;
    let (mut u, mut v) = (Vec::new(), Vec::new());
    for k in 0..points {
        let length = 0.4 * grid.nyquist().0 * (k as f64 + 0.5) / points as f64;
        let (sin, cos) = (2.399_963 * k as f64).sin_cos();
        u.push(length * cos);
        v.push(length * sin);
    }
    let value = u
        .iter()
        .map(|u| Complex64::from_polar(1.0, 1e-5 * u))
        .collect();
    let weight = (0..points).map(|k| 1.0 + (k % 7) as f64).collect();
    (
        radii,
        profile,
        UvTable::new(u, v, value, weight).unwrap(),
        grid,
    )
}

const TILTED: Orientation = Orientation {
    inclination_rad: 0.7,
    position_angle_rad: 1.1,
    ra_offset_rad: 3e-7,
    dec_offset_rad: -2e-7,
};

#[test]
fn a_source_to_the_east_turns_the_phase_forward() {
    // One pixel left of the centre, which is East; u > 0.
    let grid = ImageGrid::square(16, 1e-7);
    let mut image = Array2::zeros((16, 16));
    image[[8, 7]] = 1.0;
    let coverage = UvCoverage::new(vec![1e6], vec![0.0]).unwrap();
    let expected = std::f64::consts::TAU * 1e6 * 1e-7;
    for method in [EXACT, ImageMethod::Direct, ImageMethod::Galario] {
        let placement = Placement::default();
        let z = sample_image(image.view(), &grid, &coverage, &placement, method).unwrap()[0];
        // The grid methods interpolate the phase: right in sign, roughly right in size.
        let allowed = if matches!(method, ImageMethod::Galario) {
            0.1
        } else {
            1e-11
        };
        assert!((z.arg() - expected).abs() < allowed, "{method:?}: {z}");
    }
    // The same by an offset: ΔRA is positive to the East.
    image[[8, 7]] = 0.0;
    image[[8, 8]] = 1.0;
    let east = Placement {
        ra_offset_rad: 1e-7,
        ..Placement::default()
    };
    let z = exact(&image, &grid, &coverage, &east)[0];
    assert!((z.arg() - expected).abs() < 1e-11, "{z}");
}

#[test]
fn the_position_angle_turns_from_north_to_east() {
    // A source to the North, turned by 90°, lies to the East.
    let grid = ImageGrid::square(16, 1e-7);
    let mut image = Array2::zeros((16, 16));
    image[[7, 8]] = 1.0;
    let coverage = UvCoverage::new(vec![1e6, 0.0], vec![0.0, 1e6]).unwrap();
    let turned = Placement {
        position_angle_rad: std::f64::consts::FRAC_PI_2,
        ..Placement::default()
    };
    let z = exact(&image, &grid, &coverage, &turned);
    let expected = std::f64::consts::TAU * 1e6 * 1e-7;
    assert!(
        (z[0].arg() - expected).abs() < 1e-11 && z[1].arg().abs() < 1e-11,
        "{z:?}"
    );
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let (radii, profile, table, grid) = ring();
    let image = sweep(&profile, &radii, &grid, TILTED.inclination_rad).unwrap();
    let results = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let mut chi2 = Vec::new();
            for method in [EXACT, ImageMethod::Bilinear, ImageMethod::Galario] {
                let plan = VisibilityPlan::<f64>::builder(&table, grid)
                    .image_method(method)
                    .radii(radii)
                    .build()
                    .unwrap();
                chi2.push(plan.chi2_image(image.view(), &TILTED.placement()).unwrap());
                chi2.push(plan.chi2_profile(&profile, &TILTED).unwrap());
                let batch = [
                    (profile.clone(), TILTED),
                    (profile.clone(), Orientation::default()),
                ];
                chi2.extend(plan.chi2_profiles(&batch).unwrap());
            }
            chi2.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        })
    };
    let one = results(1);
    assert_eq!(one, results(2));
    assert_eq!(one, results(5));
}

#[test]
fn profile_and_image_paths_agree() {
    let (radii, profile, table, grid) = ring();
    let coverage = UvCoverage::from(&table);
    let sample =
        |method| sample_profile(&profile, &radii, &grid, &coverage, &TILTED, method).unwrap();
    let hankel = sample(ProfileMethod::Hankel { rel_error: 1e-10 });
    let image = sample(ProfileMethod::Image(EXACT));
    let total = sweep(&profile, &radii, &grid, TILTED.inclination_rad)
        .unwrap()
        .sum();
    // Both see the same piecewise-linear profile, but pixels sample its kinks as they happen to lie:
    // at most what linear interpolation is off by, (ΔR / width)²/8 with the ring's 2.5e-7 / √2.
    let allowed = (radii.step_rad / 1.77e-7).powi(2) / 8.0;
    let error = distance(&hankel, &image) / total;
    assert!(error < allowed, "{error:e} {allowed:e}");
}

#[test]
fn a_flagged_point_does_not_count() {
    let (radii, profile, mut table, grid) = ring();
    let chi2 = |table: &UvTable| {
        let plan = VisibilityPlan::<f64>::builder(table, grid)
            .radii(radii)
            .build()
            .unwrap();
        plan.chi2_profile(&profile, &TILTED).unwrap()
    };
    let without = chi2(&table.filtered(|row| row != 1234));
    table.weight[1234] = 0.0;
    table.value[1234] = Complex64::new(f64::NAN, 1e30);
    // The points are cut in other blocks, so the sums round differently.
    assert!((chi2(&table) / without - 1.0).abs() < 1e-13);
}
