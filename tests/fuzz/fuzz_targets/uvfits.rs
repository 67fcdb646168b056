//! Any bytes as UVFITS.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let cursor = std::io::Cursor::new(bytes);
    drop(astro_io::read_uvfits_from(cursor, &Default::default()));
});
