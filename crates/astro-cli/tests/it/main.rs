//! The `astro` program as users run it: files in, text and files out, exit codes.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]
mod astro;
mod configuration;
mod examples;
mod gpu;
mod physics;
mod pulsar;
mod running;
mod timing;
mod vis;
