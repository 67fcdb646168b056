//! Images as a source of rows, so that a swept profile or an image under a
//! primary beam is drawn into the transform and never stored.

use std::ops::Range;

use astro_core::Real;
use ndarray::ArrayView2;

use crate::primary_beam::BeamRows;
use crate::radial::{SweptProfile, SweptSlope};

/// Anything that can write one row of an image.
pub(crate) trait ImageRows<T>: Sync {
    /// Rows that may differ from zero.
    fn row_range(&self) -> Range<usize>;
    /// Writes row `i`, Jy/pixel.
    fn fill_row(&self, i: usize, row: &mut [T]);
}

impl<T: Real> ImageRows<T> for ArrayView2<'_, T> {
    fn row_range(&self) -> Range<usize> {
        0..self.nrows()
    }

    fn fill_row(&self, i: usize, row: &mut [T]) {
        match self.row(i).as_slice() {
            Some(pixels) => row.copy_from_slice(pixels),
            None => row
                .iter_mut()
                .zip(self.row(i))
                .for_each(|(to, &from)| *to = from),
        }
    }
}

impl<T: Real> ImageRows<T> for SweptProfile<'_, T> {
    fn row_range(&self) -> Range<usize> {
        SweptProfile::row_range(self)
    }

    fn fill_row(&self, i: usize, row: &mut [T]) {
        SweptProfile::fill_row(self, i, row);
    }
}

impl<T: Real> ImageRows<T> for SweptSlope<'_, T> {
    fn row_range(&self) -> Range<usize> {
        SweptSlope::row_range(self)
    }

    fn fill_row(&self, i: usize, row: &mut [T]) {
        SweptSlope::fill_row(self, i, row);
    }
}

/// An image times a number that depends on the pixel: a beam, its slope, a coordinate.
pub(crate) struct WeightedRows<'a, T, F> {
    pub(crate) image: &'a dyn ImageRows<T>,
    /// From row and column to the factor.
    pub(crate) weight: F,
}

impl<T: Real, F: Fn(usize, usize) -> f64 + Sync> ImageRows<T> for WeightedRows<'_, T, F> {
    fn row_range(&self) -> Range<usize> {
        self.image.row_range()
    }

    fn fill_row(&self, i: usize, row: &mut [T]) {
        self.image.fill_row(i, row);
        for (j, pixel) in row.iter_mut().enumerate() {
            *pixel = T::from_f64_rounded(pixel.as_f64() * (self.weight)(i, j));
        }
    }
}

/// The image as the antennas see it.
pub(crate) fn attenuated<'a, T: Real>(
    image: &'a dyn ImageRows<T>,
    beam: &'a BeamRows<'a>,
) -> impl ImageRows<T> + 'a {
    WeightedRows {
        image,
        weight: |i, j| beam.power(i, j),
    }
}
