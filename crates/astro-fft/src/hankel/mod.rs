//! Hankel transform of order 0 of a piecewise-linear radial profile.
//!
//! $$ H(\rho) = 2\pi \int_0^\infty I(r)\, J_0(2\pi\rho r)\, r\, dr $$
//!
//! is the two-dimensional Fourier transform of an axisymmetric image. With r
//! in radians, ρ in wavelengths and I in Jy/sr, H is in Jy.
//!
//! # Method
//!
//! The radii are cut into panels about one cycle of the highest frequency
//! wide. On a panel J0(2πρr) is a polynomial in r to any accuracy (its
//! Chebyshev coefficients fall superexponentially), so that all a profile can
//! do to H is through its moments against the Lagrange basis of the panel's
//! Chebyshev nodes. Those are integrals of polynomials, exact by
//! Gauss-Legendre quadrature; nothing cancels, however short a segment or low
//! a frequency, unlike in the closed form with J1 and ∫J0.
//! Neighbouring panels are merged into wider ones with fewer nodes per cycle,
//! one dense matrix of J0 values takes these to a few frequency nodes, and the
//! mirror image of the first steps leads from there to a table.
//!
//! Every step is linear and depends on the grid alone: a plan holds the
//! matrices, and its transpose runs them backwards.

mod bessel;
mod chebyshev;
mod grid;
mod matrix;
mod moments;
mod panels;
mod plan;
mod table;
mod table_plan;

pub use bessel::{bessel_j0, bessel_j1};
pub use grid::ProfileGrid;
pub use plan::HankelPlan;
pub use table::HankelTable;
pub use table_plan::HankelTablePlan;

/// The dense matrix grows as the square of the cycles: this is about 2 GB.
const MAX_CYCLES: f64 = 3500.0;
