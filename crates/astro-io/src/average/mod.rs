//! Averaging uv tables over channels, time and cells of the uv plane, with what it costs.
//!
//! Rows that fall together are replaced by one row: visibility, u, v, w, time
//! and frequency are means weighted by the rows' weights, the weight is their sum.
//! Flagged rows (weight 0) are left out, and so are groups without a good row.
//!
//! A source away from the phase centre turns in phase from row to row, so the
//! mean of a group comes out too faint at the edge of the field by
//!
//! `1 − |Σ w_k exp(2πi R ê·(u_k − ū))| / Σ w_k`,
//!
//! with R the radius of the field and ê the direction in which the group is
//! widest (its main axis, the worst to second order in R). This is bandwidth
//! smearing for channels and time smearing for times; [`Smearing`] gives it
//! as numbers, and above [`SmearingLimit::max_loss`] the average is refused.
//! Smearing inside the rows, from before, is not counted: its size is
//! [`bandwidth_smearing_loss`] and [`time_smearing_loss`].

mod groups;
mod smearing;

use astro_core::UvTable;

pub use smearing::{Smearing, SmearingLimit, bandwidth_smearing_loss, time_smearing_loss};

use crate::{Error, Result};
use groups::{Groups, bins};

/// A table after averaging.
#[derive(Clone, Debug, PartialEq)]
pub struct Averaged {
    /// The averaged table, its rows in the order of their first members.
    pub table: UvTable,
    /// Largest and mean loss of amplitude at the edge of the field.
    pub smearing: Smearing,
    /// Rows before.
    pub rows_before: usize,
    /// Rows before that were flagged and left out.
    pub flagged_rows: usize,
}

/// Averages channels of the same baseline and time that lie in the same `width_hz` of the band.
///
/// Bins are counted from the lowest frequency of the table.
///
/// # Errors
/// [`Error::ColumnNeeded`] without frequency, time or baseline;
/// [`Error::BadParameter`] for a width that is not positive;
/// [`Error::Smearing`] above the limit; [`Error::Table`] for a table that
/// [`UvTable::check`] refuses.
pub fn average_channels(table: &UvTable, width_hz: f64, limit: &SmearingLimit) -> Result<Averaged> {
    table.check()?;
    limit.check()?;
    need(&table.frequency_hz, "frequency", "channels")?;
    need(&table.time_s, "time", "channels")?;
    need(&table.baseline, "baseline", "channels")?;
    let channel = bins(&table.frequency_hz, "channel width (Hz)", width_hz)?;
    let groups = Groups::new(table, |row| {
        let time = table.time_s[row].to_bits();
        [groups::baseline_key(table, row), time, channel[row]]
    });
    groups.average(table, limit, groups::Keep::All)
}

/// Averages rows of the same baseline and frequency that lie in the same `interval_s` of time.
///
/// Bins are counted from the first time of the table. Rows of every frequency
/// are averaged apart; a table without frequencies is taken to have one.
///
/// ```
/// use astro_core::{Baseline, UvTable};
/// use astro_io::{SmearingLimit, average_times};
/// use num_complex::Complex64;
/// let mut table = UvTable::new(
///     vec![1000.0, 1001.0],
///     vec![0.0, 0.0],
///     vec![Complex64::new(1.0, 0.0), Complex64::new(3.0, 0.0)],
///     vec![1.0, 3.0],
/// )?;
/// table.time_s = vec![0.0, 10.0];
/// table.baseline = vec![Baseline { first: 1, second: 2 }; 2];
/// let averaged = average_times(&table, 30.0, &SmearingLimit::new(1e-5))?;
/// assert_eq!(averaged.table.value, [Complex64::new(2.5, 0.0)]);
/// assert_eq!(averaged.table.weight, [4.0]);
/// assert!(averaged.smearing.worst_loss < 1e-8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`average_channels`], without the need for frequencies.
pub fn average_times(table: &UvTable, interval_s: f64, limit: &SmearingLimit) -> Result<Averaged> {
    table.check()?;
    limit.check()?;
    need(&table.time_s, "time", "times")?;
    need(&table.baseline, "baseline", "times")?;
    let interval = bins(&table.time_s, "time interval (s)", interval_s)?;
    let groups = Groups::new(table, |row| {
        let frequency = table.frequency_hz.get(row).map_or(0, |f| f.to_bits());
        [groups::baseline_key(table, row), frequency, interval[row]]
    });
    groups.average(table, limit, groups::Keep::All)
}

/// Averages rows in the same square cell of the uv plane, `cell_wavelengths` wide.
///
/// Points of the half-plane u < 0 are first brought to the other one, where
/// the sky being real makes them the conjugate. Times and baselines mean
/// nothing afterwards and are dropped.
///
/// # Errors
/// [`Error::BadParameter`] for a cell width that is not positive;
/// [`Error::Smearing`] above the limit; [`Error::Table`] for a table that
/// [`UvTable::check`] refuses.
pub fn average_uv_cells(
    table: &UvTable,
    cell_wavelengths: f64,
    limit: &SmearingLimit,
) -> Result<Averaged> {
    table.check()?;
    limit.check()?;
    let mut folded = table.clone();
    for row in 0..folded.len() {
        if folded.u[row] < 0.0 || (folded.u[row] == 0.0 && folded.v[row] < 0.0) {
            folded.u[row] = -folded.u[row];
            folded.v[row] = -folded.v[row];
            if let Some(w) = folded.w.get_mut(row) {
                *w = -*w;
            }
            folded.value[row] = folded.value[row].conj();
        }
    }
    let column = bins(&folded.u, "uv cell (wavelengths)", cell_wavelengths)?;
    let row_of_cell = bins(&folded.v, "uv cell (wavelengths)", cell_wavelengths)?;
    let groups = Groups::new(&folded, |row| [column[row], row_of_cell[row], 0]);
    groups.average(&folded, limit, groups::Keep::NoTimes)
}

fn need<T>(column: &[T], name: &'static str, over: &'static str) -> Result<()> {
    if column.is_empty() {
        return Err(Error::ColumnNeeded { column: name, over });
    }
    Ok(())
}
