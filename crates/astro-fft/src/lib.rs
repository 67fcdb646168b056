//! astro-fft
