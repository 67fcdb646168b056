//! astro-io
