//! Any bytes as a file of tables.
#![no_main]

use astro_io::read_tables_from_bytes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for table in read_tables_from_bytes(bytes.to_vec(), "table").unwrap_or_default() {
        let names: Vec<String> = table.column_names().map(str::to_owned).collect();
        names.iter().for_each(|name| drop(table.numbers(name)));
    }
});
