//! Case `gti_operations`: set operations, masks and segments of good time intervals.

use anyhow::Result;
use astro_core::{GoodTimeIntervals, Segments};

use super::numbers::{TimingCase, compare};
use crate::reference::check::Checks;

/// Width of the bins, seconds.
const BIN_S: f64 = 1.0;
/// Length of the segments, seconds.
const SEGMENT_S: f64 = 7.0;
/// Exposure of a part, seconds.
const PART_S: f64 = 60.0;
/// Time left out at either end of an interval in the cases named `safe2`, seconds.
const SAFE_S: f64 = 2.0;

pub(super) fn check(case: &TimingCase<'_>, checks: &mut Checks) -> Result<()> {
    let (a, b) = (case.gti("gti_a")?, case.gti("gti_b")?);
    let (time, condition) = (case.input("time")?, case.input_mask("condition")?);
    let stop = time.last().copied().unwrap_or_default() + BIN_S / 2.0;

    case.compare(checks, "cross", &borders(&a.intersection(&b)))?;
    case.compare(checks, "join", &borders(&a.union(&b)))?;
    case.compare(checks, "btis", &borders(&a.complement(0.0, stop)?))?;
    let total = [case.scalar("total")?];
    compare(
        checks,
        "total",
        &[a.exposure_s()],
        &total,
        case.tolerance()?,
    );

    case.compare(checks, "mask", &numbers(&a.bin_mask(&time, BIN_S)?))?;
    case.compare(checks, "mask_gtis", &borders(&a))?;
    let safe = a.trimmed(SAFE_S, SAFE_S)?;
    case.compare(
        checks,
        "mask_safe2",
        &numbers(&safe.bin_mask(&time, BIN_S)?),
    )?;
    case.compare(checks, "mask_safe2_gtis", &borders(&safe))?;
    let made = GoodTimeIntervals::from_mask(&time, BIN_S, &condition)?;
    // Told the width of the bins, as its documentation asks, the peer goes that far from their
    // centres: half a bin too far on either side.
    let mut expected = case.output("from_condition")?;
    for interval in expected.chunks_exact_mut(2) {
        interval[0] += BIN_S / 2.0;
        interval[1] -= BIN_S / 2.0;
    }
    let rtol = case.tolerance()?;
    compare(checks, "from_condition", &borders(&made), &expected, rtol);

    let segments = Segments::new(&a, SEGMENT_S, BIN_S)?;
    let stops: Vec<f64> = segments.iter().map(|segment| segment.stop).collect();
    case.compare(checks, "seg_start", segments.starts())?;
    case.compare(checks, "seg_stop", &stops)?;
    let half = Segments::stepping(&a, SEGMENT_S, BIN_S, 0.5)?;
    case.compare(checks, "seg_start_half", half.starts())?;
    let first = a.bin_segments(&time, BIN_S, segments.bins())?;
    let starts: Vec<f64> = first.iter().map(|&bin| bin as f64).collect();
    let stops: Vec<f64> = first
        .iter()
        .map(|&bin| (bin + segments.bins()) as f64)
        .collect();
    case.compare(checks, "bin_start", &starts)?;
    case.compare(checks, "bin_stop", &stops)?;

    let parts = a.split_by_exposure(PART_S)?;
    let flat: Vec<f64> = parts.iter().flat_map(borders).collect();
    case.compare(checks, "split60_flat", &flat)?;
    // The peer lists parts that no interval starts in; ours are never empty.
    let sizes: Vec<f64> = parts.iter().map(|part| part.len() as f64).collect();
    let mut expected = case.output("split60_sizes")?;
    expected.retain(|&size| size > 0.0);
    compare(checks, "split60_sizes", &sizes, &expected, 0.0);
    Ok(())
}

fn borders(gti: &GoodTimeIntervals) -> Vec<f64> {
    let intervals = gti.intervals().iter();
    intervals
        .flat_map(|interval| [interval.start, interval.stop])
        .collect()
}

fn numbers(mask: &[bool]) -> Vec<f64> {
    mask.iter().map(|&good| f64::from(u8::from(good))).collect()
}
