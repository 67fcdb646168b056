//! The `astro` command.
fn main() {}
