//! Any bytes as a `.npz` archive.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    drop(astro_io::read_npz_from(std::io::Cursor::new(bytes)));
});
