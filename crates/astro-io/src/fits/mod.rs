//! FITS: headers, images and cubes.
//!
//! Cards are parsed by the crate fitsrs; the data are read by our own code in
//! fixed-size pieces, gzipped files on the way. Written files follow FITS 4.0,
//! with CHECKSUM and DATASUM.

mod columns;
mod header;
mod image;
mod sky;
mod table;
mod unit;
mod write_image;
pub(crate) mod writer;

pub(crate) use columns::{Column, Number, TableLayout};
pub(crate) use header::wrong;
pub use header::{FitsHeader, FitsValue};
pub use image::{FitsImage, FitsUnit, read_fits_image, read_fits_image_from};
pub use sky::{Beam, ImageSky, UprightImage};
pub(crate) use table::SmallTable;
pub(crate) use unit::{Unit, Units};
pub use write_image::{FitsSamples, write_fits_image};
