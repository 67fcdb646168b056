//! Any bytes as a light curve and as a response file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    drop(astro_io::read_fits_light_curve_from_bytes(bytes.to_vec()));
    drop(astro_io::ResponseMatrix::read_from(std::io::Cursor::new(bytes)));
});
