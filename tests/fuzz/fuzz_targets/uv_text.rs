//! Any bytes as a text uv table.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    drop(astro_io::read_uv_text_from(bytes, &Default::default()));
});
