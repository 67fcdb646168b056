//! Any bytes as a uv table in an archive, its unit given so that reading goes on to the end.
#![no_main]

use astro_io::{UvReadOptions, UvUnit, read_uv_npz_from};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let options = UvReadOptions::new().unit(UvUnit::Kilowavelengths);
    drop(read_uv_npz_from(std::io::Cursor::new(bytes), &options));
});
