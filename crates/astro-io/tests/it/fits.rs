//! FITS images: those astropy wrote, round trips, geometry, refusals.

use std::error::Error as _;
use std::io::Cursor;

use astro_core::SkyCoord;
use astro_io::{
    Beam, Error, FitsImage, FitsSamples, FitsUnit, IfExists, ImageSky, read_fits_image,
    read_fits_image_from, write_fits_image,
};
use ndarray::{Array2, Array3, Axis, s};

use crate::data;

fn grid() -> Array2<f64> {
    Array2::from_shape_fn((4, 6), |(row, column)| (6 * row + column) as f64)
}

fn named(name: &str) -> FitsUnit {
    FitsUnit::Name(name.to_owned())
}

fn read(name: &str) -> FitsImage {
    read_fits_image(data(name), &FitsUnit::FirstImage).expect("a good file")
}

/// All causes of an error in one line.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}

#[test]
fn scaled_integers_and_blanks_become_physical_values() {
    let image = read("scaled.fits");
    let mut expected = grid() * 0.5 + 10.0;
    assert!(image.data[[0, 1, 1]].is_nan());
    expected[[1, 1]] = -1.0;
    let found = image
        .data
        .index_axis(Axis(0), 0)
        .mapv(|x| if x.is_nan() { -1.0 } else { x });
    assert_eq!(found, expected);
    assert_eq!(image.unit.as_deref(), Some("Jy/beam"));
    assert_eq!(image.object.as_deref(), Some("it's a disc"));
    assert_eq!(image.rest_frequency_hz, Some(230.538e9));
    let beam = image.beam.unwrap();
    assert!((beam.position_angle_rad - std::f64::consts::PI / 6.0).abs() < 1e-15);
    // π a b / (4 ln 2) in degrees over 1e-5° × 2e-5° pixels.
    let pixels = std::f64::consts::PI * 1e-4 * 5e-5 / (4.0 * std::f64::consts::LN_2) / 2e-10;
    assert!((image.jansky_per_pixel().unwrap() * pixels - 1.0).abs() < 1e-12);
}

#[test]
fn every_sample_type_is_decoded() {
    for name in ["U1", "U2", "I4", "I8", "F4", "F8"] {
        let image = read_fits_image(data("types.fits.gz"), &named(name)).unwrap();
        assert_eq!(image.data.index_axis(Axis(0), 0), grid(), "{name}");
    }
    let third = read_fits_image(data("types.fits.gz"), &FitsUnit::Number(3)).unwrap();
    assert_eq!(third.header.text("EXTNAME"), Some("U1"));
}

#[test]
fn a_cube_has_its_frequencies_and_a_stokes_file_its_plane_i() {
    let cube = read("cube.fits.gz");
    assert_eq!(cube.data.dim(), (3, 4, 6));
    assert_eq!(cube.frequency_hz, [230e9, 230.001e9, 230.002e9]);
    assert_eq!(cube.data.slice(s![2, .., ..]), grid() + 200.0);
    assert!(cube.data[[1, 2, 3]].is_nan());
    let stokes = read("stokes.fits.gz");
    assert_eq!(stokes.data.dim(), (1, 4, 6));
    assert_eq!(stokes.data.index_axis(Axis(0), 0), grid());
}

#[test]
fn pixels_lie_where_astropy_says() {
    let direction = |image: &FitsImage, row: f64, column: f64| {
        let reference = image.sky.reference.unwrap();
        reference
            .at_offset(image.sky.offset_of_pixel(row, column))
            .unwrap()
    };
    // astropy.wcs.WCS(header).pixel_to_world_values(column, row)
    let scaled = direction(&read("scaled.fits"), 0.0, 0.0);
    let expected = SkyCoord::from_degrees(SCALED_CORNER.0, SCALED_CORNER.1);
    assert!(scaled.separation(expected).degrees() < 1e-12);
    let rotated = read_fits_image(data("types.fits.gz"), &named("ROTATED")).unwrap();
    let expected = SkyCoord::from_degrees(ROTATED_PIXEL.0, ROTATED_PIXEL.1);
    assert!(direction(&rotated, 1.0, 5.0).separation(expected).degrees() < 1e-12);
    assert!(chain(&rotated.upright(0, None).unwrap_err()).contains("rotated by -30.000 degrees"));
}

/// From astropy, for `pixels_lie_where_astropy_says`.
const SCALED_CORNER: (f64, f64) = (69.900_031_588_944_61, 18.249_959_999_997_41);
const ROTATED_PIXEL: (f64, f64) = (69.899_976_497_284_64, 18.250_001_339_744_525);

#[test]
fn an_upright_image_keeps_every_pixel_at_its_place_on_the_sky() {
    let pixel = 1e-7;
    let center = SkyCoord::from_degrees(10.0, -40.0);
    for (rows, columns) in [(4, 6), (5, 7), (4, 7), (1, 1)] {
        for (east, north) in [(-1.0, 1.0), (1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)] {
            let mut sky = ImageSky::new(center, rows, columns, pixel);
            sky.matrix = [[east * pixel, 0.0], [0.0, north * 2.0 * pixel]];
            sky.reference_pixel = [1.25, 0.5];
            let values = Array3::from_shape_fn((1, rows, columns), |(_, i, j)| (10 * i + j) as f64);
            let image = FitsImage::new(values, sky);
            let upright = image.upright(0, None).unwrap();
            for (index, value) in upright.data.indexed_iter() {
                let (i, j) = index;
                let l =
                    upright.center.l + ((columns / 2) as f64 - j as f64) * upright.pixel_width_rad;
                let m =
                    upright.center.m + (i as f64 - (rows / 2) as f64) * upright.pixel_height_rad;
                let row = (value / 10.0).floor();
                let there = image.sky.offset_of_pixel(row, value - 10.0 * row);
                assert!((l - there.l).abs() < 1e-20 && (m - there.m).abs() < 1e-20);
            }
        }
    }
}

#[test]
fn the_offset_from_another_phase_centre_is_counted() {
    let reference = SkyCoord::from_degrees(10.0, -40.0);
    let image = FitsImage::new(
        Array3::zeros((1, 8, 8)),
        ImageSky::new(reference, 8, 8, 1e-7),
    );
    assert_eq!(image.upright(0, None).unwrap().center, Default::default());
    let phase_center = SkyCoord::from_degrees(10.0 - 1e-4, -40.0 + 1e-4);
    let offset = image.upright(0, Some(phase_center)).unwrap().center;
    let expected = reference.offset_from(phase_center).unwrap();
    assert!((offset.l - expected.l).abs() < 1e-18 && (offset.m - expected.m).abs() < 1e-18);
    assert!(offset.l > 0.0 && offset.m < 0.0);
}

fn full_image() -> FitsImage {
    let sky = ImageSky::new(SkyCoord::from_degrees(69.9, 18.25), 4, 6, 1.3e-7);
    let data = Array3::from_shape_fn((3, 4, 6), |(k, i, j)| (k * 100 + i * 10 + j) as f64 + 0.1);
    FitsImage {
        beam: Some(Beam {
            major_rad: 1e-6,
            minor_rad: 5e-7,
            position_angle_rad: -0.3,
        }),
        frequency_hz: vec![230e9, 230.5e9, 231e9],
        rest_frequency_hz: Some(230.538e9),
        object: Some("o'clock".to_owned()),
        ..FitsImage::new(data, sky).with_unit("Jy/pixel")
    }
}

#[test]
fn images_and_cubes_round_trip() {
    let folder = tempfile::tempdir().unwrap();
    let close = |a: f64, b: f64| (a - b).abs() <= 4e-16 * b.abs();
    for samples in [FitsSamples::F32, FitsSamples::F64] {
        let path = folder.path().join(format!("{samples:?}.fits"));
        let mut image = full_image();
        image.data[[1, 1, 1]] = f64::NAN;
        write_fits_image(&path, &image, samples, IfExists::Refuse).unwrap();
        assert!(write_fits_image(&path, &image, samples, IfExists::Refuse).is_err());
        let read = read_fits_image(&path, &FitsUnit::FirstImage).unwrap();
        for (a, b) in read.data.iter().zip(&image.data) {
            let b = if samples == FitsSamples::F32 {
                f64::from(*b as f32)
            } else {
                *b
            };
            assert!(*a == b || a.is_nan() && b.is_nan());
        }
        assert_eq!(read.frequency_hz, image.frequency_hz);
        assert_eq!((&read.unit, &read.object), (&image.unit, &image.object));
        // Radians to degrees and back rounds twice.
        let (a, b) = (read.beam.unwrap(), image.beam.unwrap());
        assert!(
            close(a.major_rad, b.major_rad) && close(a.position_angle_rad, b.position_angle_rad)
        );
        assert!(close(read.sky.matrix[0][0], image.sky.matrix[0][0]));
        assert_eq!(read.sky.reference_pixel, image.sky.reference_pixel);
    }
    let mut rotated = full_image();
    rotated.sky.matrix = [[-1e-7, 2e-8], [2e-8, 1e-7]];
    let path = folder.path().join("rotated.fits");
    write_fits_image(&path, &rotated, FitsSamples::F64, IfExists::Refuse).unwrap();
    let read = read_fits_image(&path, &FitsUnit::FirstImage).unwrap();
    assert!(close(read.sky.matrix[0][1], 2e-8) && close(read.sky.matrix[1][1], 1e-7));
}

#[test]
fn what_a_fits_axis_cannot_say_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.fits");
    let mut uneven = full_image();
    uneven.frequency_hz[1] += 1e5;
    let mut short = full_image();
    short.frequency_hz.pop();
    let empty = FitsImage::new(Array3::zeros((0, 4, 4)), full_image().sky);
    for image in [uneven, short, empty] {
        let error = write_fits_image(&path, &image, FitsSamples::F32, IfExists::Refuse);
        assert!(matches!(error, Err(Error::ImageGeometry { .. })));
    }
    assert!(!path.exists());
}

#[test]
fn refusals_say_what_was_found() {
    let message =
        |name: &str, unit: &FitsUnit| chain(&read_fits_image(data(name), unit).unwrap_err());
    let text = message("rice.fits.gz", &FitsUnit::FirstImage);
    assert!(
        text.contains("HDU 1") && text.contains("RICE_1") && text.contains("funpack"),
        "{text}"
    );
    let text = message("types.fits.gz", &named("nothing"));
    assert!(
        text.contains("\"nothing\"") && text.contains("IMAGE ROTATED"),
        "{text}"
    );
    let text = message("types.fits.gz", &FitsUnit::Number(1));
    assert!(
        text.contains("in HDU 1") && text.contains("1 BINTABLE TABLE"),
        "{text}"
    );
    let text = message("uvplot.txt", &FitsUnit::FirstImage);
    assert!(text.contains("SIMPLE"), "{text}");
}

#[test]
fn a_cut_file_says_where_and_how_much_is_missing() {
    let bytes = std::fs::read(data("scaled.fits")).unwrap();
    let cut = |length: usize| {
        let result = read_fits_image_from(Cursor::new(&bytes[..length]), &FitsUnit::FirstImage);
        chain(&result.unwrap_err())
    };
    assert_eq!(
        cut(2900),
        "in HDU 0: FITS data needs 48 bytes from byte 2880, but only 20 are there; the file is truncated or its header is wrong"
    );
    assert!(cut(2000).contains("FITS header block needs 2880 bytes from byte 0, but only 2000"));
    // The padding after the data may be missing.
    assert!(read_fits_image_from(Cursor::new(&bytes[..2928]), &FitsUnit::FirstImage).is_ok());
}

/// A header of cards, padded, followed by one empty block.
fn file(cards: &[&str]) -> Vec<u8> {
    let mut bytes: Vec<u8> = cards
        .iter()
        .flat_map(|card| format!("{card:<80}").into_bytes())
        .collect();
    bytes.extend(format!("{:<80}", "END").bytes());
    bytes.resize(bytes.len().next_multiple_of(2880) + 2880, b' ');
    bytes
}

#[test]
fn absurd_axes_are_refused_plain_and_gzipped() {
    use std::io::Write;
    let common = ["SIMPLE  = T", "CDELT1  = 1.0", "CDELT2  = 1.0"];
    for axes in [
        vec![
            "BITPIX  = 8",
            "NAXIS   = 2",
            "NAXIS1  = 9223372036854775807",
            "NAXIS2  = 9223372036854775807",
        ],
        vec![
            "BITPIX  = -64",
            "NAXIS   = 2",
            "NAXIS1  = 1000000",
            "NAXIS2  = 1000000",
        ],
        vec![
            "BITPIX  = -64",
            "NAXIS   = 3",
            "NAXIS1  = 1",
            "NAXIS2  = 1",
            "NAXIS3  = 1000000000000",
            "CTYPE3  = 'FREQ'",
        ],
        vec!["BITPIX  = 16", "NAXIS   = 2", "NAXIS1  = -5", "NAXIS2  = 4"],
        vec![
            "BITPIX  = 16",
            "NAXIS   = 999",
            "NAXIS1  = 4",
            "NAXIS2  = 4",
        ],
        vec!["BITPIX  = 17", "NAXIS   = 2", "NAXIS1  = 4", "NAXIS2  = 4"],
        vec![
            "BITPIX  = 16",
            "NAXIS   = 2",
            "NAXIS1  = 4",
            "NAXIS2  = 4",
            "PCOUNT  = 9223372036854775807",
        ],
        vec![
            "BITPIX  = 16",
            "NAXIS   = 2",
            "NAXIS1  = 4",
            "NAXIS2  = 4",
            "GCOUNT  = 9223372036854775807",
        ],
        vec![
            "BITPIX  = 16",
            "NAXIS   = 2",
            "NAXIS1  = 'four'",
            "NAXIS2  = 4",
        ],
    ] {
        let mut cards = vec![common[0]];
        cards.extend(axes);
        cards.extend(&common[1..]);
        let bytes = file(&cards);
        assert!(
            read_fits_image_from(Cursor::new(&bytes), &FitsUnit::FirstImage).is_err(),
            "{cards:?}"
        );
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&bytes).unwrap();
        let packed = packed.finish().unwrap();
        assert!(
            read_fits_image_from(Cursor::new(&packed), &FitsUnit::FirstImage).is_err(),
            "{cards:?}"
        );
    }
}

#[test]
fn brightness_units_become_jansky_per_pixel() {
    let mut image = full_image();
    let pixel_sr = 1.3e-7f64.powi(2);
    for (unit, expected) in [
        ("Jy/pixel", 1.0),
        ("mJy / pixel", 1e-3),
        ("Jy", 1.0),
        ("MJy/sr", 1e6 * pixel_sr),
        ("JY/BEAM", pixel_sr / image.beam.unwrap().solid_angle_sr()),
    ] {
        image.unit = Some(unit.to_owned());
        let found = image.jansky_per_pixel().unwrap();
        assert!((found / expected - 1.0).abs() < 1e-12, "{unit}");
    }
    image.unit = Some("K".to_owned());
    assert!(image.jansky_per_pixel().is_err());
}

#[test]
fn rotations_in_the_older_notations_agree_with_astropy() {
    let common = [
        "SIMPLE  = T",
        "BITPIX  = 8",
        "NAXIS   = 2",
        "NAXIS1  = 4",
        "NAXIS2  = 4",
        "CTYPE1  = 'RA---SIN'",
        "CTYPE2  = 'DEC--SIN'",
        "CRVAL1  = 69.9",
        "CRVAL2  = 18.25",
        "CRPIX1  = 4.0",
        "CRPIX2  = 3.0",
        "CDELT1  = -1E-5",
        "CDELT2  = 2E-5",
    ];
    // astropy.wcs.WCS(header).pixel_to_world_values(5, 1)
    for (extra, expected) in [
        (
            &["CROTA2  = 20.0"][..],
            (69.899_987_413_437_1, 18.249_974_365_744_31),
        ),
        (
            &[
                "PC1_1   = 0.9",
                "PC1_2   = 0.3",
                "PC2_1   = -0.2",
                "PC2_2   = 1.1",
            ],
            (69.899_984_205_526_79, 18.249_969_999_999_358),
        ),
    ] {
        let cards = [&common[..], extra].concat();
        let image = read_fits_image_from(Cursor::new(file(&cards)), &FitsUnit::FirstImage).unwrap();
        let found = image
            .sky
            .reference
            .unwrap()
            .at_offset(image.sky.offset_of_pixel(1.0, 5.0));
        let expected = SkyCoord::from_degrees(expected.0, expected.1);
        assert!(
            found.unwrap().separation(expected).degrees() < 1e-12,
            "{extra:?}"
        );
    }
}
