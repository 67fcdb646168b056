//! The uv points of a plan, in an order that keeps neighbours together.

use astro_core::UvTable;
use num_complex::Complex;
use rayon::prelude::*;

use crate::kernel::BLOCK;
use crate::{Result, UvCoverage};

/// Points sorted along a space-filling curve, so that those that read the same
/// part of a Fourier grid follow each other whatever the position angle.
///
/// Rows of weight zero stand last and take no part in χ². Arrays are padded
/// with zeros to whole blocks.
#[derive(Debug)]
pub(crate) struct Points {
    pub(crate) u: Vec<f64>,
    pub(crate) v: Vec<f64>,
    /// Empty where the table has no w.
    pub(crate) w: Vec<f64>,
    /// Frequencies; absent where the table has none.
    pub(crate) channels: Option<Channels>,
    /// Observed values and weights; absent in a plan for coverage alone.
    pub(crate) data: Option<Data>,
    /// Caller's row of each point.
    pub(crate) order: Vec<u32>,
    /// Place in `order` of each of the caller's rows.
    place: Vec<u32>,
    /// Points of positive weight.
    pub(crate) used: usize,
    /// `max √(u² + v²)`, wavelengths.
    pub(crate) longest: f64,
}

/// The distinct frequencies, and which of them each point has.
#[derive(Debug)]
pub(crate) struct Channels {
    /// Ascending, Hz.
    pub(crate) frequency_hz: Vec<f64>,
    /// Index into `frequency_hz`, in point order, padded.
    pub(crate) of_point: Vec<u32>,
}

/// Observed visibilities in point order.
#[derive(Debug)]
pub(crate) struct Data {
    pub(crate) re: Vec<f64>,
    pub(crate) im: Vec<f64>,
    pub(crate) weight: Vec<f64>,
}

impl Points {
    pub(crate) fn from_coverage(coverage: &UvCoverage) -> Result<Self> {
        coverage.check()?;
        let mut points = Self::sorted(&coverage.u, &coverage.v, &coverage.w, |_| true);
        points.channels = points.channels_of(&coverage.frequency_hz);
        Ok(points)
    }

    pub(crate) fn from_table(table: &UvTable) -> Result<Self> {
        table.check()?;
        let mut points = Self::sorted(&table.u, &table.v, &table.w, |row| table.weight[row] > 0.0);
        let column = |value: &dyn Fn(usize) -> f64| {
            let mut column = vec![0.0; points.u.len()];
            for (to, &row) in column[..points.used].iter_mut().zip(&points.order) {
                *to = value(row as usize);
            }
            column
        };
        let data = Data {
            re: column(&|row| table.value[row].re),
            im: column(&|row| table.value[row].im),
            weight: column(&|row| table.weight[row]),
        };
        points.data = Some(data);
        points.channels = points.channels_of(&table.frequency_hz);
        Ok(points)
    }

    fn channels_of(&self, frequency_hz: &[f64]) -> Option<Channels> {
        if frequency_hz.is_empty() {
            return None;
        }
        let mut distinct = frequency_hz.to_vec();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        let mut of_point = vec![0; self.u.len()];
        for (channel, &row) in of_point.iter_mut().zip(&self.order) {
            let nu = frequency_hz[row as usize];
            *channel = distinct.partition_point(|&other| other < nu) as u32;
        }
        Some(Channels {
            frequency_hz: distinct,
            of_point,
        })
    }

    fn sorted(u: &[f64], v: &[f64], w: &[f64], used: impl Fn(usize) -> bool) -> Self {
        let longest = u
            .iter()
            .zip(v)
            .map(|(u, v)| u.hypot(*v))
            .fold(0.0, f64::max);
        let to_cell = if longest > 0.0 {
            65535.0 / (2.0 * longest)
        } else {
            0.0
        };
        let mut keys: Vec<(u32, bool, u32)> = (0..u.len())
            .map(|row| {
                // A real image has V(−u, −v) = V*(u, v): both read the same half-plane.
                let side = if u[row] < 0.0 { -1.0 } else { 1.0 };
                let cell = |x: f64| ((side * x + longest) * to_cell) as u32;
                (
                    interleave(cell(u[row])) << 1 | interleave(cell(v[row])),
                    !used(row),
                    row as u32,
                )
            })
            .collect();
        keys.par_sort_unstable_by_key(|&(curve, skipped, row)| (skipped, curve, row));
        let order: Vec<u32> = keys.iter().map(|key| key.2).collect();
        let used = keys.partition_point(|key| !key.1);
        let mut place = vec![0; order.len()];
        for (k, &row) in order.iter().enumerate() {
            place[row as usize] = k as u32;
        }
        let padded = order.len().next_multiple_of(BLOCK);
        let column = |values: &[f64]| {
            let mut column: Vec<f64> = order.iter().map(|&row| values[row as usize]).collect();
            column.resize(padded, 0.0);
            column
        };
        Self {
            u: column(u),
            v: column(v),
            w: if w.is_empty() { Vec::new() } else { column(w) },
            channels: None,
            data: None,
            order,
            place,
            used,
            longest,
        }
    }

    /// Number of the caller's rows.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// Puts values in point order back into the caller's order.
    pub(crate) fn in_caller_order<C: Copy + Send + Sync>(&self, values: &[C]) -> Vec<C> {
        self.place.par_iter().map(|&k| values[k as usize]).collect()
    }

    /// The observed values as complex numbers, `(value, weight)` in point order.
    pub(crate) fn observed(&self) -> Option<impl Iterator<Item = (Complex<f64>, f64)> + '_> {
        let data = self.data.as_ref()?;
        Some((0..self.used).map(|k| (Complex::new(data.re[k], data.im[k]), data.weight[k])))
    }

    /// Bytes held.
    pub(crate) fn memory_bytes(&self) -> usize {
        let columns = 2 + usize::from(!self.w.is_empty()) + if self.data.is_some() { 3 } else { 0 };
        let channels = self
            .channels
            .as_ref()
            .map_or(0, |c| c.of_point.len() * size_of::<u32>());
        columns * self.u.len() * size_of::<f64>()
            + channels
            + 2 * self.order.len() * size_of::<u32>()
    }
}

/// Spreads the lower 16 bits over the even bits.
fn interleave(x: u32) -> u32 {
    let x = (x | x << 8) & 0x00ff_00ff;
    let x = (x | x << 4) & 0x0f0f_0f0f;
    let x = (x | x << 2) & 0x3333_3333;
    (x | x << 1) & 0x5555_5555
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_place_undo_each_other() {
        let u: Vec<f64> = (0..300)
            .map(|k| f64::from(k * 7919 % 300) - 150.0)
            .collect();
        let v: Vec<f64> = (0..300)
            .map(|k| f64::from(k * 104_729 % 300) - 150.0)
            .collect();
        let points = Points::sorted(&u, &v, &[], |row| row % 3 != 0);
        assert_eq!((points.u.len(), points.used), (384, 200));
        assert!(points.order[200..].iter().all(|row| row % 3 == 0));
        assert_eq!(points.in_caller_order(&points.u[..300]), u);
    }

    #[test]
    fn interleaved_bits_are_apart() {
        assert_eq!(interleave(0b1011), 0b100_0101);
        assert_eq!(interleave(0xffff), 0x5555_5555);
    }
}
