//! What can go wrong, said with numbers and a remedy.

use astro_core::{BadValue, LengthMismatch, UvTableError};

use crate::ImageGrid;

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Requires a setting that is finite and above zero.
pub(crate) fn check_positive(name: &'static str, value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Error::Parameter {
        name,
        value,
        requirement: "finite and > 0",
    })
}

/// Why a visibility computation cannot be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The uv table is unusable.
    #[error("the uv table cannot be used")]
    UvTable(#[from] UvTableError),
    /// Two arrays do not belong together.
    #[error(transparent)]
    Length(#[from] LengthMismatch),
    /// A NaN, an infinity or a negative weight.
    #[error(transparent)]
    Value(#[from] BadValue),
    /// The pixel grid makes no sense.
    #[error(
        "an image grid of {} x {} pixels of {:e} x {:e} rad was asked for; both counts must be >= 1 and both pixel sizes finite and > 0",
        grid.rows, grid.columns, grid.pixel_height_rad, grid.pixel_width_rad
    )]
    Grid {
        /// The grid as given.
        grid: ImageGrid,
    },
    /// An image is not of the grid's shape.
    #[error(
        "{quantity} has {} x {} pixels but the plan's grid has {} x {} (rows x columns); rebuild the plan for this image or pass one of its shape",
        found.0, found.1, expected.0, expected.1
    )]
    Shape {
        /// The array.
        quantity: &'static str,
        /// Its rows and columns.
        found: (usize, usize),
        /// The grid's rows and columns.
        expected: (usize, usize),
    },
    /// A baseline that the pixels cannot represent.
    #[error(
        "uv point {index}: |{axis}| = {value:.6e} wavelengths lies beyond the grid's limit of {limit:.6e} (half a cycle a pixel of {pixel_rad:.6e} rad); use pixels of at most {:.6e} rad",
        0.5 / value
    )]
    BeyondGrid {
        /// Row of the uv table.
        index: usize,
        /// `"u"` or `"v"` after rotation, or `"uv"` for the distance.
        axis: &'static str,
        /// Magnitude found, wavelengths.
        value: f64,
        /// Largest magnitude allowed, wavelengths.
        limit: f64,
        /// Pixel size along that axis, radians.
        pixel_rad: f64,
    },
    /// The image is too small or too coarse for the baselines.
    #[error("the image does not suit the baselines: {0}")]
    ImageSize(#[from] ImageSizeProblem),
    /// A radial grid that makes no sense.
    #[error(
        "the radial grid starts at {first_rad:e} rad with step {step_rad:e} rad and {count} points; it needs a start >= 0, a step > 0 and at least 2 points"
    )]
    RadialGrid {
        /// Radius of the first point, radians.
        first_rad: f64,
        /// Distance between points, radians.
        step_rad: f64,
        /// Number of points.
        count: usize,
    },
    /// A profile was given to a plan built without a radial grid.
    #[error("the plan was built without a radial grid; call `.radii(..)` before `.build()`")]
    NoRadialGrid,
    /// χ² was asked of a plan that has no data.
    #[error(
        "the plan was built from uv coverage alone; build it from a uv table with values and weights to compute chi-squared"
    )]
    NoData,
    /// A spectrum was given for a table without frequencies.
    #[error(
        "the uv table has no frequencies; a spectrum needs the frequency of each row: read a format that carries it (UVFITS, npz) or set `frequency_hz`"
    )]
    NoFrequency,
    /// w-term asked for without w.
    #[error(
        "the w-term was asked for, but the uv table has no w column; read a format that carries it (UVFITS) or leave the w-term out"
    )]
    NoW,
    /// A pixel whose direction has no third cosine.
    #[error(
        "pixel [{row}, {column}] lies at l² + m² = {radius2} from the phase centre, but the w-term needs n = √(1 − l² − m²) > 0; use fewer or smaller pixels, or a smaller offset"
    )]
    BeyondHorizon {
        /// Row of the pixel.
        row: usize,
        /// Column of the pixel.
        column: usize,
        /// `l² + m²` where the pixel ends up.
        radius2: f64,
    },
    /// A method or option that does not hold for what was asked.
    #[error("{what} is not possible with {with}; {remedy}")]
    Unsupported {
        /// What was asked.
        what: &'static str,
        /// What stands in its way.
        with: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A setting out of its range.
    #[error("{name} = {value:e} is out of range; it must be {requirement}")]
    Parameter {
        /// The setting.
        name: &'static str,
        /// What was given.
        value: f64,
        /// The range.
        requirement: &'static str,
    },
    /// A FITS map does not describe a primary beam.
    #[cfg(feature = "io")]
    #[error("the FITS map of the primary beam cannot be used")]
    BeamMap(#[source] astro_io::Error),
    /// A profile model of an unknown name.
    #[error("`{found}` is no profile model; known are {known}")]
    UnknownModel {
        /// What was given.
        found: String,
        /// The names that are understood.
        known: &'static str,
    },
    /// A choice for a parameter that the model does not have.
    #[error("the model has no parameter `{found}`; it has {known}")]
    UnknownParameter {
        /// What was given.
        found: String,
        /// The names of the parameters.
        known: String,
    },
    /// A dataset of a fit that does not exist.
    #[error("dataset {index} was asked for, but there are {count}; give at least one uv table")]
    NoDataset {
        /// Its place, from 0.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// Two datasets of one name.
    #[error("datasets {first} and {second} are both named `{label}`; give each a name of its own")]
    DuplicateLabel {
        /// The name.
        label: String,
        /// The first place.
        first: usize,
        /// The second place.
        second: usize,
    },
    /// A cut in baseline that leaves nothing.
    #[error(
        "no unflagged visibility has a baseline between {from:.4e} and {to:.4e} wavelengths; the table reaches from {shortest:.4e} to {longest:.4e}"
    )]
    NothingInUvRange {
        /// Shortest baseline asked for.
        from: f64,
        /// Longest baseline asked for.
        to: f64,
        /// Shortest baseline of the table.
        shortest: f64,
        /// Longest baseline of the table.
        longest: f64,
    },
    /// A prior, a maximum or a chain could not be made.
    #[error(transparent)]
    Inference(#[from] astro_infer::Error),
    /// A GPU cannot do it.
    #[cfg(feature = "gpu")]
    #[error(transparent)]
    Gpu(#[from] astro_gpu::Error),
    /// A transform could not be planned or executed.
    #[error("in the Fourier transform")]
    Transform(#[from] astro_fft::Error),
}

/// What GALARIO's `check_image_size` requires and a grid does not meet.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageSizeProblem {
    /// The field is smaller than the largest angular scale.
    #[error(
        "the field of {field_rad:.6e} rad along {axis} does not cover the maximum recoverable scale {scale_rad:.6e} rad (0.6 / shortest baseline); use more or larger pixels"
    )]
    FieldTooSmall {
        /// `"columns"` or `"rows"`.
        axis: &'static str,
        /// Pixels × pixel size, radians.
        field_rad: f64,
        /// Scale that must fit, radians.
        scale_rad: f64,
    },
    /// The pixels are larger than a quarter of the finest fringe.
    #[error(
        "pixels of {pixel_rad:.6e} rad along {axis} are too coarse for the longest baseline of {longest:.6e} wavelengths; use at most {:.6e} rad",
        0.25 / longest
    )]
    PixelTooLarge {
        /// `"columns"` or `"rows"`.
        axis: &'static str,
        /// Pixel size, radians.
        pixel_rad: f64,
        /// Longest baseline, wavelengths.
        longest: f64,
    },
    /// The field is smaller than the primary beam.
    #[error(
        "the field of {field_rad:.6e} rad along {axis} does not cover the primary beam of {beam_rad:.6e} rad; use more pixels"
    )]
    BeamTooLarge {
        /// `"columns"` or `"rows"`.
        axis: &'static str,
        /// Pixels × pixel size, radians.
        field_rad: f64,
        /// Beam that must fit, radians.
        beam_rad: f64,
    },
}
