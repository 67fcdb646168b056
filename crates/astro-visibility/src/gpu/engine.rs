//! What a plan keeps on a device.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use astro_fft::{
    GpuBeam, GpuImageAdjoint, GpuImageSampler, GpuRadialAdjoint, GpuSampling, SampleRequest,
};
use astro_gpu::{Buffer, CommandList, Gpu, Precision, Reals};
use num_complex::Complex64;

use super::gradient::Compared;
use crate::geometry::Placement;
use crate::points::Points;
use crate::primary_beam::DeviceBeam;
use crate::{Error, ImageGrid, ImageMethod, PrimaryBeam, ProfileRadii, Result};

/// Points, data and transforms on a device.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) gpu: Gpu,
    pub(crate) precision: Precision,
    pub(crate) grid: ImageGrid,
    pub(crate) method: ImageMethod,
    pub(crate) longest: f64,
    /// All points, then those of positive weight.
    pub(crate) counts: [usize; 2],
    pub(crate) baselines: Buffer<u8>,
    /// Real and imaginary part and weight of the points of positive weight.
    pub(crate) data: Option<Reals>,
    /// Squares of the coordinates of rows and columns in steps of the radial grid, for drawing.
    sweep_tables: Vec<f64>,
    /// Made when an image is first transformed: profiles may never need it.
    sampler: Mutex<Option<Arc<GpuImageSampler>>>,
    adjoint: Mutex<Option<Arc<GpuImageAdjoint>>>,
    /// Of the plan's Hankel table.
    pub(super) radial_adjoint: Mutex<Option<Arc<GpuRadialAdjoint>>>,
    /// Where images go, kept from one call to the next.
    pixels: Mutex<Option<Reals>>,
    /// Where adjoint images go under a primary beam.
    pub(super) adjoint_pixels: Mutex<Option<Reals>>,
    pub(super) compared: Mutex<Option<Compared>>,
    primary_beam: Option<PrimaryBeam>,
    /// The beam's table, remade for sources farther out.
    beam: Mutex<Option<(Arc<DeviceBeam>, Reals)>>,
    /// One call at a time: the buffers of the transforms are shared.
    busy: Mutex<()>,
}

impl Device {
    /// Uploads points and data.
    ///
    /// # Errors
    /// What the device refuses.
    pub(crate) fn new(
        gpu: &Gpu,
        wide: bool,
        grid: ImageGrid,
        method: ImageMethod,
        points: &Points,
        radii: Option<&ProfileRadii>,
        beam: Option<&PrimaryBeam>,
    ) -> Result<Self> {
        let precision = gpu.precision_for(wide)?;
        let n = points.len();
        let encoded = precision.encode_baselines(&points.u[..n], &points.v[..n], points.longest);
        let data = match points.observed() {
            None => None,
            Some(observed) => {
                let numbers: Vec<f64> = observed
                    .flat_map(|(value, weight)| [value.re, value.im, weight])
                    .collect();
                Some(gpu.reals_of("data", &numbers, precision)?)
            }
        };
        let sweep_tables = match radii {
            Some(ProfileRadii::Uniform(radii)) => {
                let squared = |x: f64| (x / radii.step_rad).powi(2);
                let rows = (0..grid.rows).map(|i| squared(grid.north_rad(i)));
                rows.chain((0..grid.columns).map(|j| squared(grid.east_rad(j))))
                    .collect()
            }
            _ => Vec::new(),
        };
        Ok(Self {
            baselines: gpu.buffer_of("points", &encoded)?,
            gpu: gpu.clone(),
            precision,
            grid,
            method,
            longest: points.longest,
            counts: [n, points.used],
            data,
            sweep_tables,
            sampler: Mutex::new(None),
            adjoint: Mutex::new(None),
            radial_adjoint: Mutex::new(None),
            pixels: Mutex::new(None),
            adjoint_pixels: Mutex::new(None),
            compared: Mutex::new(None),
            primary_beam: beam.cloned(),
            beam: Mutex::new(None),
            busy: Mutex::new(()),
        })
    }

    /// The transform of images.
    pub(crate) fn sampler(&self) -> Result<Arc<GpuImageSampler>> {
        self.kept(&self.sampler, || {
            let sampling = match self.method {
                ImageMethod::Bilinear => GpuSampling::Mean,
                ImageMethod::Galario => GpuSampling::AmplitudePhase,
                ImageMethod::Exact { rel_error } => GpuSampling::Exact { rel_error },
                ImageMethod::Direct => return Err(unsupported("the Direct method")),
            };
            let (rows, columns) = (self.grid.rows, self.grid.columns);
            let reach = (self.longest * self.grid.pixel_width_rad).min(0.5);
            let sampler = GpuImageSampler::new(
                &self.gpu,
                self.precision,
                [rows, columns],
                sampling,
                reach,
                &self.sweep_tables,
            )?;
            Ok(Arc::new(sampler))
        })
    }

    /// Memory for an image.
    pub(crate) fn pixels(&self) -> Result<Reals> {
        self.image_memory(&self.pixels)
    }

    pub(super) fn image_memory(&self, held: &Mutex<Option<Reals>>) -> Result<Reals> {
        let count = self.grid.rows * self.grid.columns;
        self.kept(held, || {
            Ok(self.gpu.reals("image", count, self.precision)?)
        })
    }

    /// The primary beam over sources at some places, if the plan has one.
    pub(crate) fn beam_of(&self, placements: &[Placement]) -> Result<Option<SeenBeam>> {
        let Some(beam) = &self.primary_beam else {
            return Ok(None);
        };
        let (rows, columns) = (self.grid.rows as f64, self.grid.columns as f64);
        let corner = (0.5 * rows * self.grid.pixel_height_rad)
            .hypot(0.5 * columns * self.grid.pixel_width_rad);
        let farthest = placements
            .iter()
            .map(|at| at.ra_offset_rad.hypot(at.dec_offset_rad))
            .fold(0.0, f64::max);
        let reach = corner + farthest;
        let mut held = self.beam.lock().unwrap_or_else(PoisonError::into_inner);
        let (table, numbers) = match &*held {
            Some((table, numbers)) if table.reach >= reach => (table.clone(), numbers.clone()),
            _ => {
                // With room for sources that move.
                let epsilon = self.precision.unit_roundoff();
                let table = DeviceBeam::new(beam, 1.25 * reach, epsilon)?;
                let numbers = self
                    .gpu
                    .reals_of("primary beam", &table.numbers, self.precision)?;
                held.insert((Arc::new(table), numbers)).clone()
            }
        };
        let sky: Vec<f64> = placements
            .iter()
            .flat_map(|placement| table.sky(&self.grid, placement))
            .collect();
        let on_device = GpuBeam {
            kind: table.kind,
            rows: table.rows as u32,
            columns: table.columns as u32,
            numbers,
            sky: self
                .gpu
                .reals_of("places under the beam", &sky, self.precision)?,
        };
        Ok(Some(SeenBeam { table, on_device }))
    }

    /// What is held, made when first asked for.
    pub(super) fn kept<K: Clone>(
        &self,
        held: &Mutex<Option<K>>,
        make: impl FnOnce() -> Result<K>,
    ) -> Result<K> {
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        match &*held {
            Some(kept) => Ok(kept.clone()),
            None => Ok(held.insert(make()?).clone()),
        }
    }

    /// Bytes of the device in use.
    pub(crate) fn memory_bytes(&self) -> usize {
        let held = self.sampler.lock().unwrap_or_else(PoisonError::into_inner);
        let sampler = held.as_ref().map_or(0, |sampler| sampler.memory_bytes());
        let image = self.pixels.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers = [&self.data, &*image].into_iter().flatten().map(Reals::len);
        let numbers = numbers.sum::<usize>() * self.precision.bytes();
        sampler + numbers + self.baselines.len()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, ()> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The turns that the longest baseline makes a column, a row, and with the offset.
    pub(crate) fn coefficients(&self, placement: &Placement) -> [f64; 6] {
        let (sin, cos) = placement.position_angle_rad.sin_cos();
        let column = self.longest * self.grid.pixel_width_rad;
        let row = self.longest * self.grid.pixel_height_rad * self.grid.origin.sign();
        [
            column * cos,
            -column * sin,
            row * sin,
            row * cos,
            self.longest * placement.ra_offset_rad,
            self.longest * placement.dec_offset_rad,
        ]
    }

    /// Visibilities of an image, `[rows][columns]`, in point order and without the phase of an offset.
    pub(crate) fn centred_values(
        &self,
        pixels: &[f64],
        placement: &Placement,
    ) -> Result<Vec<Complex64>> {
        let centred = Placement {
            ra_offset_rad: 0.0,
            dec_offset_rad: 0.0,
            ..*placement
        };
        self.image_values(self.precision.encode(pixels), &centred)
    }

    /// `out_ij = Re Σ_k c_k exp(2πi(u′ l_j + v′ m_i))` over the first points, as many as coefficients.
    pub(crate) fn adjoint(&self, values: &[Complex64], placement: &Placement) -> Result<Vec<f64>> {
        let sampler = self.sampler()?;
        let _alone = self.lock();
        let numbers: Vec<f64> = values.iter().flat_map(|z| [z.re, z.im]).collect();
        let coefficients = self
            .precision
            .encode_coefficients(&self.coefficients(placement));
        let pixels = self.grid.rows * self.grid.columns;
        let adjoint = self.adjoint_of(&sampler, values.len())?;
        let values = self
            .gpu
            .reals_of("coefficients of points", &numbers, self.precision)?;
        let coefficients = self.gpu.buffer_of("placement", &coefficients)?;
        let image = self.gpu.reals("image", pixels, self.precision)?;
        let mut list = CommandList::new();
        let places = [self.baselines.all(), coefficients.all()];
        adjoint.record(&mut list, &sampler, places, &values, &image);
        let back = list.read_back_reals(&image);
        Ok(self.gpu.run(list)?.take_reals(back))
    }

    /// The adjoint for a number of points, kept for the next call.
    pub(super) fn adjoint_of(
        &self,
        sampler: &GpuImageSampler,
        count: usize,
    ) -> Result<Arc<GpuImageAdjoint>> {
        let mut held = self.adjoint.lock().unwrap_or_else(PoisonError::into_inner);
        match &*held {
            Some(adjoint) if adjoint.count() == count => Ok(adjoint.clone()),
            _ => Ok(held
                .insert(Arc::new(GpuImageAdjoint::new(sampler, count)?))
                .clone()),
        }
    }

    /// What sampling reads and writes, but for the range of points.
    pub(crate) fn request(
        &self,
        coefficients: &Buffer<u8>,
        results: &Reals,
        model: usize,
        shifted: bool,
    ) -> SampleRequest {
        SampleRequest {
            baselines: self.baselines.all(),
            coefficients: coefficients.all(),
            data: None,
            results: results.all(),
            count: 0,
            model,
            shifted,
            first_result: 0,
        }
    }
}

/// The primary beam of some sources.
#[derive(Debug)]
pub(crate) struct SeenBeam {
    pub(super) table: Arc<DeviceBeam>,
    pub(super) on_device: GpuBeam,
}

pub(super) fn on_device(beam: &Option<SeenBeam>) -> Option<&GpuBeam> {
    beam.as_ref().map(|beam| &beam.on_device)
}

pub(crate) fn unsupported(what: &'static str) -> Error {
    Error::Unsupported {
        what,
        with: "a plan on a GPU",
        remedy: "use ImageMethod::Exact without a w-term, or build the plan for the CPU with `build`",
    }
}
