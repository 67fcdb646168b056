//! Any bytes as a light curve and as response files.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    drop(astro_io::read_fits_light_curve_from_bytes(bytes.to_vec()));
    drop(astro_io::ResponseMatrix::read_from(std::io::Cursor::new(bytes)));
    drop(astro_io::EnergyResponse::read_from(std::io::Cursor::new(bytes), None));
});
