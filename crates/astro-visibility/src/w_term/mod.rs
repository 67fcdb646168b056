//! The w-term: baselines that do not lie in one plane, and fields too wide to be flat.
//!
//! A baseline `(u, v, w)` in wavelengths, `w` towards the phase centre, sees the direction with the
//! cosines `(L, M, n)`, `L` to the East, `M` to the North, `n = √(1 − L² − M²)`, with the phase
//! `2π(u L + v M + w (n − 1))`: the delay is measured against the phase centre, where `n = 1`.
//! All three terms have the sign of `docs/conventions.md`. For a placed image,
//!
//! $$ V(u,v,w) = e^{2\pi i(u\,\Delta RA + v\,\Delta Dec)}
//!    \sum_{ij} \frac{I_{ij}}{n_{ij}^{\,d}}\, e^{2\pi i(u' l_j + v' m_i + w(n_{ij}-1))},
//!    \qquad d = 0 \text{ or } 1 $$
//!
//! - Pixels are equidistant in direction cosines: `l_j`, `m_i` are those of [`crate::ImageGrid`], and
//!   `(u′, v′)` are rotated by the position angle.
//! - `n` belongs to where the pixel ends up on the sky,
//!   `L = l cos PA + m sin PA + ΔRA`, `M = −l sin PA + m cos PA + ΔDec`, just as a primary beam does.
//!   Rotation and shift act on `(L, M)`, so `u′ l + v′ m + u ΔRA + v ΔDec = u L + v M` exactly: there is no
//!   second offset phase.
//! - Only half of the sky has such coordinates: `L² + M² < 1` is required of every pixel.
//! - An East-West array observing near its zenith, or a field with `|w| (L² + M²) ≪ 1`, needs none
//!   of this.
//!
//! # How
//!
//! `Exact` is w-stacking with a kernel instead of the nearest plane (Ye, Gull, Tan & Nikolic 2022,
//! MNRAS 510, 4110; Arras et al. 2021, A&A 646, A58), see `stack.rs`; `Direct` is the sum as written.

mod correction;
mod depth;
mod direct;
mod stack;

use serde::{Deserialize, Serialize};

pub(crate) use depth::Depth;
pub(crate) use direct::{adjoint_direct, sample_direct};
pub(crate) use stack::WStack;

/// Asks for the w-term, and says what a pixel value means.
///
/// The equations are in `docs/conventions.md`, the w-term.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WTerm {
    /// Whether pixels are divided by `n`.
    ///
    /// The solid angle of a pixel is `Δl·Δm/n`. `false`, the default, takes a pixel as the flux
    /// density that arrives from it: its brightness times that solid angle, and a component list
    /// drawn into pixels needs nothing else. `true` takes it as brightness times the constant `Δl·Δm`:
    /// what a brightness in Jy/sr drawn on the grid gives, and with it [`crate::sweep`] and profiles.
    /// The two differ by `(L² + M²)/2`: 1e-4 at 0.8° from the phase centre.
    pub divide_by_n: bool,
}
