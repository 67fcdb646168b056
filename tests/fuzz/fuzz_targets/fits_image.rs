//! Any bytes as a FITS file: its first image, upright, and its third unit.
#![no_main]

use std::io::Cursor;

use astro_io::{FitsUnit, read_fits_image_from};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(image) = read_fits_image_from(Cursor::new(bytes), &FitsUnit::FirstImage) {
        drop(image.upright(0, image.sky.reference));
        drop(image.jansky_per_pixel());
    }
    drop(read_fits_image_from(
        Cursor::new(bytes),
        &FitsUnit::Number(2),
    ));
});
