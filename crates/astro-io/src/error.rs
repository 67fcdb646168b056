//! The one error type of this crate.

use std::io;
use std::path::{Path, PathBuf};

use astro_core::{GtiError, TimeError, UvTableError};

/// Result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The cause, with the file it was met in.
    #[error("while reading {}", path.display())]
    Reading {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Box<Error>,
    },
    /// The cause, with the file that was to be written.
    #[error("while writing {}", path.display())]
    Writing {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: Box<Error>,
    },
    /// The cause, with the array of an archive it was met in.
    #[error("in array {name:?} of the archive")]
    Member {
        /// Name of the array.
        name: String,
        /// What is wrong with it.
        #[source]
        source: Box<Error>,
    },
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file to be written is there already.
    #[error("{} exists; choose another name or allow it to be replaced", path.display())]
    AlreadyExists {
        /// The file.
        path: PathBuf,
    },
    /// The file ends before its header says it does.
    #[error(
        "{what} needs {expected} bytes from byte {offset}, but only {found} are there; the file is truncated or its header is wrong"
    )]
    Truncated {
        /// The part that is cut.
        what: &'static str,
        /// Where it starts, bytes from the start of the file (after decompression) or archive member.
        offset: u64,
        /// Its length according to the header, bytes.
        expected: u64,
        /// Bytes found.
        found: u64,
    },
    /// The header asks for more than can be addressed.
    #[error(
        "{what} of shape {shape:?} with {element_bytes} bytes an element cannot be addressed; the header is wrong"
    )]
    TooLarge {
        /// The array.
        what: &'static str,
        /// Axis lengths from the header.
        shape: Vec<u64>,
        /// Bytes of one element.
        element_bytes: u64,
    },
    /// The file holds no data rows.
    #[error("no data rows found; at least one is needed")]
    NoData,
    /// A `.npy` header that does not follow the format.
    #[error("npy header: expected {expected}, found {found:?}")]
    NpyHeader {
        /// What the format asks for.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// An element type that is not read.
    #[error(
        "npy element type {found:?} is not read; save the array as one of bool, int8-64, uint8-64, float32, float64, complex64, complex128"
    )]
    NpyType {
        /// `descr` of the header.
        found: String,
    },
    /// An array of the wrong element type.
    #[error("array {name:?} holds {found}, expected {expected}")]
    ElementType {
        /// Name of the array.
        name: String,
        /// Its element type.
        found: &'static str,
        /// What is required.
        expected: &'static str,
    },
    /// An array of the wrong shape.
    #[error("array {name:?} has shape {found:?}, expected {expected}")]
    Shape {
        /// Name of the array.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// What is required.
        expected: String,
    },
    /// An archive that lacks an array.
    #[error("no array named {expected}; the file has {found:?}")]
    MissingArray {
        /// The names looked for.
        expected: &'static str,
        /// The names in the archive.
        found: Vec<String>,
    },
    /// A zip archive that cannot be read or written.
    #[error("npz archive")]
    Zip(#[from] zip::result::ZipError),
    /// One field of a text table that is not a number.
    #[error("line {line}, column {column} ({name}): found {found:?}, expected a number")]
    TextField {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the column holds.
        name: &'static str,
        /// The text found.
        found: String,
    },
    /// A row of a text table with too few or too many columns.
    #[error(
        "line {line} has {found} columns, expected {expected}; the columns are u, v, Re, Im, weight unless the header or the caller says otherwise"
    )]
    TextColumns {
        /// Line, from 1.
        line: usize,
        /// Columns found.
        found: usize,
        /// Columns expected.
        expected: usize,
    },
    /// A table of more than five columns whose header does not name them.
    #[error(
        "line {line} has {found} columns and no comment line names them all; say which is which (columns option), for example u, v, re, im, weight, ignore"
    )]
    UnnamedColumns {
        /// First data line, from 1.
        line: usize,
        /// Columns found.
        found: usize,
    },
    /// A list of columns that lacks an essential one or repeats one.
    #[error(
        "column {column} occurs {count} times in the list of columns; it must occur exactly once"
    )]
    ColumnList {
        /// The column.
        column: &'static str,
        /// How often it is listed.
        count: usize,
    },
    /// A line longer than any table has.
    #[error("line {line} is longer than {limit} bytes; this is not a text table")]
    LongLine {
        /// Line, from 1.
        line: usize,
        /// The limit.
        limit: usize,
    },
    /// Baselines in metres with nothing to divide them by.
    #[error(
        "u and v are in metres and neither the file nor the caller gives a wavelength; give one (wavelength_m)"
    )]
    WavelengthNeeded,
    /// Baselines whose unit nothing tells.
    #[error(
        "the unit of u and v is not stated in the file (largest |u|, |v|: {largest}) and this format has been written in several; say whether they are wavelengths, kilowavelengths or metres (unit option)"
    )]
    UnitNeeded {
        /// Largest absolute value of u and v.
        largest: f64,
    },
    /// A number from the caller that cannot be used.
    #[error("{quantity} = {value}; {requirement}")]
    BadParameter {
        /// The parameter.
        quantity: &'static str,
        /// Its value.
        value: f64,
        /// What is required.
        requirement: &'static str,
    },
    /// A uv table that cannot be used.
    #[error(transparent)]
    Table(#[from] UvTableError),
    /// The cause, with the header and data unit of a FITS file it was met in.
    #[error("in HDU {index}")]
    Hdu {
        /// Number of the unit; 0 is the primary one.
        index: usize,
        /// What is wrong with it.
        #[source]
        source: Box<Error>,
    },
    /// A FITS header without a keyword it must have.
    #[error("header keyword {keyword} is missing; {expected}")]
    MissingKeyword {
        /// The keyword.
        keyword: String,
        /// What it should say.
        expected: &'static str,
    },
    /// A FITS keyword whose value cannot be used.
    #[error("header keyword {keyword} is {found}, expected {expected}")]
    Keyword {
        /// The keyword.
        keyword: String,
        /// Its value.
        found: String,
        /// What is required.
        expected: &'static str,
    },
    /// No FITS file at all.
    #[error("the file does not start with the keyword SIMPLE; it is not FITS")]
    NotFits,
    /// A FITS header that never ends.
    #[error("no END card within {cards} cards; this is not a FITS header")]
    NoEnd {
        /// Cards read.
        cards: usize,
    },
    /// An image that is not where it is looked for.
    #[error("no image {wanted}; the file has: {found}")]
    NoImage {
        /// What was asked for.
        wanted: String,
        /// The units of the file.
        found: String,
    },
    /// A tile-compressed image.
    #[error(
        "the image is tile-compressed ({kind}), which is not decoded here; decompress the file first (funpack)"
    )]
    CompressedImage {
        /// ZCMPTYPE.
        kind: String,
    },
    /// An image whose pixels cannot be placed on the sky as a grid.
    #[error("the image {problem}; {remedy}")]
    ImageGeometry {
        /// What is the matter.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A table without a column it must have.
    #[error("no column {name}; the table has {found:?}")]
    MissingColumn {
        /// The column.
        name: String,
        /// The columns of the table.
        found: Vec<String>,
    },
    /// A column that holds no real numbers.
    #[error(
        "column {name} has the type {found}, which holds no real numbers (B, I, J, K, E, D, X)"
    )]
    ColumnType {
        /// The column.
        name: String,
        /// TFORM.
        found: String,
    },
    /// A source of events that failed while it was being written.
    #[error("while reading the events to be written")]
    Source {
        /// What the source says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A source that gave another number of events than it had counted.
    #[error(
        "the source counted {events} events and gave {seen}; it must give the same events every time"
    )]
    SourceCount {
        /// Counted.
        events: u64,
        /// Given.
        seen: u64,
    },
    /// A spectrum that cannot be written for a fitting program.
    #[error("bin {bin} of the spectrum cannot be written: {requirement}")]
    BadSpectrum {
        /// Bin, from 0.
        bin: usize,
        /// What is required.
        requirement: &'static str,
    },
    /// A column with several numbers in a cell, which a table of results does not have.
    #[error(
        "column {name} is of the form {found}; only columns of one number or text a cell are read as tables"
    )]
    CellLength {
        /// The column.
        name: String,
        /// TFORM.
        found: String,
    },
    /// An array of an archive that is no column.
    #[error("array {name} has the shape {shape:?}; a table has arrays of one axis")]
    ArrayShape {
        /// The array.
        name: String,
        /// Its axes.
        shape: Vec<usize>,
    },
    /// A row of a matrix that does not fit, or one that is missing.
    #[error("row {row} has {found} numbers; the matrix has {rows} rows of {expected}")]
    MatrixRow {
        /// Which row, from 0.
        row: usize,
        /// Rows of the matrix.
        rows: usize,
        /// Its length.
        found: usize,
        /// Columns of the matrix.
        expected: usize,
    },
    /// A file in which there is no table.
    #[error("no binary table; the file has: {found}")]
    NoTable {
        /// The units of the file.
        found: String,
    },
    /// Text that is not the ECSV it begins as.
    #[error("line {line} of the ECSV text: {problem}")]
    Ecsv {
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// A cell of an ECSV table that is not of the type of its column, or a type that is not read.
    #[error("cell {text:?} of an ECSV table is not of the type {datatype}")]
    EcsvCell {
        /// The cell.
        text: String,
        /// The type of its column.
        datatype: String,
    },
    /// Columns of one table that differ in length.
    #[error(
        "column {name} has {found} rows, the first column has {expected}; all must be equally long"
    )]
    ColumnLength {
        /// The column.
        name: String,
        /// Its length.
        found: usize,
        /// Length of the first column.
        expected: usize,
    },
    /// A keyword that FITS cannot write.
    #[error("keyword {name:?} cannot be written; keywords are 1 to 8 of A-Z, 0-9, - and _")]
    KeywordName {
        /// The keyword.
        name: String,
    },
    /// Text where only numbers are written.
    #[error(
        "column {name} is text, which is not written to npz; leave it out or write FITS or ECSV"
    )]
    TextInNpz {
        /// The column.
        name: String,
    },
    /// A file in which no table of events is found.
    #[error(
        "no table of events; the file has: {found}. Name the extension if it is one of these (hdu option); light curves are read by read_fits_light_curve"
    )]
    NoEvents {
        /// The units of the file.
        found: String,
    },
    /// A file without a light curve.
    #[error(
        "no light curve: no table has a column RATE, RATE1 or COUNTS; the file has: {found}. Events are read by EventFile"
    )]
    NoLightCurve {
        /// The units of the file.
        found: String,
    },
    /// An extension that is not there.
    #[error("no extension {wanted:?}; the file has: {found}")]
    NoExtension {
        /// Name or number asked for.
        wanted: String,
        /// The units of the file.
        found: String,
    },
    /// An event file without good time intervals.
    #[error(
        "no good time intervals: none of the extensions {looked_for:?} is there; the file has: {found}. Name the extension, give intervals, or take the span of the events as good (gti option)"
    )]
    NoGoodTime {
        /// Names looked for.
        looked_for: Vec<String>,
        /// The units of the file.
        found: String,
    },
    /// Good time intervals that are malformed.
    #[error(transparent)]
    Gti(#[from] GtiError),
    /// Times that count from different references.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// A time that is not a number.
    #[error(
        "row {row}: TIME is {value}; times must be finite, leave such rows out (skip_bad_times option) if the file marks bad events so"
    )]
    BadTime {
        /// Row, from 0.
        row: u64,
        /// What is there.
        value: f64,
    },
    /// Times that do not ascend where they seemed to.
    #[error(
        "row {row}: TIME {time} comes after {previous}, but times ascend elsewhere in the file; have it sorted when it is opened (order option)"
    )]
    Unsorted {
        /// Row, from 0.
        row: u64,
        /// Its time.
        time: f64,
        /// The time before it, or the start of the range that was looked up.
        previous: f64,
    },
    /// A column that was asked for and that the file does not have.
    #[error("the events have no {quantity}: {remedy}")]
    NotInEvents {
        /// What was asked for.
        quantity: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A random-groups file without a parameter it must have.
    #[error("no random parameter {expected}; the file has {found:?}")]
    MissingParameter {
        /// The parameter.
        expected: &'static str,
        /// The parameters of the file.
        found: Vec<String>,
    },
    /// Groups of a setup or source that no table of the file describes.
    #[error("group {group} refers to {quantity} {value}, which the {table} table does not list")]
    UnknownId {
        /// Group, from 0.
        group: u64,
        /// What is referred to.
        quantity: &'static str,
        /// The number.
        value: f64,
        /// The table.
        table: &'static str,
    },
    /// A file of several sources of which none was chosen.
    #[error("the file holds the sources {found:?}; choose one by its number (source option)")]
    SourceNeeded {
        /// Source numbers.
        found: Vec<i32>,
    },
    /// A random-groups file whose polarisations do not make Stokes I.
    #[error(
        "the STOKES axis holds {found:?}; Stokes I (1), RR (-1), LL (-2), XX (-5) or YY (-6) is needed"
    )]
    NoStokesI {
        /// Values on the axis, as FITS numbers them.
        found: Vec<i64>,
    },
    /// A random-groups value that cannot be used.
    #[error("group {group}: {quantity} is {value}; {requirement}")]
    BadGroup {
        /// Group, from 0.
        group: u64,
        /// The random parameter.
        quantity: &'static str,
        /// Its value.
        value: f64,
        /// What is required.
        requirement: &'static str,
    },
    /// Averaging that would blur the edge of the field.
    #[error(
        "averaging would lower the amplitude of a source {field_radius_rad:e} rad from the phase centre by up to {loss:.4} (row {row}), above the limit of {limit}; average less, or allow more"
    )]
    Smearing {
        /// Largest relative amplitude loss.
        loss: f64,
        /// Largest loss allowed.
        limit: f64,
        /// Radius of the field, radians.
        field_radius_rad: f64,
        /// Averaged row where it is worst.
        row: usize,
    },
    /// Averaging over a column that the table lacks.
    #[error("the uv table has no {column} column, which averaging over {over} needs")]
    ColumnNeeded {
        /// The column.
        column: &'static str,
        /// What is averaged over.
        over: &'static str,
    },
    /// A file of no known format.
    #[error(
        "the file starts with {start:?}, which is none of the known formats: npz archive, FITS, or a text table of numbers"
    )]
    UnknownFormat {
        /// Its first bytes.
        start: String,
    },
}

impl Error {
    /// Wraps the error of a source of events.
    pub(crate) fn source(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Source {
            source: Box::new(source),
        }
    }

    /// Adds the file that was being read, unless a file is named already.
    pub(crate) fn reading(path: impl AsRef<Path>) -> impl FnOnce(Self) -> Self {
        move |source| match source {
            Self::Reading { .. } => source,
            source => Self::Reading {
                path: path.as_ref().to_path_buf(),
                source: Box::new(source),
            },
        }
    }

    /// Adds the file that was being written, unless a file is named already.
    pub(crate) fn writing(path: impl AsRef<Path>) -> impl FnOnce(Self) -> Self {
        move |source| match source {
            Self::Writing { .. } | Self::AlreadyExists { .. } => source,
            source => Self::Writing {
                path: path.as_ref().to_path_buf(),
                source: Box::new(source),
            },
        }
    }
}
