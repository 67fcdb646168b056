//! Any bytes as a `.npy` file; the reference files of `crates/astro-io/tests/data` are a good corpus.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    drop(astro_io::read_npy_from(bytes));
});
