//! Transforms of eight columns at once, the columns being the lanes of vectors.

mod butterfly;
mod lanes;
mod plan;
mod prefetch;
mod real_lines;
mod stage;

use std::ops::Range;

use num_complex::Complex;

pub(crate) use lanes::{Lanes, LanesOperation, dispatch_f32, dispatch_f64};
pub(crate) use prefetch::prefetch;
pub(crate) use real_lines::{RealLines, RealLinesScratch};
pub(crate) use real_lines::{Tangle, Untangle};

use crate::{FftReal, PANEL_COLUMNS, Sign};
use plan::Plan;
use prefetch::touch;
use stage::Ends;

/// Panels from this size on are read in order before they are transformed: 2 to
/// 3 times as fast if they come from memory, a few per cent slower if they were
/// in a second-level cache (measured at 1024 to 4096 rows, Zen 5).
const TOUCHED_BYTES: usize = 3 << 16;

/// How a row of eight complex numbers lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// re, im, re, im, …
    Interleaved,
    /// As many vectors of real parts as of imaginary parts, alternating, with
    /// the lanes in the machine's favourite order: only for another kernel.
    Split,
}

/// A transform over the rows of a panel.
#[derive(Debug)]
pub(crate) struct LaneFft<T> {
    plan: Plan<T>,
}

impl<T: FftReal> LaneFft<T> {
    /// A plan for `rows` >= 1 rows, unless they have a prime factor above 13.
    pub(crate) fn new(rows: usize) -> Option<Self> {
        Some(Self {
            plan: Plan::new(rows)?,
        })
    }

    /// Number of complex numbers of scratch.
    pub(crate) fn scratch_len(&self) -> usize {
        (self.plan.length + 2 * self.plan.tile_rows()) * PANEL_COLUMNS
    }

    /// Transforms `panel` in place. Input rows outside `nonzero` are not read.
    pub(crate) fn process(
        &self,
        panel: &mut [Complex<T>],
        sign: Sign,
        nonzero: Range<usize>,
        (input, output): (Form, Form),
        scratch: &mut [Complex<T>],
    ) {
        let row = PANEL_COLUMNS;
        let wanted = &panel[row * nonzero.start..row * nonzero.end];
        if size_of_val(wanted) >= TOUCHED_BYTES {
            touch(bytemuck::cast_slice::<_, T>(wanted));
        }
        let ends = Ends {
            input,
            output,
            exchange: sign == Sign::Positive,
            nonzero,
        };
        T::transform(Transform {
            plan: &self.plan,
            ends,
            panel: bytemuck::cast_slice_mut(panel),
            scratch: bytemuck::cast_slice_mut(&mut scratch[..self.scratch_len()]),
        });
    }
}

/// [`LaneFft::process`] for any vectors.
#[derive(Debug)]
pub struct Transform<'a, T> {
    plan: &'a Plan<T>,
    ends: Ends,
    panel: &'a mut [T],
    scratch: &'a mut [T],
}

impl<T: FftReal> LanesOperation<T> for Transform<'_, T> {
    #[inline(always)]
    fn run<L: Lanes<Real = T>>(self, lanes: L) {
        stage::transform(lanes, self.plan, &self.ends, self.panel, self.scratch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The integration tests compare the instruction set that this machine
    /// prefers with direct sums; the others must agree with them too.
    #[test]
    fn each_instruction_set_gives_the_sum() {
        for rows in [1, 6, 56, 143, 240] {
            lanes::on_each_machine(Check { rows });
        }
    }

    #[derive(Clone, Copy)]
    struct Check {
        rows: usize,
    }

    impl LanesOperation<f64> for Check {
        #[inline(always)]
        fn run<L: Lanes<Real = f64>>(self, lanes: L) {
            let rows = self.rows;
            let fft = LaneFft::<f64>::new(rows).expect("no prime factor above 13");
            let number = |i: usize| ((i * i + 3 * i) % 17) as f64 - 8.0;
            let given: Vec<Complex<f64>> = (0..rows * PANEL_COLUMNS)
                .map(|i| Complex::new(number(2 * i), number(2 * i + 1)))
                .collect();
            let mut panel = given.clone();
            let mut scratch = vec![Complex::new(0.0, 0.0); fft.scratch_len()];
            let nonzero = rows / 3..rows;
            Transform {
                plan: &fft.plan,
                ends: Ends {
                    input: Form::Interleaved,
                    output: Form::Interleaved,
                    exchange: true,
                    nonzero: nonzero.clone(),
                },
                panel: bytemuck::cast_slice_mut(&mut panel),
                scratch: bytemuck::cast_slice_mut(&mut scratch),
            }
            .run(lanes);
            // as many terms of up to 12 each, and a few roundings in each stage
            let bound = 12.0 * rows as f64 * 8.0 * f64::EPSILON;
            for (index, found) in panel.iter().enumerate() {
                let (k, lane) = (index / PANEL_COLUMNS, index % PANEL_COLUMNS);
                let terms = nonzero.clone().map(|i| {
                    let turns = (i * k % rows) as f64 / rows as f64;
                    given[i * PANEL_COLUMNS + lane] * Complex::cis(std::f64::consts::TAU * turns)
                });
                let expected: Complex<f64> = terms.sum();
                let difference = (found - expected).norm();
                assert!(
                    difference <= bound,
                    "{} lanes, {rows} rows: {k}, {lane}",
                    L::WIDTH
                );
            }
        }
    }
}
