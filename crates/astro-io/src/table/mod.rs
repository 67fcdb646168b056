//! Tables of results, written as FITS, ECSV or npz.

mod ecsv;
mod fits_table;
mod matrix;
mod npz_table;
mod read;

use std::borrow::Cow;

use astro_core::TimeReference;
use num_complex::Complex64;

pub use ecsv::write_ecsv;
pub use fits_table::write_fits_tables;
pub(crate) use fits_table::{extension_cards, write_extension, write_primary};
pub use matrix::{MatrixFormat, MatrixLayout, MatrixWriter};
pub use npz_table::write_table_npz;
pub use read::{read_tables, read_tables_from_bytes};

use crate::fits::FitsValue;
use crate::{Error, Result};

/// Named columns of equal length with units, and keywords: what a result is written from.
///
/// ```
/// use astro_io::{IfExists, Table, write_ecsv, write_fits_tables};
/// # let folder = tempfile::tempdir()?;
/// let table = Table::new("POWER")
///     .column("FREQUENCY", "Hz", vec![0.5, 1.0])
///     .column("POWER", "", &[2.1, 1.9][..])
///     .keyword("NORM", "leahy", "normalisation")
///     .keyword("SEGMENTS", 38, "averaged");
/// write_fits_tables(folder.path().join("power.fits"), &[table.clone()], IfExists::Refuse)?;
/// write_ecsv(folder.path().join("power.ecsv"), &table, IfExists::Refuse)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table<'a> {
    pub(crate) name: String,
    pub(crate) columns: Vec<TableColumn<'a>>,
    pub(crate) keywords: Vec<TableKeyword>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TableColumn<'a> {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) cells: Cells<'a>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TableKeyword {
    pub(crate) name: String,
    pub(crate) value: FitsValue,
    pub(crate) comment: String,
}

macro_rules! cells {
    ($($variant:ident($type:ty) = $doc:literal),* $(,)?) => {
        /// The cells of one column.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Cells<'a> {
            $(#[doc = $doc] $variant(Cow<'a, [$type]>),)*
        }

        impl Cells<'_> {
            /// Number of cells.
            #[must_use]
            pub fn len(&self) -> usize {
                match self { $(Self::$variant(cells) => cells.len(),)* }
            }

            /// Whether there is no cell.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }
        }

        $(
            impl From<Vec<$type>> for Cells<'_> {
                fn from(cells: Vec<$type>) -> Self {
                    Self::$variant(Cow::Owned(cells))
                }
            }

            impl<'a> From<&'a [$type]> for Cells<'a> {
                fn from(cells: &'a [$type]) -> Self {
                    Self::$variant(Cow::Borrowed(cells))
                }
            }

            impl<'a> From<&'a Vec<$type>> for Cells<'a> {
                fn from(cells: &'a Vec<$type>) -> Self {
                    Self::$variant(Cow::Borrowed(cells))
                }
            }
        )*
    };
}

cells! {
    F64(f64) = "64-bit floating point.",
    F32(f32) = "32-bit floating point.",
    I64(i64) = "64-bit whole numbers.",
    I32(i32) = "32-bit whole numbers.",
    I16(i16) = "16-bit whole numbers.",
    Complex(Complex64) = "Complex numbers of two 64-bit parts.",
    Text(String) = "Text; what is not printable ASCII becomes `?` in FITS.",
}

macro_rules! values {
    ($($type:ty => $convert:expr),* $(,)?) => {$(
        impl From<$type> for FitsValue {
            fn from(value: $type) -> Self {
                $convert(value)
            }
        }
    )*};
}

values! {
    bool => FitsValue::Logical,
    i64 => FitsValue::Integer,
    i32 => |value: i32| FitsValue::Integer(value.into()),
    f64 => FitsValue::Float,
    &str => |value: &str| FitsValue::Text(value.to_owned()),
    String => FitsValue::Text,
}

impl<'a> Table<'a> {
    /// A table without columns, by the name that its FITS extension gets.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// One column more; an empty unit is none.
    #[must_use]
    pub fn column(mut self, name: &str, unit: &str, cells: impl Into<Cells<'a>>) -> Self {
        self.columns.push(TableColumn {
            name: name.to_owned(),
            unit: unit.to_owned(),
            cells: cells.into(),
        });
        self
    }

    /// One keyword more: at most eight of `A-Z`, `0-9`, `-` and `_`, as FITS wants.
    #[must_use]
    pub fn keyword(mut self, name: &str, value: impl Into<FitsValue>, comment: &str) -> Self {
        self.keywords.push(TableKeyword {
            name: name.to_owned(),
            value: value.into(),
            comment: comment.to_owned(),
        });
        self
    }

    /// The keywords of what a time column counts from: MJDREFI, MJDREFF, TIMESYS, TIMEREF, TIMEUNIT.
    #[must_use]
    pub fn time_reference(mut self, reference: &TimeReference) -> Self {
        for (keyword, value, comment) in crate::events::time_keywords(reference) {
            self = self.keyword(keyword, value, comment);
        }
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of its columns in order.
    pub fn column_names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The unit of a column, whatever the case of its name; `None` where there is none.
    #[must_use]
    pub fn unit(&self, column: &str) -> Option<&str> {
        let found = self.find(column).map(|found| found.unit.as_str());
        found.filter(|unit| !unit.is_empty())
    }

    /// The cells of a column, whatever the case of its name.
    #[must_use]
    pub fn cells(&self, column: &str) -> Option<&Cells<'a>> {
        self.find(column).map(|found| &found.cells)
    }

    /// The real numbers of a column, whatever the case of its name; `None` for one that is not
    /// there, of complex numbers or of text.
    #[must_use]
    pub fn numbers(&self, column: &str) -> Option<Vec<f64>> {
        Some(match self.cells(column)? {
            Cells::F64(cells) => cells.to_vec(),
            Cells::F32(cells) => cells.iter().map(|&value| f64::from(value)).collect(),
            Cells::I64(cells) => cells.iter().map(|&value| value as f64).collect(),
            Cells::I32(cells) => cells.iter().map(|&value| f64::from(value)).collect(),
            Cells::I16(cells) => cells.iter().map(|&value| f64::from(value)).collect(),
            Cells::Complex(_) | Cells::Text(_) => return None,
        })
    }

    /// The value of a keyword, whatever its case.
    #[must_use]
    pub fn value(&self, keyword: &str) -> Option<&FitsValue> {
        let mut keywords = self.keywords.iter().rev();
        let found = keywords.find(|one| one.name.eq_ignore_ascii_case(keyword));
        found.map(|one| &one.value)
    }

    /// The number that a keyword has.
    #[must_use]
    pub fn number(&self, keyword: &str) -> Option<f64> {
        match self.value(keyword)? {
            FitsValue::Integer(value) => Some(*value as f64),
            FitsValue::Float(value) => Some(*value),
            FitsValue::Logical(_) | FitsValue::Text(_) => None,
        }
    }

    /// The text that a keyword has.
    #[must_use]
    pub fn text(&self, keyword: &str) -> Option<&str> {
        match self.value(keyword)? {
            FitsValue::Text(text) => Some(text),
            _ => None,
        }
    }

    fn find(&self, column: &str) -> Option<&TableColumn<'a>> {
        let mut columns = self.columns.iter();
        columns.find(|one| one.name.eq_ignore_ascii_case(column))
    }

    /// Number of rows, after a check that every column has them.
    pub(crate) fn rows(&self) -> Result<usize> {
        let rows = self.columns.first().map_or(0, |column| column.cells.len());
        for column in &self.columns {
            if column.cells.len() != rows {
                return Err(Error::ColumnLength {
                    name: column.name.clone(),
                    found: column.cells.len(),
                    expected: rows,
                });
            }
        }
        let good = |name: &str| {
            let letter = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b"-_".contains(&b);
            (1..=8).contains(&name.len()) && name.bytes().all(letter)
        };
        match self.keywords.iter().find(|keyword| !good(&keyword.name)) {
            None => Ok(rows),
            Some(bad) => Err(Error::KeywordName {
                name: bad.name.clone(),
            }),
        }
    }
}
