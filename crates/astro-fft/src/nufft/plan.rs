//! What the plans have in common: the choice of a grid, checks, and the setups
//! made so far.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use astro_core::BadValue;
use ndarray::{ArrayView2, ArrayViewMut2, Axis};
use num_complex::Complex;
use rayon::prelude::*;

use super::grid::{Grid, floor};
use super::points::{Extent, Layout, NufftPoints};
use super::rows::RowTransform;
use super::setup::Setup;
use crate::error::{check_length, check_not_empty, check_row_range, check_shape};
use crate::{Error, FftReal, Result, Sign};

/// A plan for one shape, error and kind of rows; clones share everything.
pub(super) struct Plan<T: FftReal, R: RowTransform<T>> {
    shared: Arc<Shared<T, R>>,
}

impl<T: FftReal, R: RowTransform<T>> Clone for Plan<T, R> {
    fn clone(&self) -> Self {
        let shared = self.shared.clone();
        Self { shared }
    }
}

struct Shared<T: FftReal, R: RowTransform<T>> {
    shape: [usize; 2],
    rel_error: f64,
    /// Grids that reach the error; which is fastest depends on the points.
    grids: Vec<Arc<Grid>>,
    setups: Mutex<Vec<Arc<Setup<T, R>>>>,
    rows: Box<dyn Fn(usize, usize) -> Result<R> + Send + Sync>,
}

/// Half the spacing of numbers at one.
fn unit_roundoff<T: FftReal>() -> f64 {
    0.5 * T::epsilon().as_f64()
}

/// Samples beyond which the numbers of a transform may exceed the address space.
const LARGEST_SIZE: usize = isize::MAX as usize / 1024;

fn check_plan_shape(shape: [usize; 2]) -> Result<()> {
    let [rows, columns] = shape;
    for n in shape {
        check_not_empty("shape", n)?;
    }
    match rows.checked_mul(columns) {
        Some(size) if size <= LARGEST_SIZE => Ok(()),
        _ => Err(Error::TooLarge { rows, columns }),
    }
}

/// The smallest error that a plan of this shape accepts.
pub(super) fn smallest_error<T: FftReal>(shape: [usize; 2]) -> Result<f64> {
    check_plan_shape(shape)?;
    Ok(floor(shape, unit_roundoff::<T>()))
}

impl<T: FftReal, R: RowTransform<T>> Plan<T, R> {
    /// `rows` makes the row transform of a number of samples and a grid length.
    pub(super) fn new(
        shape: [usize; 2],
        rel_error: f64,
        rows: impl Fn(usize, usize) -> Result<R> + Send + Sync + 'static,
    ) -> Result<Self> {
        check_plan_shape(shape)?;
        let grids = Grid::candidates(shape, rel_error, unit_roundoff::<T>())?;
        Ok(Self {
            shared: Arc::new(Shared {
                shape,
                rel_error,
                grids: grids.into_iter().map(Arc::new).collect(),
                setups: Mutex::new(Vec::new()),
                rows: Box::new(rows),
            }),
        })
    }

    pub(super) fn shape(&self) -> [usize; 2] {
        self.shared.shape
    }

    pub(super) fn points(&self, row: &[f64], column: &[f64]) -> Result<NufftPoints> {
        let extent = Extent::new(row, column, R::FOLDED)?;
        let cost = |grid: &Grid| grid.cost(row.len(), extent.span(), R::FOLDED, size_of::<T>());
        let grid = self
            .shared
            .grids
            .iter()
            .min_by(|a, b| cost(a).total_cmp(&cost(b)))
            .expect("a plan without a grid is not made");
        let layout = Layout::new(grid.clone(), extent, row.len(), R::FOLDED);
        NufftPoints::new(row, column, layout)
    }

    pub(super) fn uniform_to_points(
        &self,
        f: ArrayView2<R::Sample>,
        points: &NufftPoints,
        conjugate: impl Fn(bool) -> bool + Sync,
        out: &mut [Complex<T>],
    ) -> Result<()> {
        let [rows, columns] = self.shape();
        check_shape("f", f.dim(), (rows, columns))?;
        let fill_row = |row: usize, samples: &mut [R::Sample]| {
            let given = f.index_axis(Axis(0), row);
            match given.as_slice() {
                Some(given) => samples.copy_from_slice(given),
                None => samples.iter_mut().zip(given).for_each(|(s, g)| *s = *g),
            }
        };
        self.uniform_to_points_rows(&(0..rows), &fill_row, points, conjugate, out)
    }

    pub(super) fn uniform_to_points_rows(
        &self,
        row_range: &Range<usize>,
        fill_row: &(dyn Fn(usize, &mut [R::Sample]) + Sync),
        points: &NufftPoints,
        conjugate: impl Fn(bool) -> bool + Sync,
        out: &mut [Complex<T>],
    ) -> Result<()> {
        check_row_range("row_range", row_range, self.shape()[0])?;
        check_length("out", out.len(), points.len())?;
        let setup = self.setup(points)?;
        setup.uniform_to_points(row_range, fill_row, points, conjugate, out)
    }

    pub(super) fn points_to_uniform(
        &self,
        values: &[Complex<T>],
        points: &NufftPoints,
        conjugate: impl Fn(bool) -> bool + Sync,
        mut out: ArrayViewMut2<R::Sample>,
    ) -> Result<()> {
        let [rows, columns] = self.shape();
        check_shape("out", out.dim(), (rows, columns))?;
        check_length("values", values.len(), points.len())?;
        let bad = values
            .par_iter()
            .position_first(|c| !(c.re.is_finite() && c.im.is_finite()));
        if let Some(index) = bad {
            let value = values[index];
            let part = if value.re.is_finite() {
                value.im
            } else {
                value.re
            };
            return Err(Error::BadValue(BadValue {
                quantity: "values",
                index,
                value: part.as_f64(),
                requirement: "it must be finite: give a flagged point the value 0",
            }));
        }
        let setup = self.setup(points)?;
        if let Some(samples) = out.as_slice_mut() {
            return setup.points_to_uniform(values, points, conjugate, samples);
        }
        let mut samples = vec![R::Sample::default(); rows * columns];
        setup.points_to_uniform(values, points, conjugate, &mut samples)?;
        for (place, sample) in out.iter_mut().zip(samples) {
            *place = sample;
        }
        Ok(())
    }

    /// Bytes of a type 2 transform besides its arguments.
    pub(super) fn memory_bytes(&self, points: &NufftPoints) -> Result<usize> {
        let setup = self.setup(points)?;
        let chunk = points.chunk_points().min(points.len());
        let each = setup.window_bytes(points) + chunk * size_of::<Complex<T>>();
        let rows = setup.intermediate_len(points) * size_of::<Complex<T>>();
        Ok(rows + rayon::current_num_threads() * each)
    }

    /// The setup of the points' grid, made at its first use.
    fn setup(&self, points: &NufftPoints) -> Result<Arc<Setup<T, R>>> {
        let shared = &*self.shared;
        let grid = &points.layout.grid;
        let known = shared
            .grids
            .iter()
            .any(|g| Arc::ptr_eq(g, grid) || g == grid);
        if !known || points.layout.folded != R::FOLDED {
            return Err(Error::OtherPlan {
                found: grid.shape(),
                required: shared.shape,
            });
        }
        let mut setups = shared.setups.lock().unwrap_or_else(PoisonError::into_inner);
        let made = setups.iter().find(|setup| setup.grid == *grid);
        if let Some(setup) = made {
            return Ok(setup.clone());
        }
        let rows = (shared.rows)(grid.shape()[1], grid.lengths()[1])?;
        let setup = Arc::new(Setup::new(grid.clone(), rows)?);
        setups.push(setup.clone());
        Ok(setup)
    }

    pub(super) fn debug(
        &self,
        name: &str,
        sign: Sign,
        formatter: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        formatter
            .debug_struct(name)
            .field("precision", &T::NAME)
            .field("shape", &self.shared.shape)
            .field("sign", &sign)
            .field("rel_error", &self.shared.rel_error)
            .finish()
    }
}
