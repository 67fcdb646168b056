//! Eight real rows of even length at once, the rows being the lanes of vectors.

use num_complex::Complex;

use super::butterfly::Pair;
use super::plan::root;
use super::prefetch::prefetch;
use super::{Form, LaneFft, Lanes, LanesOperation};
use crate::aligned::AlignedVec;
use crate::transpose::{lanes_from_panel, panel_from_lanes};
use crate::{FftReal, PANEL_COLUMNS, Sign};

/// Rows that are transformed together.
const ROWS: usize = PANEL_COLUMNS;

/// Rows × columns of a piece of a panel.
const TILE: usize = ROWS * PANEL_COLUMNS;

/// Transforms of eight real rows of length n = 2m, as complex rows of length m:
/// of z_j = x_{2j} + i x_{2j+1} with the spectrum Z,
///
/// X_k = ½ (Z_k + Z*_{m−k}) − ½ i exp(−2πi k/n) (Z_k − Z*_{m−k}),  k = 0..=m,
///
/// and back, Z_k = (X_k + X*_{m−k}) + i exp(+2πi k/n) (X_k − X*_{m−k}), which
/// yields n·x.
#[derive(Debug)]
pub(crate) struct RealLines<T> {
    half: usize,
    fft: LaneFft<T>,
    /// −i exp(−2πi k/n) for k = 0..=m
    turns: Vec<[T; 2]>,
}

/// Memory for one block of rows.
#[derive(Debug)]
pub(crate) struct RealLinesScratch<T> {
    panel: AlignedVec<Complex<T>>,
    scratch: AlignedVec<Complex<T>>,
}

impl<T: FftReal> RealLines<T> {
    /// A plan for rows of `length` samples, if it is even and has no prime factor
    /// above 13.
    pub(crate) fn new(length: usize) -> Option<Self> {
        if !length.is_multiple_of(2) {
            return None;
        }
        let half = length / 2;
        let turn = |k| {
            let [re, im]: [T; 2] = root(k, length);
            [im, -re]
        };
        Some(Self {
            half,
            fft: LaneFft::new(half)?,
            turns: (0..=half).map(turn).collect(),
        })
    }

    pub(crate) fn scratch(&self) -> RealLinesScratch<T> {
        let zero = Complex::new(T::zero(), T::zero());
        RealLinesScratch {
            panel: AlignedVec::new(zero, self.half * ROWS),
            scratch: AlignedVec::new(zero, self.fft.scratch_len() + ROWS),
        }
    }

    /// The half spectra of up to eight rows, which `fill_row(row, samples)`
    /// writes. Spectrum columns are written to `tiles`, panel by panel, each with
    /// eight columns of these rows.
    pub(crate) fn forward(
        &self,
        rows: usize,
        fill_row: impl Fn(usize, &mut [T]),
        tiles: &mut [&mut [Complex<T>]],
        scratch: &mut RealLinesScratch<T>,
    ) {
        let RealLinesScratch { panel, scratch } = scratch;
        let samples = &mut scratch[..self.half * ROWS];
        let lines = bytemuck::cast_slice_mut::<_, T>(samples).chunks_exact_mut(2 * self.half);
        for (row, line) in lines.enumerate() {
            if row < rows {
                fill_row(row, line);
            } else {
                line.fill(T::zero());
            }
        }
        let mut rows = samples.chunks_exact(self.half);
        panel_from_lanes(&std::array::from_fn(|_| rows.next().unwrap_or(&[])), panel);
        let form = (Form::Interleaved, Form::Split);
        self.fft
            .process(panel, Sign::Negative, 0..self.half, form, scratch);
        T::untangle(Untangle {
            lines: self,
            spectrum: bytemuck::cast_slice(panel),
            tiles,
        });
    }

    /// Eight rows of n·x from their half spectra: `give_tile(panel, tile)` writes
    /// eight rows of a panel of the spectrum columns 0..`columns`, the others
    /// being zero, and `take_row(row, samples)` gets the first `rows` rows.
    pub(crate) fn inverse(
        &self,
        rows: usize,
        columns: usize,
        give_tile: impl Fn(usize, &mut [Complex<T>; TILE]),
        mut take_row: impl FnMut(usize, &[T]),
        scratch: &mut RealLinesScratch<T>,
    ) {
        let zero = Complex::new(T::zero(), T::zero());
        let RealLinesScratch { panel, scratch } = scratch;
        let spectrum = &mut scratch[..(self.half + 1) * ROWS];
        let mut tile = [zero; TILE];
        let (kept, dropped) = spectrum.split_at_mut(columns * ROWS);
        for (index, lanes) in kept.chunks_mut(TILE).enumerate() {
            give_tile(index, &mut tile);
            for (column, lanes) in lanes.chunks_exact_mut(ROWS).enumerate() {
                for (row, value) in lanes.iter_mut().enumerate() {
                    *value = tile[row * PANEL_COLUMNS + column];
                }
            }
        }
        dropped.fill(zero);
        // These two imaginary parts belong to no real row.
        let (first, last) = (0..ROWS, self.half * ROWS..(self.half + 1) * ROWS);
        for index in first.chain(last) {
            spectrum[index].im = T::zero();
        }
        T::tangle(Tangle {
            lines: self,
            spectrum: bytemuck::cast_slice(spectrum),
            panel: bytemuck::cast_slice_mut(panel),
        });
        let form = (Form::Split, Form::Interleaved);
        self.fft
            .process(panel, Sign::Positive, 0..self.half, form, scratch);
        let samples = &mut scratch[..self.half * ROWS];
        let mut parts = samples.chunks_exact_mut(self.half);
        let mut lanes = std::array::from_fn(|_| parts.next().unwrap_or(&mut []));
        lanes_from_panel(panel, &mut lanes);
        let lines = bytemuck::cast_slice::<_, T>(samples).chunks_exact(2 * self.half);
        for (row, line) in lines.enumerate().take(rows) {
            take_row(row, line);
        }
    }
}

/// X from Z, by tiles.
#[derive(Debug)]
pub struct Untangle<'a, 'b, T> {
    lines: &'a RealLines<T>,
    /// Z, in split form
    spectrum: &'a [T],
    tiles: &'a mut [&'b mut [Complex<T>]],
}

/// Tiles that are on their way from memory while one is written.
const TILES_AHEAD: usize = 4;

impl<T: FftReal> LanesOperation<T> for Untangle<'_, '_, T> {
    #[inline(always)]
    fn run<L: Lanes<Real = T>>(self, lanes: L) {
        let spectrum: &[Pair<L>] = bytemuck::cast_slice(self.spectrum);
        let pairs = ROWS / L::WIDTH;
        let half = self.lines.half;
        let weight = T::from_f64_rounded(0.5);
        let mut by_column = [Complex::new(T::zero(), T::zero()); TILE];
        for panel in 0..self.tiles.len() {
            if let Some(ahead) = self.tiles.get(panel + TILES_AHEAD) {
                prefetch(ahead);
            }
            let first = panel * PANEL_COLUMNS;
            let count = PANEL_COLUMNS.min(half + 1 - first);
            let tile: &mut [Pair<L>] = bytemuck::cast_slice_mut(&mut by_column);
            for k in first..first + count {
                let near = if k == half { 0 } else { k };
                let far = if k == 0 { 0 } else { half - k };
                let [re, im] = self.lines.turns[k];
                for pair in 0..pairs {
                    let value = combine(
                        lanes,
                        spectrum[near * pairs + pair],
                        spectrum[far * pairs + pair],
                        weight,
                        [weight * re, weight * im],
                    );
                    tile[(k - first) * pairs + pair] = lanes.interleave(value);
                }
            }
            for (row, to) in self.tiles[panel]
                .chunks_exact_mut(PANEL_COLUMNS)
                .enumerate()
            {
                for column in 0..PANEL_COLUMNS {
                    to[column] = by_column[column * ROWS + row];
                }
            }
        }
    }
}

/// Z from X.
#[derive(Debug)]
pub struct Tangle<'a, T> {
    lines: &'a RealLines<T>,
    /// X, interleaved
    spectrum: &'a [T],
    /// Z, in split form
    panel: &'a mut [T],
}

impl<T: FftReal> LanesOperation<T> for Tangle<'_, T> {
    #[inline(always)]
    fn run<L: Lanes<Real = T>>(self, lanes: L) {
        let spectrum: &[Pair<L>] = bytemuck::cast_slice(self.spectrum);
        let panel: &mut [Pair<L>] = bytemuck::cast_slice_mut(self.panel);
        let pairs = ROWS / L::WIDTH;
        let half = self.lines.half;
        for k in 0..half {
            let [re, im] = self.lines.turns[k];
            for pair in 0..pairs {
                panel[k * pairs + pair] = combine(
                    lanes,
                    lanes.deinterleave(spectrum[k * pairs + pair]),
                    lanes.deinterleave(spectrum[(half - k) * pairs + pair]),
                    T::one(),
                    [re, -im],
                );
            }
        }
    }
}

/// weight · (a + b*) + turn · (a − b*)
#[inline(always)]
fn combine<L: Lanes>(
    lanes: L,
    a: Pair<L>,
    b: Pair<L>,
    weight: L::Real,
    turn: [L::Real; 2],
) -> Pair<L> {
    let weight = lanes.splat(weight);
    let [re, im] = turn.map(|part| lanes.splat(part));
    let sum = [lanes.add(a[0], b[0]), lanes.sub(a[1], b[1])];
    let difference = [lanes.sub(a[0], b[0]), lanes.add(a[1], b[1])];
    let real = lanes.mul_add(difference[0], re, lanes.mul(weight, sum[0]));
    let imaginary = lanes.mul_add(difference[0], im, lanes.mul(weight, sum[1]));
    [
        lanes.neg_mul_add(difference[1], im, real),
        lanes.mul_add(difference[1], re, imaginary),
    ]
}
