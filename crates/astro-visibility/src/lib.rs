//! astro-visibility
