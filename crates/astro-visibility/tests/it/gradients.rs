//! Gradients against central finite differences of χ² itself.

use astro_visibility::{
    ImageGrid, ImageMethod, Orientation, Origin, Placement, PrimaryBeam, ProfileMethod,
    VisibilityPlan,
};

use crate::scene;

const PLACEMENT: Placement = Placement {
    position_angle_rad: 0.7,
    ra_offset_rad: 2.1e-7,
    dec_offset_rad: -1.4e-7,
};

/// Relative to the largest slope compared: χ² is smooth, the step balances its third derivative
/// against rounding, which leaves about 1e-7.
const TOLERANCE: f64 = 3e-7;

fn assert_slope(name: &str, got: f64, plus: f64, minus: f64, step: f64, scale: f64) {
    let truth = (plus - minus) / (2.0 * step);
    assert!(
        (got - truth).abs() <= TOLERANCE * scale.max(truth.abs()),
        "{name}: {got} {truth}"
    );
}

#[test]
fn image_gradient_is_the_finite_difference() {
    let square = ImageGrid::square(24, 1e-7);
    for grid in [
        square,
        ImageGrid {
            rows: 21,
            columns: 26,
            ..square
        }
        .with_origin(Origin::Lower),
    ] {
        let coverage = scene::coverage(&grid, 400, 0.6);
        let mut table = scene::table(&coverage);
        table.weight[3] = 0.0;
        let image = scene::image(&grid);
        for method in [ImageMethod::Direct, ImageMethod::Exact { rel_error: 1e-12 }] {
            let plan = VisibilityPlan::<f64>::builder(&table, grid)
                .image_method(method)
                .build()
                .unwrap();
            let gradient = plan.chi2_image_gradient(image.view(), &PLACEMENT).unwrap();
            let chi2 = plan.chi2_image(image.view(), &PLACEMENT).unwrap();
            assert!((gradient.chi2 / chi2 - 1.0).abs() < 1e-12);
            let scale = gradient.image.iter().fold(0.0f64, |m, g| m.max(g.abs()));
            for pixel in [[0, 0], [5, 17], [12, 12], [20, 3]] {
                // χ² is quadratic in a pixel: any step gives the slope.
                let at = |x: f64| {
                    let mut image = image.clone();
                    image[pixel] += x;
                    plan.chi2_image(image.view(), &PLACEMENT).unwrap()
                };
                assert_slope(
                    "pixel",
                    gradient.image[pixel],
                    at(0.1),
                    at(-0.1),
                    0.1,
                    scale,
                );
            }
            let at = |placement: Placement| plan.chi2_image(image.view(), &placement).unwrap();
            let g = gradient.placement;
            let h = 1e-5;
            let p = |x| Placement {
                position_angle_rad: 0.7 + x,
                ..PLACEMENT
            };
            assert_slope("PA", g.position_angle, at(p(h)), at(p(-h)), h, 0.0);
            let h = 1e-12;
            let p = |x| Placement {
                ra_offset_rad: 2.1e-7 + x,
                ..PLACEMENT
            };
            assert_slope("dRA", g.ra_offset, at(p(h)), at(p(-h)), h, 0.0);
            let p = |x| Placement {
                dec_offset_rad: -1.4e-7 + x,
                ..PLACEMENT
            };
            assert_slope("dDec", g.dec_offset, at(p(h)), at(p(-h)), h, 0.0);
        }
    }
}

#[test]
fn profile_gradient_is_the_finite_difference() {
    let grid = ImageGrid::square(64, 1e-7);
    let coverage = scene::coverage(&grid, 500, 0.3);
    let table = scene::table(&coverage);
    let (radii, profile) = scene::ring_profile(&grid);
    let orientation = Orientation {
        inclination_rad: 0.9,
        position_angle_rad: 0.4,
        ra_offset_rad: 2.1e-7,
        dec_offset_rad: -1.4e-7,
    };
    for method in [
        ProfileMethod::Hankel { rel_error: 1e-12 },
        ProfileMethod::Image(ImageMethod::Exact { rel_error: 1e-12 }),
    ] {
        let plan = VisibilityPlan::<f64>::builder(&table, grid)
            .profile_method(method)
            .radii(radii)
            .build()
            .unwrap();
        let gradient = plan.chi2_profile_gradient(&profile, &orientation).unwrap();
        let scale = gradient.profile.iter().fold(0.0f64, |m, g| m.max(g.abs()));
        for k in [0, 1, 100, 700, 1500] {
            let step = 1e12;
            let at = |x: f64| {
                let mut profile = profile.clone();
                profile[k] += x;
                plan.chi2_profile(&profile, &orientation).unwrap()
            };
            assert_slope(
                "profile",
                gradient.profile[k],
                at(step),
                at(-step),
                step,
                scale,
            );
        }
        let at = |o: Orientation| plan.chi2_profile(&profile, &o).unwrap();
        let g = gradient.orientation;
        let h = 1e-5;
        let o = |x| Orientation {
            position_angle_rad: 0.4 + x,
            ..orientation
        };
        assert_slope("PA", g.position_angle, at(o(h)), at(o(-h)), h, 0.0);
        if matches!(method, ProfileMethod::Hankel { .. }) {
            let o = |x| Orientation {
                inclination_rad: 0.9 + x,
                ..orientation
            };
            assert_slope("inclination", g.inclination, at(o(h)), at(o(-h)), h, 0.0);
        } else {
            // The drawn image is continuous but has kinks where a pixel passes a radius; few do
            // within this step, and each changes the slope by little.
            let h = 1e-8;
            let o = |x| Orientation {
                inclination_rad: 0.9 + x,
                ..orientation
            };
            let truth = (at(o(h)) - at(o(-h))) / (2.0 * h);
            assert!(
                (g.inclination / truth - 1.0).abs() < 1e-4,
                "{} {truth}",
                g.inclination
            );
        }
        let h = 1e-12;
        let o = |x| Orientation {
            ra_offset_rad: 2.1e-7 + x,
            ..orientation
        };
        assert_slope("dRA", g.ra_offset, at(o(h)), at(o(-h)), h, 0.0);
        let o = |x| Orientation {
            dec_offset_rad: -1.4e-7 + x,
            ..orientation
        };
        assert_slope("dDec", g.dec_offset, at(o(h)), at(o(-h)), h, 0.0);
    }
}

/// Under a beam the rotation and the shift also move the source through the beam.
#[test]
fn gradients_under_a_primary_beam_are_the_finite_difference() {
    let grid = ImageGrid::square(24, 1e-7);
    let table = scene::table(&scene::coverage(&grid, 400, 0.6));
    let image = scene::image(&grid);
    let (radii, profile) = scene::ring_profile(&grid);
    let plan = VisibilityPlan::<f64>::builder(&table, grid)
        .image_method(ImageMethod::Exact { rel_error: 1e-12 })
        .radii(radii)
        .primary_beam(PrimaryBeam::gaussian(1.5e-6).unwrap())
        .build()
        .unwrap();
    assert!(matches!(plan.profile_method(), ProfileMethod::Image(_)));
    let placement = Placement {
        ra_offset_rad: 4e-7,
        dec_offset_rad: -6e-7,
        ..PLACEMENT
    };
    let gradient = plan.chi2_image_gradient(image.view(), &placement).unwrap();
    let at = |p: Placement| plan.chi2_image(image.view(), &p).unwrap();
    let g = gradient.placement;
    let h = 1e-5;
    let p = |x| Placement {
        position_angle_rad: 0.7 + x,
        ..placement
    };
    assert_slope("PA", g.position_angle, at(p(h)), at(p(-h)), h, 0.0);
    let h = 1e-12;
    let p = |x| Placement {
        ra_offset_rad: 4e-7 + x,
        ..placement
    };
    assert_slope("dRA", g.ra_offset, at(p(h)), at(p(-h)), h, 0.0);
    let p = |x| Placement {
        dec_offset_rad: -6e-7 + x,
        ..placement
    };
    assert_slope("dDec", g.dec_offset, at(p(h)), at(p(-h)), h, 0.0);
    let scale = gradient.image.iter().fold(0.0f64, |m, g| m.max(g.abs()));
    for pixel in [[0, 0], [5, 17], [12, 12]] {
        let at = |x: f64| {
            let mut image = image.clone();
            image[pixel] += x;
            plan.chi2_image(image.view(), &placement).unwrap()
        };
        assert_slope(
            "pixel",
            gradient.image[pixel],
            at(0.1),
            at(-0.1),
            0.1,
            scale,
        );
    }

    let orientation = Orientation {
        inclination_rad: 0.4,
        position_angle_rad: 0.7,
        ra_offset_rad: 4e-7,
        dec_offset_rad: -6e-7,
    };
    let gradient = plan.chi2_profile_gradient(&profile, &orientation).unwrap();
    let scale = gradient.profile.iter().fold(0.0f64, |m, g| m.max(g.abs()));
    for k in [0, 200, 900] {
        let at = |x: f64| {
            let mut profile = profile.clone();
            profile[k] += x;
            plan.chi2_profile(&profile, &orientation).unwrap()
        };
        assert_slope(
            "profile",
            gradient.profile[k],
            at(1e12),
            at(-1e12),
            1e12,
            scale,
        );
    }
    let h = 1e-5;
    let at = |x: f64| {
        let turned = Orientation {
            position_angle_rad: 0.7 + x,
            ..orientation
        };
        plan.chi2_profile(&profile, &turned).unwrap()
    };
    assert_slope(
        "PA",
        gradient.orientation.position_angle,
        at(h),
        at(-h),
        h,
        0.0,
    );
}
