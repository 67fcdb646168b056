//! Sources whose visibilities have a closed form.
//!
//! An axisymmetric shape with unit flux has the real visibility S(ρ). Seen at
//! an angle it is shortened by the axis ratio q = |cos i| along the axis that
//! lies East-West before rotation, rotated by the position angle PA (of the
//! major axis, East of North), and shifted:
//!
//! $$ V(u, v) = F\, S\!\left(\sqrt{(q\,u_r)^2 + v_r^2}\right)
//!    e^{2\pi i (u\,\Delta RA + v\,\Delta Dec)}, $$
//!
//! u_r = u cos PA − v sin PA, v_r = u sin PA + v cos PA: the same conventions
//! as images and profiles.

mod derivatives;
mod shape;
mod source;

pub use derivatives::SourceDerivatives;
pub use shape::SourceShape;
pub(crate) use shape::disc;
pub use source::{AnalyticSource, add_sources};
