//! Real rows to a half-plane and back, on the device.

use astro_gpu::shaders::{Precision, UntangleParams, kernels};
use astro_gpu::{CommandList, Dispatch, Gpu, Groups, Reals};

use super::check_countable;
use super::lines::{LineFft, Lines, roots_of_unity};
use crate::error::check_not_empty;
use crate::{Error, Result, Sign};

/// What a [`GpuHalfPlane`] transforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HalfPlaneShape {
    /// Samples of a row.
    pub length: usize,
    /// Rows of the transform.
    pub rows: usize,
    /// Rows that hold anything; the others are zero and never stored.
    pub filled: usize,
    /// The stored row that is row 0 of the transform: stored row s is row `(s − first) mod rows`.
    pub first: usize,
    /// Columns of the half-plane, at most `length/2 + 1`: the others are not computed.
    pub keep: usize,
    /// Whether columns are transformed too, or every row by itself.
    pub columns: bool,
}

/// Transform of real rows, and its transpose, between buffers of the device.
///
/// The half-plane is `[rows][keep]` complex numbers. Rows go in as `[filled][length]` real numbers for an
/// even length; for an odd one every number is followed by a zero ([`GpuHalfPlane::spacing`]).
#[derive(Debug)]
pub struct GpuHalfPlane {
    shape: HalfPlaneShape,
    precision: Precision,
    row_fft: LineFft,
    column_fft: Option<LineFft>,
    roots: Reals,
    rows: [Reals; 2],
    planes: [Reals; 2],
}

impl GpuHalfPlane {
    /// Plans, with memory for rows and half-plane, twice each.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::KeepColumns`], [`Error::TooLarge`], and what the device refuses.
    pub fn new(gpu: &Gpu, precision: Precision, shape: HalfPlaneShape) -> Result<Self> {
        check_not_empty("length", shape.length)?;
        check_not_empty("rows", shape.rows)?;
        check_not_empty("filled rows", shape.filled.min(shape.rows))?;
        let available = shape.length / 2 + 1;
        if !(1..=available).contains(&shape.keep) {
            return Err(Error::KeepColumns {
                found: shape.keep,
                available,
            });
        }
        check_countable(shape.rows, 2 * shape.length)?;
        let width = if shape.length.is_multiple_of(2) {
            shape.length / 2
        } else {
            shape.length
        };
        let complex = |label, count: usize| -> Result<Reals> {
            gpu.check_binding(label, (2 * count * precision.bytes()) as u64)?;
            Ok(gpu.reals(label, 2 * count, precision)?)
        };
        let column_fft = match shape.columns {
            true => Some(LineFft::new(
                gpu,
                precision,
                shape.rows,
                Lines::columns(shape.rows, shape.keep, 1),
            )?),
            false => None,
        };
        let (in_rows, in_plane) = (shape.filled * width, shape.rows * shape.keep);
        Ok(Self {
            shape,
            precision,
            row_fft: LineFft::new(gpu, precision, width, Lines::rows(shape.filled, width))?,
            column_fft,
            roots: gpu.reals_of("roots of unity", &roots_of_unity(shape.length), precision)?,
            rows: [complex("rows", in_rows)?, complex("rows", in_rows)?],
            planes: [
                complex("half-plane", in_plane)?,
                complex("half-plane", in_plane)?,
            ],
        })
    }

    /// What it transforms.
    #[must_use]
    pub fn shape(&self) -> HalfPlaneShape {
        self.shape
    }

    /// Real numbers from one sample of a row to the next: 1, or 2 for an odd length.
    #[must_use]
    pub fn spacing(&self) -> usize {
        if self.shape.length.is_multiple_of(2) {
            1
        } else {
            2
        }
    }

    /// Where rows go before [`Self::record_forward`].
    #[must_use]
    pub fn rows_in(&self) -> &Reals {
        &self.rows[0]
    }

    /// Where the half-plane is after [`Self::record_forward`].
    #[must_use]
    pub fn plane_out(&self) -> &Reals {
        &self.planes[usize::from(self.column_fft.as_ref().is_some_and(LineFft::swaps))]
    }

    /// Where a half-plane goes before [`Self::record_transpose`].
    #[must_use]
    pub fn plane_in(&self) -> &Reals {
        &self.planes[0]
    }

    /// Where rows are after [`Self::record_transpose`].
    #[must_use]
    pub fn rows_out(&self) -> &Reals {
        &self.rows[usize::from(self.row_fft.swaps())]
    }

    /// Bytes of the device that it holds.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let reals = self
            .rows
            .iter()
            .chain(&self.planes)
            .map(Reals::len)
            .sum::<usize>();
        (reals + 2 * self.shape.length) * self.precision.bytes()
    }

    /// The half-plane of the rows.
    pub fn record_forward(&self, list: &mut CommandList<'_>, sign: Sign) {
        let swapped = self
            .row_fft
            .record(list, &self.rows[0], &self.rows[1], sign);
        let rows = &self.rows[usize::from(swapped)];
        let groups = Groups::for_rows(self.shape.rows, self.shape.keep);
        self.untangle(list, rows, &self.planes[0], groups, false, sign);
        if let Some(fft) = &self.column_fft {
            fft.record(list, &self.planes[0], &self.planes[1], sign);
        }
    }

    /// The rows of which the half-plane is the spectrum, times their number of samples: the inverse.
    ///
    /// Columns that are not kept count as zero; imaginary parts that a real image has not are dropped.
    pub fn record_transpose(&self, list: &mut CommandList<'_>, sign: Sign) {
        let swapped = self
            .column_fft
            .as_ref()
            .is_some_and(|fft| fft.record(list, &self.planes[0], &self.planes[1], sign));
        let width = self.rows[0].len() / (2 * self.shape.filled);
        self.untangle(
            list,
            &self.planes[usize::from(swapped)],
            &self.rows[0],
            Groups::for_rows(self.shape.filled, width),
            true,
            sign,
        );
        self.row_fft
            .record(list, &self.rows[0], &self.rows[1], sign);
    }

    fn untangle(
        &self,
        list: &mut CommandList<'_>,
        from: &Reals,
        to: &Reals,
        groups: Groups,
        backward: bool,
        sign: Sign,
    ) {
        let params = UntangleParams {
            length: self.shape.length as u32,
            keep: self.shape.keep as u32,
            rows: self.shape.rows as u32,
            filled: self.shape.filled as u32,
            first: self.shape.first as u32,
            backward: u32::from(backward),
            positive: u32::from(sign == Sign::Positive),
        };
        let dispatch = Dispatch::new(&kernels::UNTANGLE, self.precision, &params)
            .bind(self.roots.all())
            .bind(from.all())
            .bind(to.all());
        list.dispatch(dispatch, groups);
    }
}
