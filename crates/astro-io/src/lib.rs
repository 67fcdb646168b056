#![doc = include_str!("../README.md")]

mod atomic;
pub mod average;
mod bounded;
mod error;
pub mod events;
pub mod fits;
mod light_curve;
pub mod npy;
mod ogip;
mod response;
mod store;
mod table;
pub mod uv;
pub mod uvfits;

pub use atomic::{AtomicFile, IfExists, write_atomically};
pub use average::{
    Averaged, Smearing, SmearingLimit, average_channels, average_times, average_uv_cells,
    bandwidth_smearing_loss, time_smearing_loss,
};
pub use error::{Error, Result};
pub use events::{
    EventColumnInfo, EventFile, EventFileInfo, EventFileOptions, EventFileWarning, EventListLabels,
    EventOrder, GtiChoice, NO_CHANNEL, gti_table, read_fits_gti, write_event_file,
};
pub use fits::{
    Beam, FitsHeader, FitsImage, FitsSamples, FitsUnit, FitsValue, ImageSky, UprightImage,
    read_fits_image, read_fits_image_from, write_fits_image,
};
pub use light_curve::{
    FitsLightCurve, read_fits_light_curve, read_fits_light_curve_from_bytes, write_fits_light_curve,
};
pub use npy::{
    NpyArray, NpzArrays, read_npy, read_npy_from, read_npz, read_npz_from, write_npy, write_npy_to,
    write_npz,
};
pub use ogip::{BinnedDensity, write_pha_and_response};
pub use response::{ChannelEnergies, EnergyResponse, ResponseMatrix};
pub use table::{
    Cells, MatrixFormat, MatrixLayout, MatrixWriter, Table, read_tables, read_tables_from_bytes,
    write_ecsv, write_fits_tables, write_table_npz,
};
pub use uv::{
    UvColumn, UvReadOptions, UvUnit, read_uv_npz, read_uv_npz_from, read_uv_table,
    read_uv_table_from, read_uv_text, read_uv_text_from, write_uv_npz, write_uv_text,
};
pub use uvfits::{UvFitsLabels, UvFitsReport, read_uvfits, read_uvfits_from, write_uvfits};
