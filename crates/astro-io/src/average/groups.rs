//! Rows that fall together, and their weighted means.

use astro_core::UvTable;
use num_complex::Complex64;

use super::smearing::{SmearingSum, group_loss};
use super::{Averaged, SmearingLimit};
use crate::{Error, Result};

/// Columns of the result.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Keep {
    All,
    NoTimes,
}

/// Unflagged rows, sorted so that those of one group are neighbours.
pub(super) struct Groups {
    rows: Vec<usize>,
    /// Start and end of each group in `rows`, in the order of their first rows.
    ranges: Vec<(usize, usize)>,
}

impl Groups {
    pub(super) fn new(table: &UvTable, key: impl Fn(usize) -> [u64; 3]) -> Self {
        let good = (0..table.len()).filter(|&row| table.weight[row] > 0.0);
        let mut keyed: Vec<([u64; 3], usize)> = good.map(|row| (key(row), row)).collect();
        keyed.sort_unstable();
        let mut ranges = Vec::new();
        let mut start = 0;
        for group in keyed.chunk_by(|a, b| a.0 == b.0) {
            ranges.push((start, start + group.len()));
            start += group.len();
        }
        // Within a group rows ascend, so the first is the earliest.
        ranges.sort_unstable_by_key(|&(start, _)| keyed[start].1);
        Self {
            rows: keyed.into_iter().map(|(_, row)| row).collect(),
            ranges,
        }
    }

    pub(super) fn average(
        self,
        table: &UvTable,
        limit: &SmearingLimit,
        keep: Keep,
    ) -> Result<Averaged> {
        let mut out = UvTable {
            reference_mjd: table.reference_mjd,
            phase_center: table.phase_center,
            ..UvTable::default()
        };
        let mut smearing = SmearingSum::new(limit.field_radius_rad);
        let with_times = keep == Keep::All;
        for &(start, end) in &self.ranges {
            let rows = &self.rows[start..end];
            let weight: f64 = rows.iter().map(|&row| table.weight[row]).sum();
            // Weights relative to their sum: products of large numbers stay finite. Counted from
            // the first value: the mean of equal values is exactly that value.
            let mean = |column: &[f64]| -> f64 {
                let first = column[rows[0]];
                let offsets = rows
                    .iter()
                    .map(|&row| table.weight[row] / weight * (column[row] - first));
                first + offsets.sum::<f64>()
            };
            let value: Complex64 = rows
                .iter()
                .map(|&row| table.value[row] * (table.weight[row] / weight))
                .sum();
            let (u, v) = (mean(&table.u), mean(&table.v));
            let points = rows.iter().map(|&row| {
                let share = table.weight[row] / weight;
                (share, table.u[row] - u, table.v[row] - v)
            });
            smearing.add(group_loss(points, limit.field_radius_rad), weight);
            out.u.push(u);
            out.v.push(v);
            out.value.push(value);
            out.weight.push(weight);
            for (column, from) in [
                (&mut out.w, &table.w),
                (&mut out.frequency_hz, &table.frequency_hz),
            ] {
                if !from.is_empty() {
                    column.push(mean(from));
                }
            }
            if with_times {
                if !table.time_s.is_empty() {
                    out.time_s.push(mean(&table.time_s));
                }
                out.baseline.extend(table.baseline.get(rows[0]));
            }
        }
        out.check()?;
        Ok(Averaged {
            table: out,
            smearing: smearing.finish(limit)?,
            rows_before: table.len(),
            flagged_rows: table.len() - self.rows.len(),
        })
    }
}

pub(super) fn baseline_key(table: &UvTable, row: usize) -> u64 {
    let baseline = table.baseline[row];
    u64::from(baseline.first) << 16 | u64::from(baseline.second)
}

/// The bin of each value, counted from the smallest.
pub(super) fn bins(values: &[f64], quantity: &'static str, width: f64) -> Result<Vec<u64>> {
    let (low, high) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| {
            (low.min(x), high.max(x))
        });
    // Beyond 2^53 bins the bin number is not exact.
    if !(width > 0.0 && (high - low) / width < 9e15) {
        return Err(Error::BadParameter {
            quantity,
            value: width,
            requirement: "it must be positive and not vanish against the range of the table",
        });
    }
    Ok(values
        .iter()
        .map(|&x| ((x - low) / width).floor() as u64)
        .collect())
}
