//! The row pass of a real image: blocks of eight rows to and from panels.

use num_complex::Complex;

use crate::kernel::{RealLines, RealLinesScratch};
use crate::{FftReal, PANEL_COLUMNS, RealFft1, Result};

/// Rows that are transformed together.
pub(crate) const BLOCK_ROWS: usize = PANEL_COLUMNS;

/// Eight rows of a panel.
type Tile<T> = [Complex<T>; BLOCK_ROWS * PANEL_COLUMNS];

/// Transforms of a block of real rows.
#[derive(Debug)]
pub(crate) enum RowFft<T: FftReal> {
    /// Eight rows as lanes.
    Lanes(RealLines<T>),
    /// Row by row: odd lengths and large prime factors.
    Lines(RealFft1<T>),
}

/// Memory for one block.
#[derive(Debug)]
pub(crate) enum RowScratch<T: FftReal> {
    Lanes(RealLinesScratch<T>),
    Lines {
        samples: Vec<T>,
        /// Half spectra of the rows of a block, each padded to whole panels
        spectra: Vec<Complex<T>>,
        scratch: Vec<Complex<T>>,
    },
}

impl<T: FftReal> RowFft<T> {
    pub(crate) fn new(length: usize) -> Result<Self> {
        Ok(match RealLines::new(length) {
            Some(lines) => Self::Lanes(lines),
            None => Self::Lines(RealFft1::new(length)?),
        })
    }

    pub(crate) fn scratch(&self) -> RowScratch<T> {
        let zero = Complex::new(T::zero(), T::zero());
        match self {
            Self::Lanes(lines) => RowScratch::Lanes(lines.scratch()),
            Self::Lines(fft) => RowScratch::Lines {
                samples: vec![T::zero(); fft.length()],
                spectra: vec![zero; BLOCK_ROWS * padded(fft)],
                scratch: vec![zero; fft.scratch_len()],
            },
        }
    }

    /// The half spectra of `rows` <= 8 rows, written by `fill_row(row, samples)`,
    /// to `tiles`: from each panel of eight columns, these rows.
    pub(crate) fn forward(
        &self,
        rows: usize,
        fill_row: impl Fn(usize, &mut [T]),
        tiles: &mut [&mut [Complex<T>]],
        scratch: &mut RowScratch<T>,
    ) {
        match (self, scratch) {
            (Self::Lanes(lines), RowScratch::Lanes(scratch)) => {
                lines.forward(rows, fill_row, tiles, scratch);
            }
            (
                Self::Lines(fft),
                RowScratch::Lines {
                    samples,
                    spectra,
                    scratch,
                },
            ) => {
                let padded = padded(fft);
                for (row, spectrum) in spectra.chunks_exact_mut(padded).enumerate().take(rows) {
                    fill_row(row, samples);
                    fft.forward_with_scratch(samples, &mut spectrum[..fft.spectrum_len()], scratch)
                        .expect("the scratch is of this plan");
                }
                for (panel, tile) in tiles.iter_mut().enumerate() {
                    let spectra = spectra.chunks_exact(padded);
                    for (to, from) in tile.chunks_exact_mut(PANEL_COLUMNS).zip(spectra) {
                        to.copy_from_slice(&from[panel * PANEL_COLUMNS..][..PANEL_COLUMNS]);
                    }
                }
            }
            _ => unreachable!("the scratch is of this plan"),
        }
    }

    /// `rows` <= 8 real rows, taken by `take_row(row, samples)`, from the columns
    /// 0..`columns` of their half spectra, asked for panel by panel.
    pub(crate) fn inverse(
        &self,
        rows: usize,
        columns: usize,
        give_tile: impl Fn(usize, &mut Tile<T>),
        mut take_row: impl FnMut(usize, &[T]),
        scratch: &mut RowScratch<T>,
    ) {
        match (self, scratch) {
            (Self::Lanes(lines), RowScratch::Lanes(scratch)) => {
                lines.inverse(rows, columns, give_tile, take_row, scratch);
            }
            (
                Self::Lines(fft),
                RowScratch::Lines {
                    samples,
                    spectra,
                    scratch,
                },
            ) => {
                let zero = Complex::new(T::zero(), T::zero());
                let padded = padded(fft);
                let mut tile = [zero; BLOCK_ROWS * PANEL_COLUMNS];
                for panel in 0..columns.div_ceil(PANEL_COLUMNS) {
                    give_tile(panel, &mut tile);
                    let spectra = spectra.chunks_exact_mut(padded);
                    for (to, from) in spectra.zip(tile.chunks_exact(PANEL_COLUMNS)) {
                        to[panel * PANEL_COLUMNS..][..PANEL_COLUMNS].copy_from_slice(from);
                    }
                }
                for (row, spectrum) in spectra.chunks_exact_mut(padded).enumerate().take(rows) {
                    spectrum[columns..].fill(zero);
                    fft.inverse_with_scratch(&mut spectrum[..fft.spectrum_len()], samples, scratch)
                        .expect("the scratch is of this plan");
                    take_row(row, samples);
                }
            }
            _ => unreachable!("the scratch is of this plan"),
        }
    }
}

/// Columns of the half spectrum, rounded up to whole panels.
fn padded<T: FftReal>(fft: &RealFft1<T>) -> usize {
    fft.spectrum_len().next_multiple_of(PANEL_COLUMNS)
}
