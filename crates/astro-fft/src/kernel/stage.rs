//! Running the stages of a plan over the rows of a panel.

use std::ops::Range;

use num_traits::Zero;

use super::Form;
use super::butterfly::{Butterfly, Pair, Radix, mul};
use super::lanes::Lanes;
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

/// Row `at` of a block is row `offset + step · at` of an array.
#[derive(Clone, Copy)]
struct Rows {
    offset: usize,
    step: usize,
}

/// Rows of a block held by themselves.
const PACKED: Rows = Rows { offset: 0, step: 1 };

/// Transforms `panel` in place by way of `scratch` (the rows of the panel, then
/// those of two blocks).
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
    let (half_way, blocks) = scratch.split_at_mut(panel.len());
    let (even, odd) = blocks.split_at_mut(blocks.len() / 2);
    let [first, second] = &plan.groups;
    group::<L, FIRST>(lanes, first, ends, panel, half_way, even, odd);
    group::<L, LAST>(lanes, second, ends, half_way, panel, even, odd);
}

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
    for block in 0..group.blocks {
        for column in 0..group.stride {
            let from = Rows {
                offset: column + group.stride * block,
                step: group.stride * group.blocks,
            };
            let to = Rows {
                offset: column + group.stride * group.size * block,
                step: group.stride,
            };
            for (index, stage) in group.stages.iter().enumerate() {
                let (from_rows, to_rows) = (
                    if index == 0 { from } else { PACKED },
                    if index == last { to } else { PACKED },
                );
                let (source, target): (&[Pair<L>], &mut [Pair<L>]) =
                    match (index == 0, index == last, index % 2 == 0) {
                        (true, true, _) => (source, target),
                        (true, false, _) => (source, even),
                        (false, true, true) => (odd, target),
                        (false, true, false) => (even, target),
                        (false, false, true) => (odd, even),
                        (false, false, false) => (even, odd),
                    };
                let all = Block {
                    stage,
                    block,
                    ends,
                    source,
                    from: from_rows,
                    to: to_rows,
                };
                if END == FIRST && index == 0 {
                    any_radix::<L, FIRST>(lanes, &all, target);
                } else if END == LAST && index == last {
                    any_radix::<L, LAST>(lanes, &all, target);
                } else {
                    any_radix::<L, MIDDLE>(lanes, &all, target);
                }
            }
        }
    }
}

/// A stage of one block, and where its rows come from and go to.
struct Block<'a, L: Lanes> {
    stage: &'a Stage<L::Real>,
    block: usize,
    ends: &'a Ends,
    source: &'a [Pair<L>],
    from: Rows,
    to: Rows,
}

#[inline(always)]
fn any_radix<L: Lanes, const AT: u8>(lanes: L, block: &Block<'_, L>, target: &mut [Pair<L>]) {
    match block.stage.radix {
        2 => butterflies::<L, 2, AT>(lanes, block, target),
        3 => butterflies::<L, 3, AT>(lanes, block, target),
        4 => butterflies::<L, 4, AT>(lanes, block, target),
        5 => butterflies::<L, 5, AT>(lanes, block, target),
        7 => butterflies::<L, 7, AT>(lanes, block, target),
        8 => butterflies::<L, 8, AT>(lanes, block, target),
        11 => butterflies::<L, 11, AT>(lanes, block, target),
        13 => butterflies::<L, 13, AT>(lanes, block, target),
        _ => butterflies::<L, 1, AT>(lanes, block, target),
    }
}

#[inline(always)]
fn butterflies<L: Lanes, const R: usize, const AT: u8>(
    lanes: L,
    block: &Block<'_, L>,
    target: &mut [Pair<L>],
) where
    Radix: Butterfly<R>,
{
    // A row is this many pairs of vectors.
    let pairs = PANEL_COLUMNS / L::WIDTH;
    let stage = block.stage;
    let zero = [lanes.splat(L::Real::zero()); 2];
    let nonzero = &block.ends.nonzero;
    let nonzero_rows = nonzero.end - nonzero.start;
    let per_block = stage.count * (R - 1);
    let twiddles = if AT == LAST {
        &[][..]
    } else {
        &stage.twiddles[block.block * per_block..][..per_block]
    };
    for butterfly in 0..stage.count {
        let mut factors = [zero; R];
        if AT != LAST {
            for u in 1..R {
                factors[u] = twiddles[butterfly * (R - 1) + u - 1].map(|part| lanes.splat(part));
            }
        }
        for column in 0..stage.stride {
            for pair in 0..pairs {
                let mut x = [zero; R];
                for t in 0..R {
                    let at = column + stage.stride * (butterfly + stage.count * t);
                    let row = block.from.offset + block.from.step * at;
                    if AT != FIRST || row.wrapping_sub(nonzero.start) < nonzero_rows {
                        x[t] = block.source[row * pairs + pair];
                    }
                }
                if AT == FIRST {
                    if block.ends.input == Form::Interleaved {
                        for t in 0..R {
                            x[t] = lanes.deinterleave(x[t]);
                        }
                    }
                    if block.ends.exchange {
                        for t in 0..R {
                            x[t].swap(0, 1);
                        }
                    }
                }
                Radix::apply(lanes, &mut x, &stage.roots);
                if AT != LAST {
                    for u in 1..R {
                        x[u] = mul(lanes, x[u], factors[u]);
                    }
                } else {
                    if block.ends.exchange {
                        for u in 0..R {
                            x[u].swap(0, 1);
                        }
                    }
                    if block.ends.output == Form::Interleaved {
                        for u in 0..R {
                            x[u] = lanes.interleave(x[u]);
                        }
                    }
                }
                for u in 0..R {
                    let at = column + stage.stride * (R * butterfly + u);
                    let row = block.to.offset + block.to.step * at;
                    target[row * pairs + pair] = x[u];
                }
            }
        }
    }
}
