//! Images of the device, sampled anywhere in the Fourier plane, and the adjoint.

use std::ops::Range;

use astro_gpu::shaders::{PlaceRowsParams, Precision, ResidualsParams, SamplePlaneParams, kernels};
use astro_gpu::{CommandList, Dispatch, Gpu, Groups, Reals, Slice};

use super::plane::{GpuHalfPlane, HalfPlaneShape};
use crate::nufft::DeviceGrid;
use crate::{Result, Sign};

/// Sums of [`GpuImageSampler::record_residuals`] for each 256 points.
pub const RESIDUAL_SUMS: usize = 7;

/// How a value is read off the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GpuSampling {
    /// The complex mean of the four nodes around a point, weighted by distance.
    Mean,
    /// The same mean of their moduli, with the phase of that mean.
    AmplitudePhase,
    /// The non-uniform FFT: the sum over all samples, to this error relative to Σ|f|.
    Exact {
        /// The largest error.
        rel_error: f64,
    },
}

/// The spectrum of real images at points, on the device:
///
/// F(r, s) = Σ_ij f_ij exp(−2πi (r (i − ⌊rows/2⌋) + s (j − ⌊columns/2⌋))).
///
/// Points are baselines in units of the longest one; coefficients make turns a sample of them
/// (see [`astro_gpu::shaders`]), so that the same points can be turned for each image.
#[derive(Debug)]
pub struct GpuImageSampler {
    gpu: Gpu,
    precision: Precision,
    shape: [usize; 2],
    lengths: [usize; 2],
    rule: u32,
    width: usize,
    degree: usize,
    /// Polynomials of the kernel; one zero where there is none.
    taps: Reals,
    /// Factors of the rows and of the columns, then what the caller has added.
    tables: Reals,
    plane: GpuHalfPlane,
}

/// A primary beam that multiplies pixels: what `shared/beam.wgsl` of `astro-shaders` reads.
#[derive(Clone, Debug)]
pub struct GpuBeam {
    /// Its kind, from 1.
    pub kind: u32,
    /// Intervals, radii, or rows of a map.
    pub rows: u32,
    /// Columns of a map.
    pub columns: u32,
    /// Its numbers.
    pub numbers: Reals,
    /// Six numbers a model: where its pixels lie under the beam.
    pub sky: Reals,
}

impl GpuBeam {
    /// Kind, rows and columns as kernels take them, all zero for none.
    #[must_use]
    pub fn params(beam: Option<&Self>) -> [u32; 3] {
        beam.map_or([0; 3], |beam| [beam.kind, beam.rows, beam.columns])
    }

    /// The buffers of the places and of the beam; any other where there is none, as nothing is read.
    #[must_use]
    pub fn slices(beam: Option<&Self>, any: &Reals) -> [Slice; 2] {
        beam.map_or_else(
            || [any.all(), any.all()],
            |beam| [beam.sky.all(), beam.numbers.all()],
        )
    }
}

/// What [`GpuImageSampler::record_samples`] reads and writes.
#[derive(Clone, Debug)]
pub struct SampleRequest {
    /// Points, two numbers each.
    pub baselines: Slice,
    /// Six coefficients for each model: of s, of r, and of the offset's phase, two each.
    pub coefficients: Slice,
    /// Real and imaginary part and weight of each point: results are then sums over 256 points of
    /// weight · |value − datum|², else values.
    pub data: Option<Slice>,
    /// Where results go.
    pub results: Slice,
    /// Number of points.
    pub count: usize,
    /// Which of a batch of models.
    pub model: usize,
    /// Whether there is an offset.
    pub shifted: bool,
    /// Where among the results the first goes.
    pub first_result: usize,
}

impl GpuImageSampler {
    /// A plan for images of `shape` and points of at most `reach` turns a column, with `extra` numbers
    /// behind the factors in [`Self::tables`].
    ///
    /// # Errors
    /// As [`GpuHalfPlane::new`]; [`crate::Error::RelativeError`] with the floor of the precision.
    pub fn new(
        gpu: &Gpu,
        precision: Precision,
        shape: [usize; 2],
        sampling: GpuSampling,
        reach: f64,
        extra: &[f64],
    ) -> Result<Self> {
        let [rows, columns] = shape;
        let (rule, grid) = match sampling {
            GpuSampling::Mean => (0, None),
            GpuSampling::AmplitudePhase => (1, None),
            GpuSampling::Exact { rel_error } => (
                2,
                Some(DeviceGrid::new(
                    shape,
                    rel_error,
                    precision.unit_roundoff(),
                )?),
            ),
        };
        let grid = grid.unwrap_or_else(|| DeviceGrid {
            lengths: shape,
            width: 2,
            degree: 0,
            taps: vec![0.0],
            factors: shape.map(|n| vec![1.0; n]),
        });
        let [length0, length1] = grid.lengths;
        let last = (reach * length1 as f64).ceil() + grid.width as f64 / 2.0 + 2.0;
        let plane = HalfPlaneShape {
            length: length1,
            rows: length0,
            filled: rows,
            first: rows / 2,
            keep: (length1 / 2 + 1).min(last as usize),
            columns: true,
        };
        let [row_factors, column_factors] = &grid.factors;
        let tables: Vec<f64> = [row_factors, column_factors, extra].concat();
        debug_assert_eq!(row_factors.len() + column_factors.len(), rows + columns);
        Ok(Self {
            gpu: gpu.clone(),
            precision,
            shape,
            lengths: grid.lengths,
            rule,
            width: grid.width,
            degree: grid.degree,
            taps: gpu.reals_of("kernel", &grid.taps, precision)?,
            tables: gpu.reals_of("factors", &tables, precision)?,
            plane: GpuHalfPlane::new(gpu, precision, plane)?,
        })
    }

    /// The precision.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The device.
    #[must_use]
    pub fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// Rows and columns of images.
    #[must_use]
    pub fn shape(&self) -> [usize; 2] {
        self.shape
    }

    /// Factors of the rows and of the columns, then what was added.
    #[must_use]
    pub fn tables(&self) -> &Reals {
        &self.tables
    }

    /// The transform: its `rows_in` take what another kernel draws.
    #[must_use]
    pub fn plane(&self) -> &GpuHalfPlane {
        &self.plane
    }

    pub(super) fn lengths(&self) -> [usize; 2] {
        self.lengths
    }

    pub(super) fn kernel(&self) -> (&Reals, usize, usize) {
        (&self.taps, self.width, self.degree)
    }

    /// Transforms an image, `[rows][columns]`, under a beam.
    pub fn record_image(&self, list: &mut CommandList<'_>, image: &Reals, beam: Option<&GpuBeam>) {
        self.record_rows(list, |list, rows| {
            let part = self.rows_of(image, &rows);
            self.place(list, part, self.plane.rows_in().all(), rows, beam, false);
        });
    }

    /// Transforms the rows of an image that `draw` writes to `plane().rows_in()`: all at once, or where a kernel
    /// cannot see so many, block by block.
    pub fn record_rows<'a>(
        &self,
        list: &mut CommandList<'a>,
        draw: impl FnMut(&mut CommandList<'a>, Range<usize>),
    ) {
        self.plane.record_forward_rows(list, Sign::Negative, draw);
    }

    /// The transpose of [`Self::record_image`]: from the half-plane in `plane().plane_in()` to an image.
    pub(super) fn record_transpose(&self, list: &mut CommandList<'_>, image: &Reals) {
        let plane = &self.plane;
        plane.record_transpose_rows(list, Sign::Negative, |list, rows| {
            let part = self.rows_of(image, &rows);
            self.place(list, plane.rows_out().all(), part, rows, None, true);
        });
    }

    /// Some rows of an image.
    fn rows_of(&self, image: &Reals, rows: &Range<usize>) -> Slice {
        let columns = self.shape[1];
        image.slice(rows.start * columns..rows.end * columns)
    }

    fn place(
        &self,
        list: &mut CommandList<'_>,
        from: Slice,
        to: Slice,
        rows: Range<usize>,
        beam: Option<&GpuBeam>,
        backward: bool,
    ) {
        let [kind, beam_rows, beam_columns] = GpuBeam::params(beam);
        let [sky, numbers] = GpuBeam::slices(beam, &self.taps);
        let params = PlaceRowsParams {
            rows: self.shape[0] as u32,
            columns: self.shape[1] as u32,
            first_row: rows.start as u32,
            block_rows: rows.len() as u32,
            length: self.lengths[1] as u32,
            spacing: self.plane.spacing() as u32,
            backward: u32::from(backward),
            beam: kind,
            beam_rows,
            beam_columns,
        };
        let dispatch = Dispatch::new(&kernels::PLACE_ROWS, self.precision, &params)
            .bind(self.tables.all())
            .bind(sky)
            .bind(numbers)
            .bind(from)
            .bind(to);
        let width = if backward {
            self.shape[1]
        } else {
            self.lengths[1]
        };
        list.dispatch(dispatch, Groups::for_rows(rows.len(), width));
    }

    /// Samples what was transformed last.
    pub fn record_samples(&self, list: &mut CommandList<'_>, request: &SampleRequest) {
        let params = SamplePlaneParams {
            count: request.count as u32,
            rows: self.lengths[0] as u32,
            length: self.lengths[1] as u32,
            keep: self.plane.shape().keep as u32,
            rule: self.rule,
            width: self.width as u32,
            degree: self.degree as u32,
            model: request.model as u32,
            shifted: u32::from(request.shifted),
            compared: u32::from(request.data.is_some()),
            first_result: request.first_result as u32,
        };
        let dispatch = sample_dispatch(
            self.precision,
            &params,
            request,
            &self.taps,
            self.plane.plane_out(),
        );
        list.dispatch(dispatch, Groups::for_threads(request.count));
    }

    /// Compares what was transformed last with `request.data`, for a gradient.
    ///
    /// `values` takes c_k = 2 w (V − D)* P of each point, P the offset's phase: what [`super::GpuImageAdjoint`]
    /// takes. The results are [`RESIDUAL_SUMS`] sums for each 256 points, with u and v in units of the longest
    /// baseline: of w|V − D|², −Im(c F) u, −Im(c F) v, and by the derivatives of F along the two axes of the
    /// plane, in the place between two nodes of it, Re(c ∂F/∂s) u, Re(c ∂F/∂s) v, Re(c ∂F/∂r) u, Re(c ∂F/∂r) v.
    /// [`Self::turns_to_places`] has the units of these. For [`GpuSampling::Exact`] only.
    pub fn record_residuals(
        &self,
        list: &mut CommandList<'_>,
        request: &SampleRequest,
        values: Slice,
    ) {
        let params = ResidualsParams {
            count: request.count as u32,
            rows: self.lengths[0] as u32,
            length: self.lengths[1] as u32,
            keep: self.plane.shape().keep as u32,
            rule: self.rule,
            width: self.width as u32,
            degree: self.degree as u32,
            shifted: u32::from(request.shifted),
            first_group: request.first_result as u32,
        };
        debug_assert_eq!(self.rule, 2, "only the exact sum is smooth");
        let plane = self.plane.plane_out();
        let dispatch =
            residuals_dispatch(self.precision, &params, request, values, &self.taps, plane);
        list.dispatch(dispatch, Groups::for_threads(request.count));
    }

    /// Places between two nodes that a turn a row and a turn a column make.
    #[must_use]
    pub fn turns_to_places(&self) -> [f64; 2] {
        self.lengths.map(|length| 2.0 * length as f64)
    }

    /// Bytes of the device that it holds.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.plane.memory_bytes() + (self.taps.len() + self.tables.len()) * self.precision.bytes()
    }
}

pub(super) fn sample_dispatch(
    precision: Precision,
    params: &SamplePlaneParams,
    request: &SampleRequest,
    taps: &Reals,
    plane: &Reals,
) -> Dispatch {
    // A buffer that is not read in this mode still has to be bound.
    let data = request.data.clone().unwrap_or_else(|| taps.all());
    Dispatch::new(&kernels::SAMPLE_PLANE, precision, params)
        .bind(request.baselines.clone())
        .bind(request.coefficients.clone())
        .bind(plane.all())
        .bind(taps.all())
        .bind(data)
        .bind(request.results.clone())
}

pub(super) fn residuals_dispatch(
    precision: Precision,
    params: &ResidualsParams,
    request: &SampleRequest,
    values: Slice,
    taps: &Reals,
    plane: &Reals,
) -> Dispatch {
    let data = request.data.clone().unwrap_or_else(|| taps.all());
    Dispatch::new(&kernels::RESIDUALS, precision, params)
        .bind(request.baselines.clone())
        .bind(request.coefficients.clone())
        .bind(plane.all())
        .bind(taps.all())
        .bind(data)
        .bind(values)
        .bind(request.results.clone())
}
