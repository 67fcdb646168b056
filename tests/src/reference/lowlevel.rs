//! Kind `lowlevel`: the pieces that GALARIO's calls are made of, one by one.

use anyhow::{Result, ensure};
use astro_fft::RealFft2;
use astro_visibility::{
    ImageGrid, ImageMethod, Origin, Placement, SamplingRule, UvCoverage, apply_phase, reduce_chi2,
    rotate_uv, sample_half_plane, sample_image,
};
use num_complex::Complex64;

use super::case::Case;
use super::check::{Checks, largest_difference, largest_real_difference};
use super::image::{DOUBLE, compare_amplitude_phase};

/// Relative: a few roundings.
const ROUNDING: f64 = 1e-14;

pub(crate) fn check(case: &Case, checks: &mut Checks) -> Result<()> {
    let image = case.image("image")?;
    let n = case.count("nxy")?;
    ensure!(
        image.dim() == (n, n) && n % 2 == 0,
        "image.npy is not nxy x nxy, nxy even"
    );
    let flux: f64 = image.iter().map(|x| x.abs()).sum();
    let (u, v) = (case.real("u")?, case.real("v")?);

    // _fft2d, and its row shift: the forward transform of the image as it is.
    let fft = RealFft2::<f64>::new(n, n)?;
    let spectrum = fft.forward(image.view())?;
    let expected = case.complex_image("fft2d")?;
    let found: Vec<_> = spectrum.iter().copied().collect();
    let wanted: Vec<_> = expected.iter().copied().collect();
    checks.at_most(
        "fft2d",
        largest_difference(&found, &wanted, flux),
        DOUBLE.rounding,
    );
    let shifted = case.complex_image("ft_shifted")?;
    ensure!(
        shifted.dim() == spectrum.dim(),
        "ft_shifted.npy has not the shape of the spectrum"
    );
    let rolled: Vec<_> = (0..n)
        .flat_map(|i| spectrum.row((i + n - n / 2) % n).to_vec())
        .collect();
    let wanted: Vec<_> = shifted.iter().copied().collect();
    checks.at_most(
        "fftshift_axis0",
        largest_difference(&rolled, &wanted, flux),
        DOUBLE.rounding,
    );

    // _fftshift of the image: to us a sign, since the transform of the shifted image is that of
    // the image times (-1)^(row + column).
    let centred = fft.forward(case.image("fftshift_image")?.view())?;
    let signed: Vec<_> = spectrum
        .indexed_iter()
        .map(|((i, j), z)| if (i + j) % 2 == 0 { *z } else { -z })
        .collect();
    let wanted: Vec<_> = centred.iter().copied().collect();
    checks.at_most(
        "fftshift",
        largest_difference(&signed, &wanted, flux),
        DOUBLE.rounding,
    );

    // uv_rotate.
    let position_angle = case.number("PA")?;
    let longest = u.iter().chain(&v).fold(0.0f64, |a, b| a.max(b.abs()));
    let (ur, vr) = rotate_uv(position_angle, &u, &v)?;
    checks.at_most(
        "uv_rotate, u",
        largest_real_difference(&ur, &case.real("urot")?, longest),
        ROUNDING,
    );
    checks.at_most(
        "uv_rotate, v",
        largest_real_difference(&vr, &case.real("vrot")?, longest),
        ROUNDING,
    );
    let (ra, dec) = (case.number("dRA")?, case.number("dDec")?);
    let (ra_rotated, dec_rotated) = rotate_uv(position_angle, &[ra], &[dec])?;
    let found = [ra_rotated, dec_rotated].concat();
    let expected = [case.number("dRArot")?, case.number("dDecrot")?];
    let offset = ra.hypot(dec);
    checks.at_most(
        "uv_rotate, offset",
        largest_real_difference(&found, &expected, offset),
        ROUNDING,
    );

    // interpolate, both origins.
    let cell = case.number("duv")?;
    for (origin, name) in [
        (Origin::Upper, "interp_upper"),
        (Origin::Lower, "interp_lower"),
    ] {
        let sample = |rule| sample_half_plane(shifted.view(), cell, &u, &v, origin, rule);
        let found = sample(SamplingRule::AmplitudePhase)?;
        let mean = sample(SamplingRule::Bilinear)?;
        let comparison = compare_amplitude_phase(
            &found,
            &case.complex(name)?,
            &mean,
            flux,
            ROUNDING,
            f64::EPSILON,
        );
        let what = format!("{:.1e} of total flux", comparison.regular);
        checks.holds(name, comparison.excess <= 1.0, what);
    }

    // The same through the whole chain: the image whose transform, centred, is the given one.
    let unshifted = fft.inverse(centred_spectrum(&spectrum).view())? / (n * n) as f64;
    let grid = ImageGrid::square(n, 1.0 / (n as f64 * cell));
    let coverage = UvCoverage::new(u.clone(), v.clone())?;
    let sample = |method| {
        sample_image(
            unshifted.view(),
            &grid,
            &coverage,
            &Placement::default(),
            method,
        )
    };
    let comparison = compare_amplitude_phase(
        &sample(ImageMethod::Galario)?,
        &case.complex("interp_upper")?,
        &sample(ImageMethod::Bilinear)?,
        flux,
        DOUBLE.galario,
        DOUBLE.rounding,
    );
    let what = format!("{:.1e} of total flux", comparison.regular);
    checks.holds(
        "interp_upper, by sample_image",
        comparison.excess <= 1.0,
        what,
    );

    // apply_phase_vis and reduce_chi2, from the reference's own intermediate results.
    let mut phased = case.complex("interp_upper")?;
    apply_phase(ra, dec, &u, &v, &mut phased)?;
    let expected = case.complex("phased")?;
    checks.at_most(
        "apply_phase_vis",
        largest_difference(&phased, &expected, flux),
        ROUNDING,
    );
    let (re, im) = (case.real("vis_obs_re")?, case.real("vis_obs_im")?);
    let observed: Vec<_> = re
        .into_iter()
        .zip(im)
        .map(|(re, im)| Complex64::new(re, im))
        .collect();
    let chi2 = reduce_chi2(&observed, &case.real("weights")?, &expected)?;
    let wanted = case.number("chi2")?;
    checks.at_most("reduce_chi2", (chi2 - wanted).abs() / wanted, ROUNDING);
    Ok(())
}

/// The spectrum times (-1)^(row + column): that of the image shifted by half its size.
fn centred_spectrum(spectrum: &ndarray::Array2<Complex64>) -> ndarray::Array2<Complex64> {
    let mut centred = spectrum.clone();
    for ((i, j), z) in centred.indexed_iter_mut() {
        if (i + j) % 2 == 1 {
            *z = -*z;
        }
    }
    centred
}
