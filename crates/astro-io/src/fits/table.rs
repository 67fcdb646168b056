//! Binary tables small enough to be held in memory, such as those that go with UVFITS.

use std::io::{Read, Seek, SeekFrom};

use super::{Column, TableLayout, Unit, Units};
use crate::Result;
use crate::bounded::read_bytes;
use crate::store::Store;

/// A binary table held in memory.
#[derive(Debug)]
pub(crate) struct SmallTable {
    layout: TableLayout,
    bytes: Vec<u8>,
}

impl SmallTable {
    /// Reads the rows of a BINTABLE unit (its heap is left).
    pub(crate) fn read<R: Read + Seek>(units: &mut Units<R>, unit: &Unit) -> Result<Self> {
        Self::read_rows(units, unit)
    }

    /// As [`SmallTable::read`] for any unit of a store.
    pub(crate) fn read_at(store: &Store, unit: &Unit) -> Result<Self> {
        let mut reader = store.reader();
        reader.seek(SeekFrom::Start(unit.data_offset))?;
        Self::read_rows(&mut reader, unit)
    }

    fn read_rows(reader: &mut impl Read, unit: &Unit) -> Result<Self> {
        let layout = TableLayout::new(unit)?;
        // Their product has been checked against overflow as part of the size of the unit.
        let length = layout.row_bytes as u64 * layout.rows;
        let bytes = read_bytes(reader, "FITS table", unit.data_offset, length)?;
        Ok(Self { layout, bytes })
    }

    pub(crate) fn layout(&self) -> &TableLayout {
        &self.layout
    }

    /// The numbers of a column, one list a row; `None` where there is none of this name.
    pub(crate) fn numbers(&self, name: &str) -> Option<Vec<Vec<f64>>> {
        let column = self.layout.find(name)?;
        column.number?;
        let elements: Vec<Vec<f64>> = (0..column.repeat)
            .map(|i| self.element(column, i))
            .collect();
        let rows = self.rows();
        let row = |row: usize| elements.iter().map(|values| values[row]).collect();
        Some((0..rows).map(row).collect())
    }

    /// The first element of each cell of a column that must be there.
    pub(crate) fn column(&self, name: &str) -> Result<Vec<f64>> {
        Ok(self.element(self.layout.numbers(name)?, 0))
    }

    /// The bytes of each cell of a column whose cells take `width` bytes.
    pub(crate) fn cells(&self, column: &Column, width: usize) -> impl Iterator<Item = &[u8]> {
        let offset = column.offset;
        let rows = self.bytes.chunks_exact(self.layout.row_bytes.max(1));
        rows.map(move |row| &row[offset..offset + width])
    }

    fn element(&self, column: &Column, element: usize) -> Vec<f64> {
        let mut values = Vec::new();
        if self.layout.row_bytes > 0 {
            column.read_element(
                element,
                &self.bytes,
                self.layout.row_bytes,
                |x| x,
                &mut values,
            );
        }
        values
    }

    fn rows(&self) -> usize {
        self.bytes
            .len()
            .checked_div(self.layout.row_bytes)
            .unwrap_or(0)
    }
}
