//! Running the stages of a plan over the rows of a panel.

#![expect(
    unsafe_code,
    reason = "bounds checks at each of the 2R rows of a butterfly cost a third of the speed; \
              they are replaced by one assertion a call"
)]

use std::ops::Range;

use astro_core::Real;

use super::Form;
use super::butterfly::{Butterfly, Pair, Radix, mul};
use super::lanes::{Lanes, LanesOperation};
use super::plan::{Group, Plan, Stage};
use crate::PANEL_COLUMNS;

/// What happens at the two ends of a transform.
#[derive(Debug, Clone)]
pub(super) struct Ends {
    pub(super) input: Form,
    pub(super) output: Form,
    /// Exponent +2πi: exchanging real and imaginary parts before and after a
    /// transform changes its sign.
    pub(super) exchange: bool,
    /// The input rows that count; the others are zero.
    pub(super) nonzero: Range<usize>,
}

/// Where a stage is within a transform.
const FIRST: u8 = 0;
const MIDDLE: u8 = 1;
const LAST: u8 = 2;

/// Transforms `panel` in place by way of `scratch` (the rows of the panel, then
/// those of two tiles).
#[inline(always)]
pub(super) fn transform<L: Lanes>(
    lanes: L,
    plan: &Plan<L::Real>,
    ends: &Ends,
    panel: &mut [L::Real],
    scratch: &mut [L::Real],
) {
    let panel: &mut [Pair<L>] = bytemuck::cast_slice_mut(panel);
    let scratch: &mut [Pair<L>] = bytemuck::cast_slice_mut(scratch);
    let (half_way, tiles) = scratch.split_at_mut(panel.len());
    let (even, odd) = tiles.split_at_mut(tiles.len() / 2);
    let [first, second] = &plan.groups;
    group::<L, FIRST>(lanes, first, ends, panel, half_way, even, odd);
    group::<L, LAST>(lanes, second, ends, half_way, panel, even, odd);
}

/// All stages of a group, tile after tile.
#[inline(always)]
fn group<L: Lanes, const END: u8>(
    lanes: L,
    group: &Group<L::Real>,
    ends: &Ends,
    source: &[Pair<L>],
    target: &mut [Pair<L>],
    even: &mut [Pair<L>],
    odd: &mut [Pair<L>],
) {
    let last = group.stages.len() - 1;
    for line in (0..group.lines).step_by(group.tile) {
        let tile = group.tile.min(group.lines - line);
        for (index, stage) in group.stages.iter().enumerate() {
            // Row (at, line) of a packed tile is at · tile + line.
            let from = if index == 0 {
                Steps::of_rows(line, group.lines, 1)
            } else {
                Steps::of_rows(0, tile, 1)
            };
            let to = if index < last {
                Steps::of_rows(0, tile, 1)
            } else if END == FIRST {
                Steps::of_rows(group.size * line, 1, group.size)
            } else {
                Steps::of_rows(line, group.lines, 1)
            };
            let (source, target): (&[Pair<L>], &mut [Pair<L>]) =
                match (index == 0, index == last, index % 2 == 0) {
                    (true, true, _) => (source, target),
                    (true, false, _) => (source, even),
                    (false, true, true) => (odd, target),
                    (false, true, false) => (even, target),
                    (false, false, true) => (odd, even),
                    (false, false, false) => (even, odd),
                };
            let work = Work::<L> {
                stage,
                ends,
                tile,
                // In the first group p = line + lines · butterfly, in the second
                // p = butterfly.
                twiddles: if END == FIRST {
                    [line, 1, group.lines]
                } else {
                    [0, 0, 1]
                },
                source,
                from,
                target,
                to,
            };
            if END == FIRST && index == 0 {
                any_radix::<L, FIRST>(lanes, work);
            } else if END == LAST && index == last {
                any_radix::<L, LAST>(lanes, work);
            } else {
                any_radix::<L, MIDDLE>(lanes, work);
            }
        }
    }
}

/// Row `at` of line `line` is row `start + row · at + line_step · line`.
#[derive(Clone, Copy)]
struct Steps {
    start: usize,
    row: usize,
    line: usize,
}

impl Steps {
    fn of_rows(start: usize, row: usize, line: usize) -> Self {
        Self { start, row, line }
    }

    /// The largest index for these numbers of rows and lines.
    fn end(self, rows: usize, lines: usize) -> usize {
        let row = self.row.saturating_mul(rows - 1);
        let line = self.line.saturating_mul(lines - 1);
        self.start.saturating_add(row).saturating_add(line)
    }
}

/// A stage of one tile of lines, and where its rows come from and go to.
struct Work<'a, L: Lanes> {
    stage: &'a Stage<L::Real>,
    ends: &'a Ends,
    tile: usize,
    /// p of the first butterfly, its step by line and by butterfly
    twiddles: [usize; 3],
    source: &'a [Pair<L>],
    from: Steps,
    target: &'a mut [Pair<L>],
    to: Steps,
}

#[inline(always)]
fn any_radix<L: Lanes, const AT: u8>(lanes: L, work: Work<'_, L>) {
    match work.stage.radix {
        2 => call::<L, 2, AT>(lanes, work),
        3 => call::<L, 3, AT>(lanes, work),
        4 => call::<L, 4, AT>(lanes, work),
        5 => call::<L, 5, AT>(lanes, work),
        7 => call::<L, 7, AT>(lanes, work),
        8 => call::<L, 8, AT>(lanes, work),
        11 => call::<L, 11, AT>(lanes, work),
        13 => call::<L, 13, AT>(lanes, work),
        _ => call::<L, 1, AT>(lanes, work),
    }
}

/// A function of its own for each radix: all of them within one make the
/// compiler run out of registers.
#[inline(never)]
fn call<L: Lanes, const R: usize, const AT: u8>(lanes: L, work: Work<'_, L>)
where
    Radix: Butterfly<R>,
{
    lanes.vectorize(Butterflies::<L, R, AT> { work });
}

struct Butterflies<'a, L: Lanes, const R: usize, const AT: u8> {
    work: Work<'a, L>,
}

impl<T, V, const R: usize, const AT: u8> LanesOperation<T> for Butterflies<'_, V, R, AT>
where
    T: Real,
    V: Lanes<Real = T>,
    Radix: Butterfly<R>,
{
    #[inline(always)]
    fn run<L: Lanes<Real = T>>(self, lanes: L) {
        let Work {
            stage,
            ends,
            tile,
            twiddles: [first_p, line_p, butterfly_p],
            source,
            from,
            target,
            to,
        } = self.work;
        let source: &[Pair<L>] = bytemuck::cast_slice(source);
        let target: &mut [Pair<L>] = bytemuck::cast_slice_mut(target);
        let Stage { count, stride, .. } = *stage;
        let zero = [lanes.splat(T::zero()); 2];
        // A row is this many pairs of vectors.
        let pairs = PANEL_COLUMNS / L::WIDTH;

        // All that the loops below do not check. Their indices grow with each
        // counter, so that the last ones are the largest.
        let rows = count * stride * R;
        let last_p = first_p + line_p * (tile - 1) + butterfly_p * (count - 1);
        assert!(from.end(rows, tile) < source.len() / pairs);
        assert!(to.end(rows, tile) < target.len() / pairs);
        assert!(last_p < stage.twiddles.len() / (R - 1).max(1) || AT == LAST || R == 1);

        let nonzero_rows = ends.nonzero.end - ends.nonzero.start;
        let masked = AT == FIRST && nonzero_rows < rows * butterfly_p;
        let from_step = from.row * stride * count;
        let to_step = to.row * stride;
        for butterfly in 0..count {
            for column in 0..stride {
                for line in 0..tile {
                    let from_row =
                        from.start + from.row * (column + stride * butterfly) + from.line * line;
                    let to_row =
                        to.start + to.row * (column + stride * R * butterfly) + to.line * line;
                    let p = first_p + line_p * line + butterfly_p * butterfly;
                    for pair in 0..pairs {
                        let mut x = [zero; R];
                        for t in 0..R {
                            let row = from_row + from_step * t;
                            if !masked || row.wrapping_sub(ends.nonzero.start) < nonzero_rows {
                                // SAFETY: `from.end` was asserted.
                                x[t] = unsafe { *source.get_unchecked(row * pairs + pair) };
                            }
                        }
                        if AT == FIRST {
                            if ends.input == Form::Interleaved {
                                for t in 0..R {
                                    x[t] = lanes.deinterleave(x[t]);
                                }
                            }
                            if ends.exchange {
                                for t in 0..R {
                                    x[t].swap(0, 1);
                                }
                            }
                        }
                        Radix::apply(lanes, &mut x, &stage.roots);
                        if AT != LAST {
                            for u in 1..R {
                                // SAFETY: `last_p` was asserted.
                                let factor =
                                    unsafe { stage.twiddles.get_unchecked(p * (R - 1) + u - 1) };
                                x[u] = mul(lanes, x[u], factor.map(|part| lanes.splat(part)));
                            }
                        } else {
                            if ends.exchange {
                                for u in 0..R {
                                    x[u].swap(0, 1);
                                }
                            }
                            if ends.output == Form::Interleaved {
                                for u in 0..R {
                                    x[u] = lanes.interleave(x[u]);
                                }
                            }
                        }
                        for u in 0..R {
                            let row = to_row + to_step * u;
                            // SAFETY: `to.end` was asserted.
                            unsafe { *target.get_unchecked_mut(row * pairs + pair) = x[u] };
                        }
                    }
                }
            }
        }
    }
}
