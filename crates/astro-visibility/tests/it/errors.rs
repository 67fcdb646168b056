//! Bad input gives an error that names the number, and never a panic.

use astro_core::UvTable;
use astro_visibility::{
    Error, ImageGrid, ImageMethod, Orientation, Placement, ProfileMethod, RadialGrid, UvCoverage,
    VisibilityPlan, apply_phase, rotate_uv, sample_image,
};
use ndarray::Array2;
use num_complex::Complex64;

fn plan(method: ImageMethod) -> VisibilityPlan<f64> {
    let table = UvTable::new(
        vec![1e5],
        vec![1e5],
        vec![Complex64::new(1.0, 0.0)],
        vec![1.0],
    )
    .unwrap();
    VisibilityPlan::<f64>::builder(&table, ImageGrid::square(8, 1e-7))
        .image_method(method)
        .build()
        .unwrap()
}

const METHODS: [ImageMethod; 4] = [
    ImageMethod::Exact { rel_error: 1e-10 },
    ImageMethod::Bilinear,
    ImageMethod::Galario,
    ImageMethod::Direct,
];

#[test]
fn a_nan_pixel_is_named_by_index() {
    for method in METHODS {
        for bad in [f64::NAN, f64::INFINITY] {
            let mut image = Array2::zeros((8, 8));
            image[[2, 3]] = bad;
            let chi2 = plan(method)
                .chi2_image(image.view(), &Placement::default())
                .unwrap_err();
            assert!(
                chi2.to_string().starts_with("image[19] is "),
                "{method:?}: {chi2}"
            );
            let sample = plan(method).sample_image(image.view(), &Placement::default());
            assert!(matches!(sample, Err(Error::Value(_))), "{method:?}");
        }
    }
}

#[test]
fn baselines_beyond_the_pixels_are_named() {
    let grid = ImageGrid::square(8, 1e-7);
    let coverage = UvCoverage::new(vec![1e5, 5.1e6], vec![0.0, 0.0]).unwrap();
    for method in METHODS {
        let image = Array2::<f64>::zeros((8, 8));
        let error = sample_image(
            image.view(),
            &grid,
            &coverage,
            &Placement::default(),
            method,
        )
        .unwrap_err();
        assert!(
            matches!(
                error,
                Error::BeyondGrid {
                    index: 1,
                    axis: "u",
                    ..
                }
            ),
            "{error}"
        );
        assert!(
            error.to_string().contains("use pixels of at most"),
            "{error}"
        );
    }
    // Inside along u, outside once rotated by a quarter turn onto coarser pixels.
    let oblong = ImageGrid {
        pixel_height_rad: 2e-7,
        ..grid
    };
    let coverage = UvCoverage::new(vec![4e6], vec![0.0]).unwrap();
    let image = Array2::<f64>::zeros((8, 8));
    let sample = |position_angle_rad| {
        let placement = Placement {
            position_angle_rad,
            ..Default::default()
        };
        sample_image(
            image.view(),
            &oblong,
            &coverage,
            &placement,
            ImageMethod::Galario,
        )
    };
    assert!(sample(0.0).is_ok());
    assert!(matches!(
        sample(1.57),
        Err(Error::BeyondGrid { axis: "v", .. })
    ));
}

#[test]
fn shapes_lengths_and_missing_parts_are_said() {
    let plan = plan(ImageMethod::default());
    let image = Array2::zeros((8, 9));
    let error = plan
        .chi2_image(image.view(), &Placement::default())
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("8 x 9 pixels but the plan's grid has 8 x 8"),
        "{error}"
    );
    let error = plan
        .chi2_profile(&[1.0, 2.0], &Orientation::default())
        .unwrap_err();
    assert!(matches!(error, Error::NoRadialGrid));

    let coverage = UvCoverage::new(vec![1e5], vec![0.0]).unwrap();
    let radii = RadialGrid::new(0.0, 1e-8, 5).unwrap();
    let grid = ImageGrid::square(8, 1e-7);
    let plan = VisibilityPlan::<f64>::builder_for_coverage(&coverage, grid)
        .radii(radii)
        .build()
        .unwrap();
    let orientation = Orientation::default();
    assert!(matches!(
        plan.chi2_profile(&[1.0; 5], &orientation),
        Err(Error::NoData)
    ));
    assert!(matches!(
        plan.sample_profile(&[1.0; 4], &orientation),
        Err(Error::Length(_))
    ));
    let mut profile = [1.0; 5];
    profile[3] = f64::NAN;
    let error = plan.sample_profile(&profile, &orientation).unwrap_err();
    assert!(error.to_string().contains("profile[3] is NaN"), "{error}");
    let tilted = Orientation {
        inclination_rad: f64::INFINITY,
        ..orientation
    };
    assert!(matches!(
        plan.sample_profile(&[1.0; 5], &tilted),
        Err(Error::Value(_))
    ));
}

#[test]
fn impossible_requests_name_the_remedy() {
    let coverage = UvCoverage::new(vec![1e5], vec![0.0]).unwrap();
    let grid = ImageGrid::square(8, 1e-7);
    let too_fine = VisibilityPlan::<f64>::builder_for_coverage(&coverage, grid)
        .image_method(ImageMethod::Exact { rel_error: 1e-18 })
        .build();
    assert!(matches!(too_fine, Err(Error::Transform(_))));
    let gradient = plan(ImageMethod::Galario)
        .chi2_image_gradient(Array2::zeros((8, 8)).view(), &Placement::default())
        .unwrap_err();
    assert!(
        gradient.to_string().contains("ImageMethod::Exact"),
        "{gradient}"
    );
    assert!(RadialGrid::new(0.0, -1.0, 5).is_err());
    assert!(UvCoverage::new(vec![], vec![]).is_err());
    assert!(UvCoverage::new(vec![f64::NAN], vec![0.0]).is_err());
    let (short, long) = ([1.0], [1.0, 2.0]);
    assert!(matches!(
        rotate_uv(0.1, &long, &short),
        Err(Error::Length(_))
    ));
    let phased = apply_phase(0.1, 0.2, &long, &long, &mut [Complex64::new(1.0, 0.0)]);
    assert!(matches!(phased, Err(Error::Length(_))));

    let free = astro_fft::ProfileGrid::from_radii(&[0.0, 1e-8, 3e-8]).unwrap();
    let plan = VisibilityPlan::<f64>::builder_for_coverage(&coverage, grid)
        .profile_method(ProfileMethod::Image(ImageMethod::Direct))
        .radii(free)
        .build()
        .unwrap();
    assert!(matches!(
        plan.sample_profile(&[1.0; 3], &Orientation::default()),
        Err(Error::Unsupported { .. })
    ));
}
