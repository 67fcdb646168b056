//! The `astro` command.

#[expect(
    dead_code,
    unused_imports,
    reason = "the verbs that draw come with the library's fits"
)]
mod plot;
#[expect(dead_code, reason = "the demo writes it")]
mod report;

fn main() {}
