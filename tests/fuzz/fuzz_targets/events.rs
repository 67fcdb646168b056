//! Any bytes as an event file, every column visited.
#![no_main]

use astro_core::EventSource;
use astro_io::{EventFile, EventFileOptions};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let options = EventFileOptions::new().skip_bad_times(true).sort_limit(64);
    if let Ok(file) = EventFile::from_bytes(bytes.to_vec(), &options) {
        let wanted = file.info().available;
        drop(file.visit(f64::NEG_INFINITY, f64::INFINITY, wanted, &mut |_| {}));
        drop(file.count(0.0, 1e9));
    }
});
