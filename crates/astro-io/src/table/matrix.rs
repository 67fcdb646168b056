//! Matrices larger than memory, written row by row.

use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Table, npz_table, write_extension};
use crate::fits::writer::{Cards, Sum, padding, sealed};
use crate::npy::{array_header, write_npy_to};
use crate::{AtomicFile, Error, FitsSamples, FitsValue, IfExists, Result};

/// What a matrix is, before its first row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatrixLayout {
    /// Its name: that of the npz array, in lower case.
    pub name: String,
    /// Unit of its numbers; empty for none.
    pub unit: String,
    /// Number of rows.
    pub rows: usize,
    /// Numbers in a row.
    pub columns: usize,
    /// How numbers are stored.
    pub samples: FitsSamples,
}

/// Formats of matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatrixFormat {
    /// The primary image of a FITS file, its first axis along rows, with CHECKSUM and DATASUM.
    Fits,
    /// An array `[rows, columns]` of an npz archive.
    Npz,
}

/// A matrix that is written as its rows are made, with tables that say what rows and columns are.
///
/// ```
/// use astro_io::{IfExists, MatrixFormat, MatrixLayout, MatrixWriter, Table, read_npz};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("dynamic.npz");
/// let layout = MatrixLayout { name: "POWER".into(), rows: 2, columns: 3, ..Default::default() };
/// let mut writer = MatrixWriter::create(&path, MatrixFormat::Npz, layout, &Table::new(""), IfExists::Refuse)?;
/// writer.row(&[1.0, 2.0, 3.0])?;
/// writer.row(&[4.0, 5.0, 6.0])?;
/// writer.finish(&[Table::new("TIME").column("TIME", "s", vec![0.5, 1.5])])?;
/// let arrays = read_npz(&path)?;
/// assert_eq!(arrays["power"].shape(), [2, 3]);
/// assert_eq!(arrays["time"].shape(), [2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MatrixWriter {
    path: PathBuf,
    layout: MatrixLayout,
    sink: Sink,
    written: usize,
    buffer: Vec<u8>,
}

#[derive(Debug)]
enum Sink {
    Fits {
        file: AtomicFile,
        cards: Cards,
        sum: Sum,
    },
    Npz(Box<ZipWriter<AtomicFile>>),
}

impl MatrixWriter {
    /// Begins a file; `keywords` are those of a table without columns, which npz does not keep.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`], [`Error::Writing`], [`Error::KeywordName`].
    pub fn create(
        path: impl AsRef<Path>,
        format: MatrixFormat,
        layout: MatrixLayout,
        keywords: &Table<'_>,
        if_exists: IfExists,
    ) -> Result<Self> {
        let path = path.as_ref();
        keywords.rows()?;
        let mut file = AtomicFile::create(path, if_exists)?;
        let begin = || -> Result<Sink> {
            Ok(match format {
                MatrixFormat::Fits => {
                    let cards = image_cards(&layout, keywords);
                    // Written again when the sum of the data is known.
                    file.write_all(&sealed(cards.clone(), Sum::default()))?;
                    let sum = Sum::default();
                    Sink::Fits { file, cards, sum }
                }
                MatrixFormat::Npz => {
                    let mut archive = ZipWriter::new(file);
                    let name = layout.name.to_ascii_lowercase();
                    archive.start_file(format!("{name}.npy"), stored(true))?;
                    let descr = match layout.samples {
                        FitsSamples::F32 => "<f4",
                        FitsSamples::F64 => "<f8",
                    };
                    archive.write_all(&array_header(descr, &[layout.rows, layout.columns]))?;
                    Sink::Npz(Box::new(archive))
                }
            })
        };
        Ok(Self {
            sink: begin().map_err(Error::writing(path))?,
            path: path.to_owned(),
            layout,
            written: 0,
            buffer: Vec::new(),
        })
    }

    /// The next row.
    ///
    /// # Errors
    /// [`Error::MatrixRow`] for another length or one row too many; [`Error::Writing`].
    pub fn row(&mut self, values: &[f64]) -> Result<()> {
        if values.len() != self.layout.columns || self.written >= self.layout.rows {
            return Err(self.wrong(values.len()));
        }
        self.buffer.clear();
        let single = self.layout.samples == FitsSamples::F32;
        let result = match &mut self.sink {
            Sink::Fits { file, sum, .. } => {
                for &value in values {
                    if single {
                        self.buffer.extend((value as f32).to_be_bytes());
                    } else {
                        self.buffer.extend(value.to_be_bytes());
                    }
                }
                sum.add(&self.buffer);
                file.write_all(&self.buffer)
            }
            Sink::Npz(archive) => {
                for &value in values {
                    if single {
                        self.buffer.extend((value as f32).to_le_bytes());
                    } else {
                        self.buffer.extend(value.to_le_bytes());
                    }
                }
                archive.write_all(&self.buffer)
            }
        };
        self.written += 1;
        result.map_err(|error| Error::writing(&self.path)(error.into()))
    }

    /// Ends the file with tables, extensions or arrays of the names of their columns in lower case, and
    /// gives it its name.
    ///
    /// # Errors
    /// [`Error::MatrixRow`] if rows are missing, those of a table, and [`Error::Writing`].
    pub fn finish(self, tables: &[Table<'_>]) -> Result<()> {
        if self.written != self.layout.rows {
            return Err(self.wrong(self.layout.columns));
        }
        for table in tables {
            table.rows()?;
        }
        let width = match self.layout.samples {
            FitsSamples::F32 => 4,
            FitsSamples::F64 => 8,
        };
        let bytes = (self.layout.rows * self.layout.columns) as u64 * width;
        let end = || -> Result<AtomicFile> {
            match self.sink {
                Sink::Fits {
                    mut file,
                    cards,
                    sum,
                } => {
                    file.write_all(&padding(bytes))?;
                    file.seek(SeekFrom::Start(0))?;
                    file.write_all(&sealed(cards, sum))?;
                    file.seek(SeekFrom::End(0))?;
                    for table in tables {
                        write_extension(&mut file, table)?;
                    }
                    Ok(file)
                }
                Sink::Npz(mut archive) => {
                    for table in tables {
                        for (name, array) in npz_table::arrays(table)? {
                            let name = name.to_ascii_lowercase();
                            archive.start_file(format!("{name}.npy"), stored(false))?;
                            write_npy_to(&mut archive, &array)?;
                        }
                    }
                    Ok(archive.finish()?)
                }
            }
        };
        end().map_err(Error::writing(&self.path))?.commit()
    }

    fn wrong(&self, found: usize) -> Error {
        Error::MatrixRow {
            row: self.written,
            rows: self.layout.rows,
            found,
            expected: self.layout.columns,
        }
    }
}

fn stored(large: bool) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .large_file(large)
}

fn image_cards(layout: &MatrixLayout, keywords: &Table<'_>) -> Cards {
    let mut cards = Cards::default();
    cards.logical("SIMPLE", true, "conforms to FITS standard 4.0");
    let bits = match layout.samples {
        FitsSamples::F32 => -32,
        FitsSamples::F64 => -64,
    };
    cards.integer("BITPIX", bits, "IEEE floating point");
    cards.integer("NAXIS", 2, "number of axes");
    cards.integer("NAXIS1", layout.columns as i64, "");
    cards.integer("NAXIS2", layout.rows as i64, "");
    cards.logical("EXTEND", true, "extensions follow");
    cards.text("ORIGIN", "astro-io", "");
    if !layout.unit.is_empty() {
        cards.value("BUNIT", &FitsValue::from(layout.unit.as_str()), "");
    }
    for keyword in &keywords.keywords {
        cards.value(&keyword.name, &keyword.value, &keyword.comment);
    }
    cards
}
