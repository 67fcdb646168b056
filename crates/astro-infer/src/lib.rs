//! astro-infer
