//! The `astro` program as users run it: files in, text and files out, exit codes.

mod astro;
mod vis;
