//! Transforms of many lines of one length, anywhere in a buffer.

use std::f64::consts::{PI, TAU};

use astro_gpu::shaders::{BluesteinParams, FftPassParams, Precision, kernels};
use astro_gpu::{CommandList, Dispatch, Gpu, Groups, Reals};
use num_complex::Complex64;

use super::factors::{Pass, passes, smooth_length};
use crate::{ComplexFft1, Result, Sign};

/// Where the lines lie, in complex numbers: line `(i, o)` has its element e at
/// `i·inner_stride + o·outer_stride + e·element_stride`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines {
    pub(super) inner: usize,
    pub(super) outer: usize,
    pub(super) element_stride: usize,
    pub(super) inner_stride: usize,
    pub(super) outer_stride: usize,
}

impl Lines {
    /// Lines one after the other.
    pub(super) fn rows(count: usize, length: usize) -> Self {
        Self {
            inner: 1,
            outer: count,
            element_stride: 1,
            inner_stride: 0,
            outer_stride: length,
        }
    }

    /// The columns of `images` images of `rows × columns`.
    pub(super) fn columns(rows: usize, columns: usize, images: usize) -> Self {
        Self {
            inner: columns,
            outer: images,
            element_stride: columns,
            inner_stride: 1,
            outer_stride: rows * columns,
        }
    }

    fn count(&self) -> usize {
        self.inner * self.outer
    }
}

/// A plan for lines.
#[derive(Debug)]
pub(super) struct LineFft {
    length: usize,
    precision: Precision,
    lines: Lines,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Stockham {
        passes: Vec<Pass>,
        roots: Reals,
        capacity: usize,
    },
    Bluestein(Box<Bluestein>),
}

#[derive(Debug)]
struct Bluestein {
    /// The chirp and its spectrum over the padded length.
    chirps: Reals,
    /// Transforms one batch of padded lines.
    padded: LineFft,
    batch: usize,
    data: Reals,
    spare: Reals,
}

/// Points that workgroups of Bluestein's padded lines take at a time, at least one line.
const BATCH_POINTS: usize = 1 << 22;

impl LineFft {
    pub(super) fn new(
        gpu: &Gpu,
        precision: Precision,
        length: usize,
        lines: Lines,
    ) -> Result<Self> {
        let capacity = capacity(gpu, precision);
        let contiguous = lines.element_stride == 1;
        // Lines that are apart, or cut, are read several side by side.
        let cut = |limit| passes(length, limit);
        let found = match cut(capacity) {
            Some(whole) if whole.len() <= 1 && contiguous => Some(whole),
            _ => cut(capacity / 4),
        };
        let kind = match found {
            Some(passes) => {
                let roots = gpu.reals_of("roots of unity", &roots_of_unity(length), precision)?;
                Kind::Stockham {
                    passes,
                    roots,
                    capacity,
                }
            }
            None => Kind::Bluestein(Box::new(Bluestein::new(gpu, precision, length, lines)?)),
        };
        Ok(Self {
            length,
            precision,
            lines,
            kind,
        })
    }

    /// Transforms `data`, with `spare` of the same length; true if the result is in `spare`.
    pub(super) fn record(
        &self,
        list: &mut CommandList<'_>,
        data: &Reals,
        spare: &Reals,
        sign: Sign,
    ) -> bool {
        match &self.kind {
            Kind::Bluestein(bluestein) => {
                bluestein.record(list, self.length, &self.lines, data, sign);
                false
            }
            Kind::Stockham {
                passes,
                roots,
                capacity,
            } => {
                let (mut from, mut to) = (data, spare);
                let mut done = 1;
                for pass in passes {
                    self.record_pass(list, pass, done, *capacity, [roots, from, to], sign);
                    done *= pass.radix;
                    std::mem::swap(&mut from, &mut to);
                }
                passes.len() % 2 == 1
            }
        }
    }

    /// Whether the result of [`Self::record`] is in `spare`.
    pub(super) fn swaps(&self) -> bool {
        match &self.kind {
            Kind::Stockham { passes, .. } => passes.len() % 2 == 1,
            Kind::Bluestein(_) => false,
        }
    }

    fn record_pass(
        &self,
        list: &mut CommandList<'_>,
        pass: &Pass,
        done: usize,
        capacity: usize,
        [roots, from, to]: [&Reals; 3],
        sign: Sign,
    ) {
        let butterflies = self.length / pass.radix;
        let lines = self.lines.count() * butterflies;
        let most = (capacity / pass.radix).min(16).min(lines);
        let group_lines = 1 << most.ilog2();
        let contiguous = self.lines.element_stride == 1;
        let read_along = contiguous && butterflies == 1;
        let write_along = contiguous && done == 1;
        // Points of a line side by side where they come so from memory, else lines side by side; a gap
        // keeps lines that are written the other way out of each other's banks.
        let (line_step, point_step) = match (read_along, write_along) {
            (true, _) => (pass.radix, 1),
            (false, true) if pass.radix * (group_lines + 1) <= capacity => (1, group_lines + 1),
            (false, _) => (1, group_lines),
        };
        let points = pass.radix * point_step.max(group_lines);
        let params = FftPassParams {
            length: self.length as u32,
            radix: pass.radix as u32,
            done: done as u32,
            lines: lines as u32,
            group_lines: group_lines as u32,
            inner: self.lines.inner as u32,
            element_stride: self.lines.element_stride as u32,
            inner_stride: self.lines.inner_stride as u32,
            outer_stride: self.lines.outer_stride as u32,
            stages: pass.stages,
            positive: positive(sign),
            read_along: u32::from(read_along),
            write_along: u32::from(write_along),
            line_step: line_step as u32,
            point_step: point_step as u32,
        };
        let dispatch = Dispatch::new(&kernels::FFT_PASS, self.precision, &params)
            // Rounded, so that few variants are compiled.
            .constant("CAPACITY", points.next_power_of_two().min(capacity) as u32)
            .bind(roots.all())
            .bind(from.all())
            .bind(to.all());
        list.dispatch(dispatch, Groups::new(lines.div_ceil(group_lines)));
    }
}

impl Bluestein {
    fn new(gpu: &Gpu, precision: Precision, length: usize, lines: Lines) -> Result<Self> {
        let padded = smooth_length(2 * length - 1);
        let fitting = gpu.adapter().binding_bytes as usize / (2 * precision.bytes());
        let batch = (BATCH_POINTS.min(fitting) / padded).clamp(1, lines.count());
        let chirps = gpu.reals_of("chirps", &chirps(length, padded)?, precision)?;
        let data = gpu.reals("padded lines", 2 * batch * padded, precision)?;
        gpu.check_binding(
            "padded lines",
            (2 * batch * padded * precision.bytes()) as u64,
        )?;
        Ok(Self {
            chirps,
            padded: LineFft::new(gpu, precision, padded, Lines::rows(batch, padded))?,
            batch,
            spare: gpu.reals("padded lines", 2 * batch * padded, precision)?,
            data,
        })
    }

    fn record(
        &self,
        list: &mut CommandList<'_>,
        length: usize,
        lines: &Lines,
        data: &Reals,
        sign: Sign,
    ) {
        let padded = self.padded.length;
        for first_line in (0..lines.count()).step_by(self.batch) {
            let count = self.batch.min(lines.count() - first_line);
            let step = |step: u32, from: &Reals, to: &Reals| {
                let params = BluesteinParams {
                    length: length as u32,
                    padded: padded as u32,
                    lines: count as u32,
                    first_line: first_line as u32,
                    inner: lines.inner as u32,
                    element_stride: lines.element_stride as u32,
                    inner_stride: lines.inner_stride as u32,
                    outer_stride: lines.outer_stride as u32,
                    step,
                    positive: positive(sign),
                };
                let dispatch = Dispatch::new(&kernels::BLUESTEIN, self.padded.precision, &params)
                    .bind(self.chirps.all())
                    .bind(from.all())
                    .bind(to.all());
                let width = if step == 2 { length } else { padded };
                (dispatch, Groups::for_threads(count * width))
            };
            let (mut here, mut there) = (&self.data, &self.spare);
            let mut record = |(dispatch, groups)| list.dispatch(dispatch, groups);
            record(step(0, data, here));
            if self.padded.record(list, here, there, Sign::Negative) {
                std::mem::swap(&mut here, &mut there);
            }
            let mut record = |(dispatch, groups)| list.dispatch(dispatch, groups);
            record(step(1, here, there));
            std::mem::swap(&mut here, &mut there);
            if self.padded.record(list, here, there, Sign::Positive) {
                std::mem::swap(&mut here, &mut there);
            }
            let (dispatch, groups) = step(2, here, data);
            list.dispatch(dispatch, groups);
        }
    }
}

fn positive(sign: Sign) -> u32 {
    u32::from(sign == Sign::Positive)
}

/// Points of one half of a workgroup's memory.
fn capacity(gpu: &Gpu, precision: Precision) -> usize {
    let points = gpu.adapter().workgroup_bytes as usize / (4 * precision.bytes());
    1 << points.clamp(1, 2048).ilog2()
}

/// exp(−2πi k/n), k in 0..n, as pairs.
pub(super) fn roots_of_unity(n: usize) -> Vec<f64> {
    (0..n)
        .flat_map(|k| {
            let (sin, cos) = (-TAU * k as f64 / n as f64).sin_cos();
            [cos, sin]
        })
        .collect()
}

/// exp(−πi k²/n), k in 0..n, then the spectrum of its conjugate over the padded length, divided by it.
fn chirps(n: usize, padded: usize) -> Result<Vec<f64>> {
    let chirp: Vec<Complex64> = (0..n)
        .map(|k| {
            // k² modulo 2n, exactly.
            let square = (k as u128 * k as u128 % (2 * n as u128)) as f64;
            Complex64::cis(-PI * square / n as f64)
        })
        .collect();
    let mut spectrum = vec![Complex64::new(0.0, 0.0); padded];
    for (k, value) in chirp.iter().enumerate() {
        spectrum[k] = value.conj() / padded as f64;
        spectrum[(padded - k) % padded] = spectrum[k];
    }
    ComplexFft1::new(padded)?.process(&mut spectrum, Sign::Negative)?;
    Ok(chirp
        .into_iter()
        .chain(spectrum)
        .flat_map(|z| [z.re, z.im])
        .collect())
}
