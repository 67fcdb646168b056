//! UVFITS: visibilities as FITS random groups, as AIPS, CASA (`exportuvfits`), Miriad and pyuvdata write them.
//!
//! What is read: random parameters with PSCAL and PZERO, repeated ones (DATE)
//! added up; UU, VV, WW in seconds; BASELINE in its two forms, or ANTENNA1 and
//! ANTENNA2; the axes COMPLEX, STOKES, FREQ, IF, RA, DEC in any order; spectral
//! windows from the AIPS FQ table (IF FREQ, CH WIDTH, FREQSEL); sources from
//! the AIPS SU table; gzipped files. Antenna positions (AN) are not needed.
//!
//! # Sign of the Fourier exponent
//!
//! AIPS Memo 117 (§3.1.2) lets u grow to the East and v to the North, and
//! leaves the sign to the order of the antennas: a UVFITS baseline is first
//! antenna minus second, its visibility the product ⟨E₁ E₂*⟩. A wave from
//! direction **s** reaches an antenna at **r** earlier by **r**·**s**/c, so its
//! field there is `E ∝ exp(2πiν(t + r·s/c))`, and
//!
//! `⟨E₁ E₂*⟩ ∝ exp(+2πi (r₁ − r₂)·s ν/c) = exp(+2πi(ul + vm + w(n − 1)))`
//!
//! after the phase centre has been tracked: the sign of these crates.
//! In practice the same follows from CASA: `exportuvfits` copies UVW/c, the
//! data and antenna order from the MeasurementSet without a change, as uvplot
//! does for GALARIO's text tables, whose sign is `+`. Visibilities are
//! therefore taken as they are. (Packages with second minus first, as
//! pyuvdata, turn both the baseline and the conjugation, which leaves V(u, v)
//! the same.) A correlator with the opposite phase, or software that
//! conjugates, makes files that need [`crate::UvReadOptions::conjugate`].

mod layout;
mod read;
mod setup;
mod write;

pub use read::{UvFitsReport, read_uvfits, read_uvfits_from};
pub use write::{UvFitsLabels, write_uvfits};
