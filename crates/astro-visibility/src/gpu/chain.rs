//! The chain of kernels from models to χ² or visibilities: one submission for many models.

use std::borrow::Cow;

use astro_fft::{GpuBeam, GpuImageSampler, SampleRequest, record_radial_samples};
use astro_gpu::shaders::{Kernel, SweepRowsParams, kernels};
use astro_gpu::{Buffer, CommandList, Dispatch, Groups, Reals, chunks, compensated};
use num_complex::Complex64;

use super::engine::{Device, on_device};
use crate::geometry::Placement;
use crate::{Error, Result};

/// Points of a workgroup.
pub(super) const GROUP: usize = Kernel::THREADS as usize;

/// Numbers of models that one submission holds at most.
const BATCH_NUMBERS: usize = 1 << 22;

/// A profile to be drawn.
#[derive(Clone, Debug)]
pub(crate) struct DrawnProfile {
    /// Brightness times the solid angle of a pixel.
    pub(crate) values: Vec<f64>,
    /// `1/cos² i`, the first radius in steps, the central pixel.
    pub(crate) numbers: [f64; 3],
    pub(crate) placement: Placement,
}

/// A profile on the device that is drawn there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drawn<'a> {
    /// Three for each of a batch of models: those of [`DrawnProfile`].
    pub(super) numbers: &'a Reals,
    pub(super) profiles: &'a Reals,
    /// Number of radii.
    pub(super) count: usize,
    /// Which of the batch.
    pub(super) model: usize,
}

/// The table of a profile's Hankel transform.
#[derive(Clone, Debug)]
pub(crate) struct RadialTable {
    /// `[intervals][8]`.
    pub(crate) values: Vec<f64>,
    /// Width of an interval, wavelengths.
    pub(crate) step: f64,
    pub(crate) cos_inclination: f64,
    pub(crate) placement: Placement,
}

/// What is wanted of the points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Chi2,
    Values,
}

/// Buffers of one submission.
struct Batch {
    coefficients: Buffer<u8>,
    results: Reals,
    wanted: Wanted,
    /// Results of one model.
    stride: usize,
}

impl Device {
    /// Visibilities of an image in point order.
    pub(crate) fn image_values(
        &self,
        image: Cow<'_, [u8]>,
        placement: &Placement,
    ) -> Result<Vec<Complex64>> {
        Ok(pairs(&self.image(image, placement, Wanted::Values)?))
    }

    /// χ² of an image.
    pub(crate) fn image_chi2(&self, image: Cow<'_, [u8]>, placement: &Placement) -> Result<f64> {
        Ok(compensated(self.image(image, placement, Wanted::Chi2)?))
    }

    fn image(
        &self,
        image: Cow<'_, [u8]>,
        placement: &Placement,
        wanted: Wanted,
    ) -> Result<Vec<f64>> {
        let sampler = self.sampler()?;
        let _alone = self.lock();
        let batch = self.batch(&[self.coefficients(placement)], wanted)?;
        let pixels = self.pixels()?;
        let beam = self.beam_of(&[*placement])?;
        let mut list = CommandList::new();
        list.upload_encoded(&pixels, image)?;
        list.stage("transform");
        sampler.record_image(&mut list, &pixels, on_device(&beam));
        list.stage("sample");
        self.record(&mut list, &batch, 0, placement, |list, request| {
            sampler.record_samples(list, request)
        })?;
        let back = list.read_back_reals(&batch.results);
        Ok(self.gpu.run(list)?.take_reals(back))
    }

    /// χ² of profiles by way of their images.
    pub(crate) fn drawn_chi2(&self, models: &[DrawnProfile]) -> Result<Vec<f64>> {
        let results = self.in_batches(
            models,
            |model| model.values.len(),
            |models| self.drawn(models, Wanted::Chi2),
        )?;
        Ok(results.into_iter().map(compensated).collect())
    }

    /// Visibilities of a profile by way of its image, in point order.
    pub(crate) fn drawn_values(&self, model: DrawnProfile) -> Result<Vec<Complex64>> {
        let results = self.drawn(&[model], Wanted::Values)?;
        Ok(pairs(&results.concat()))
    }

    fn drawn(&self, models: &[DrawnProfile], wanted: Wanted) -> Result<Vec<Vec<f64>>> {
        let sampler = self.sampler()?;
        let _alone = self.lock();
        let coefficients: Vec<[f64; 6]> = models
            .iter()
            .map(|model| self.coefficients(&model.placement))
            .collect();
        let batch = self.batch(&coefficients, wanted)?;
        let count = models[0].values.len();
        let values: Vec<f64> = models
            .iter()
            .flat_map(|model| model.values.iter().copied())
            .collect();
        let numbers: Vec<f64> = models.iter().flat_map(|model| model.numbers).collect();
        let profiles = self.gpu.reals_of("profiles", &values, self.precision)?;
        let numbers = self
            .gpu
            .reals_of("inclinations", &numbers, self.precision)?;
        let placements: Vec<Placement> = models.iter().map(|model| model.placement).collect();
        let beam = self.beam_of(&placements)?;
        let mut list = CommandList::new();
        for (k, model) in models.iter().enumerate() {
            let drawn = Drawn {
                numbers: &numbers,
                profiles: &profiles,
                count,
                model: k,
            };
            self.record_drawing(&mut list, &sampler, on_device(&beam), drawn);
            list.stage("sample");
            self.record(&mut list, &batch, k, &model.placement, |list, request| {
                sampler.record_samples(list, request)
            })?;
        }
        let back = list.read_back_reals(&batch.results);
        let results = self.gpu.run(list)?.take_reals(back);
        Ok(results.chunks(batch.stride).map(<[f64]>::to_vec).collect())
    }

    /// Draws a profile and transforms it.
    pub(super) fn record_drawing(
        &self,
        list: &mut CommandList<'_>,
        sampler: &GpuImageSampler,
        beam: Option<&GpuBeam>,
        drawn: Drawn<'_>,
    ) {
        let plane = sampler.plane();
        let [kind, beam_rows, beam_columns] = GpuBeam::params(beam);
        sampler.record_rows(list, |list, rows| {
            let [sky, power] = GpuBeam::slices(beam, drawn.profiles);
            let params = SweepRowsParams {
                rows: self.grid.rows as u32,
                columns: self.grid.columns as u32,
                first_row: rows.start as u32,
                block_rows: rows.len() as u32,
                length: plane.shape().length as u32,
                spacing: plane.spacing() as u32,
                count: drawn.count as u32,
                model: drawn.model as u32,
                beam: kind,
                beam_rows,
                beam_columns,
            };
            let dispatch = Dispatch::new(&kernels::SWEEP_ROWS, self.precision, &params)
                .bind(sampler.tables().all())
                .bind(sky)
                .bind(drawn.numbers.all())
                .bind(drawn.profiles.all())
                .bind(power)
                .bind(plane.rows_in().all());
            list.stage("draw");
            let groups = Groups::for_rows(rows.len(), plane.shape().length);
            list.dispatch(dispatch, groups);
            list.stage("transform");
        });
    }

    /// χ² of profiles by their Hankel transforms.
    pub(crate) fn radial_chi2(&self, models: &[RadialTable]) -> Result<Vec<f64>> {
        let results = self.in_batches(
            models,
            |model| model.values.len(),
            |models| self.radial(models, Wanted::Chi2),
        )?;
        Ok(results.into_iter().map(compensated).collect())
    }

    /// Visibilities of a profile by its Hankel transform, in point order.
    pub(crate) fn radial_values(&self, model: RadialTable) -> Result<Vec<Complex64>> {
        Ok(pairs(&self.radial(&[model], Wanted::Values)?.concat()))
    }

    fn radial(&self, models: &[RadialTable], wanted: Wanted) -> Result<Vec<Vec<f64>>> {
        let _alone = self.lock();
        let intervals = models[0].values.len() / 8;
        let length = self.radial_length(&models[0]);
        let coefficients: Vec<[f64; 6]> = models
            .iter()
            .map(|model| self.radial_coefficients(model, length))
            .collect();
        let batch = self.batch(&coefficients, wanted)?;
        let values: Vec<f64> = models
            .iter()
            .flat_map(|model| {
                let scale = model.cos_inclination.abs();
                model.values.iter().map(move |c| c * scale)
            })
            .collect();
        let tables = self
            .gpu
            .reals_of("radial tables", &values, self.precision)?;
        let mut list = CommandList::new();
        list.stage("sample");
        for (k, model) in models.iter().enumerate() {
            self.record(&mut list, &batch, k, &model.placement, |list, request| {
                record_radial_samples(list, &tables, intervals, length, request);
            })?;
        }
        let back = list.read_back_reals(&batch.results);
        let results = self.gpu.run(list)?.take_reals(back);
        Ok(results.chunks(batch.stride).map(<[f64]>::to_vec).collect())
    }

    /// So many intervals of a radial table that no point comes to half of them.
    pub(super) fn radial_length(&self, table: &RadialTable) -> usize {
        (2.2 * self.longest / table.step).ceil() as usize + 8
    }

    /// The turns that the longest baseline makes along the minor and the major axis of a disc, and with the offset.
    pub(super) fn radial_coefficients(&self, table: &RadialTable, length: usize) -> [f64; 6] {
        let (sin, cos) = table.placement.position_angle_rad.sin_cos();
        let turns = self.longest / (table.step * length as f64);
        let [.., ra, dec] = self.coefficients(&table.placement);
        let minor = turns * table.cos_inclination;
        [minor * cos, -minor * sin, turns * sin, turns * cos, ra, dec]
    }

    /// Runs models in submissions of bounded size.
    fn in_batches<M>(
        &self,
        models: &[M],
        numbers: impl Fn(&M) -> usize,
        run: impl Fn(&[M]) -> Result<Vec<Vec<f64>>>,
    ) -> Result<Vec<Vec<f64>>> {
        let Some(first) = models.first() else {
            return Ok(Vec::new());
        };
        let per_model = numbers(first).max(self.counts[1].div_ceil(GROUP)).max(1);
        let batch = (BATCH_NUMBERS / per_model).clamp(1, 256);
        let mut results = Vec::with_capacity(models.len());
        for models in models.chunks(batch) {
            results.extend(run(models)?);
        }
        Ok(results)
    }

    fn batch(&self, coefficients: &[[f64; 6]], wanted: Wanted) -> Result<Batch> {
        let encoded = self
            .precision
            .encode_coefficients(coefficients.as_flattened());
        let stride = match wanted {
            Wanted::Chi2 if self.data.is_none() => return Err(Error::NoData),
            Wanted::Chi2 => self.counts[1].div_ceil(GROUP).max(1),
            Wanted::Values => 2 * self.counts[0],
        };
        Ok(Batch {
            coefficients: self.gpu.buffer_of("placements", &encoded)?,
            results: self
                .gpu
                .reals("results", coefficients.len() * stride, self.precision)?,
            wanted,
            stride,
        })
    }

    /// Samples all points, as many at a time as a kernel can see.
    fn record<'a>(
        &self,
        list: &mut CommandList<'a>,
        batch: &Batch,
        model: usize,
        placement: &Placement,
        sample: impl Fn(&mut CommandList<'a>, &SampleRequest),
    ) -> Result<()> {
        let shifted = placement.ra_offset_rad != 0.0 || placement.dec_offset_rad != 0.0;
        let bytes = self.precision.baseline_bytes();
        let count = self.counts[usize::from(batch.wanted == Wanted::Chi2)];
        let limit = self.gpu.adapter().binding_bytes;
        for range in chunks(count, 3 * self.precision.bytes(), 64 * GROUP, limit) {
            let mut request = self.request(&batch.coefficients, &batch.results, model, shifted);
            request.baselines = self.baselines.slice(range.start * bytes..range.end * bytes);
            request.count = range.len();
            match batch.wanted {
                Wanted::Chi2 => {
                    request.data = self
                        .data
                        .as_ref()
                        .map(|data| data.slice(3 * range.start..3 * range.end));
                    request.first_result = model * batch.stride + range.start / GROUP;
                }
                Wanted::Values => {
                    request.results = batch.results.slice(2 * range.start..2 * range.end)
                }
            }
            sample(list, &request);
        }
        Ok(())
    }
}

fn pairs(numbers: &[f64]) -> Vec<Complex64> {
    numbers
        .as_chunks()
        .0
        .iter()
        .map(|&[re, im]| Complex64::new(re, im))
        .collect()
}
