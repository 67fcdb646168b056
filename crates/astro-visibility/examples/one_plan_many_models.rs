//! One plan, many models: χ² of a disc by two methods, in batches, and with its derivatives.

#![expect(clippy::print_stdout, reason = "an example shows what it finds")]

use astro_core::constants::ARCSEC_RAD;
use astro_visibility::{
    ImageMethod, ImageSizeOptions, Orientation, ProfileMethod, RadialGrid, UvCoverage,
    VisibilityPlan, image_size, simulate,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A ring at 0.4″, inclined by 45°, seen by 20 000 baselines with 1 mJy of noise each.
    let radii = RadialGrid::new(0.0, 0.002 * ARCSEC_RAD, 500)?;
    let ring = |radius_arcsec: f64| -> Vec<f64> {
        let brightness = |r: &f64| {
            let z = (r / ARCSEC_RAD - radius_arcsec) / 0.08;
            2e10 * (-0.5 * z * z).exp()
        };
        radii.radii_rad().iter().map(brightness).collect()
    };
    let truth = Orientation {
        inclination_rad: 45f64.to_radians(),
        position_angle_rad: 30f64.to_radians(),
        ra_offset_rad: 0.02 * ARCSEC_RAD,
        dec_offset_rad: -0.01 * ARCSEC_RAD,
    };
    let mut table = simulate::random_baselines(20_000, 2e4, 1e6, 1)?;
    simulate::fill_with_profile(&mut table, &ring(0.4), radii, &truth)?;
    simulate::add_noise(&mut table, 1e-3, 2)?;

    // The Hankel transform needs no image; the grid is there for the second plan.
    let grid = image_size(&UvCoverage::from(&table), &ImageSizeOptions::default())?;
    println!(
        "images would have {0} x {0} pixels of {1:.1e} rad",
        grid.rows, grid.pixel_width_rad
    );
    let builder = VisibilityPlan::<f64>::builder(&table, grid).radii(radii);
    let hankel = builder.clone().build()?;
    let drawn = builder
        .profile_method(ProfileMethod::Image(ImageMethod::Exact { rel_error: 1e-8 }))
        .build()?;
    let data = 2.0 * table.len() as f64;
    let chi2 = hankel.chi2_profile(&ring(0.4), &truth)?;
    let other = drawn.chi2_profile(&ring(0.4), &truth)?;
    println!(
        "chi2 per datum: {:.5} by Hankel, {:.5} by an image",
        chi2 / data,
        other / data
    );
    // √(2/40 000) is 0.7 %; pixels of the drawn disc cost less than the noise.
    assert!((chi2 / data - 1.0).abs() < 0.03 && (other / chi2 - 1.0).abs() < 0.01);

    // A batch: threads share out the models.
    let models: Vec<(Vec<f64>, Orientation)> = (0..9)
        .map(|k| (ring(0.36 + 0.01 * f64::from(k)), truth))
        .collect();
    let found = hankel.chi2_profiles(&models)?;
    let best = (0..9).min_by(|&a, &b| found[a].total_cmp(&found[b]));
    assert_eq!(best, Some(4));

    // Derivatives from one pass, against a difference.
    let tilted = Orientation {
        inclination_rad: 40f64.to_radians(),
        ..truth
    };
    let gradient = hankel.chi2_profile_gradient(&ring(0.4), &tilted)?;
    let at = |h: f64| {
        let inclination_rad = tilted.inclination_rad + h;
        hankel.chi2_profile(
            &ring(0.4),
            &Orientation {
                inclination_rad,
                ..tilted
            },
        )
    };
    let difference = (at(1e-4)? - at(-1e-4)?) / 2e-4;
    let slope = gradient.orientation.inclination;
    println!("d chi2 / d inclination: {slope:.6e}, by a difference {difference:.6e}");
    assert!((slope / difference - 1.0).abs() < 1e-5);
    Ok(())
}
