//! Accuracy and algebra of the transforms, against direct sums.

mod direct;
mod fft1;
mod fft2;
mod hankel;
mod nufft;
