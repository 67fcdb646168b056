//! The chain of kernels to χ² and its derivatives: forward, compared with the data, and back, in one submission.
//!
//! With c = 2 w (V − D)* P at each point, P the phase of the offset, `dχ² = Re Σ c dF`. The derivatives with respect to
//! the placement are sums over points: an offset turns F, and a rotation moves the point within the plane, where
//! the sampling kernel has a slope. Those with respect to pixels are the adjoint of the sampling, and those with
//! respect to a profile that image folded onto its radii.

use std::borrow::Cow;
use std::f64::consts::TAU;
use std::ops::Range;
use std::sync::Arc;

use astro_fft::{
    GpuBeam, GpuImageSampler, GpuRadialAdjoint, RESIDUAL_SUMS, SampleRequest,
    record_radial_residuals,
};
use astro_gpu::shaders::{BeamSlopesParams, GatherRingsParams, kernels};
use astro_gpu::{Buffer, CommandList, Dispatch, Groups, Reals, Slice, chunks, compensated};

use super::chain::{Drawn, DrawnProfile, GROUP, RadialTable};
use super::engine::{Device, SeenBeam, on_device};
use crate::geometry::Placement;
use crate::{Error, PlacementGradient, Result};

/// Sums of the pixels between two radii: see `gather_rings.wgsl`.
const RING_SUMS: usize = 3;

/// Sums of a row for what moves with the beam: see `beam_slopes.wgsl`.
const BEAM_SUMS: usize = 6;

/// χ² of an image and its derivatives.
pub(crate) struct ImageSlopes {
    pub(crate) chi2: f64,
    pub(crate) placement: PlacementGradient,
    pub(crate) pixels: Vec<f64>,
}

/// χ² of a drawn profile, and its derivatives with respect to pixels, summed.
pub(crate) struct DrawnSlopes {
    pub(crate) chi2: f64,
    pub(crate) placement: PlacementGradient,
    /// Of the pixels between two radii, t their place: Σ (1 − t) g, Σ t g, Σ (x / cos i)² g / R in steps.
    pub(crate) rings: Vec<[f64; RING_SUMS]>,
    /// Of the central pixel.
    pub(crate) central: f64,
}

/// χ² of a radial table and its derivatives.
pub(crate) struct RadialSlopes {
    pub(crate) chi2: f64,
    /// `∂χ²/∂(ΔRA, ΔDec)`.
    pub(crate) offset: [f64; 2],
    /// Σ Re(c) H
    pub(crate) by_height: f64,
    /// Σ Re(c) H′(ρ) (x²/ρ, x y/ρ) with (x, y) = (u′ cos i, v′).
    pub(crate) by_baseline: [f64; 2],
    /// With respect to the polynomials, over `|cos i|`.
    pub(crate) coefficients: Vec<[f64; 8]>,
}

/// What is under a beam.
#[derive(Clone, Copy)]
enum BeamSource<'a> {
    Image(&'a Reals),
    /// With the tables of the sampler.
    Profile(Drawn<'a>, &'a Reals),
}

/// Where the points of positive weight are compared; kept from one call to the next.
#[derive(Clone, Debug)]
pub(super) struct Compared {
    /// c of each point.
    values: Reals,
    /// Of workgroups.
    sums: Reals,
}

impl Device {
    /// χ² of an image and its derivatives.
    pub(crate) fn image_gradient(
        &self,
        image: Cow<'_, [u8]>,
        placement: &Placement,
    ) -> Result<ImageSlopes> {
        let sampler = self.sampler()?;
        let _alone = self.lock();
        let pixels = self.pixels()?;
        let compared = self.compared()?;
        let coefficients = self.placed(self.coefficients(placement))?;
        let beam = self.beam_of(&[*placement])?;
        let mut list = CommandList::new();
        list.upload_encoded(&pixels, image)?;
        list.stage("transform");
        sampler.record_image(&mut list, &pixels, on_device(&beam));
        // Under a beam the image is needed once more.
        let adjoint = match &beam {
            Some(_) => self.image_memory(&self.adjoint_pixels)?,
            None => pixels.clone(),
        };
        let places = &coefficients;
        self.record_there_and_back(&mut list, &sampler, &compared, places, placement, &adjoint)?;
        let moved = match &beam {
            None => None,
            Some(beam) => {
                let source = BeamSource::Image(&pixels);
                let moved = self.record_beam(&mut list, beam, source, &adjoint)?;
                Some(list.read_back_reals(&moved))
            }
        };
        let [sums, pixels] = [&compared.sums, &adjoint].map(|reals| list.read_back_reals(reals));
        let mut results = self.gpu.run(list)?;
        let sums = totals(&results.take_reals(sums));
        let mut slopes = self.placement_slopes(&sampler, placement, &sums);
        if let (Some(beam), Some(moved)) = (&beam, moved) {
            let moved = totals(&results.take_reals(moved));
            add_beam(
                &mut slopes,
                beam.table.slopes(&self.grid, placement, &moved),
            );
        }
        Ok(ImageSlopes {
            chi2: sums[0],
            placement: slopes,
            pixels: results.take_reals(pixels),
        })
    }

    /// χ² of a profile by way of its image, and its derivatives.
    pub(crate) fn drawn_gradient(&self, model: &DrawnProfile) -> Result<DrawnSlopes> {
        let sampler = self.sampler()?;
        let _alone = self.lock();
        let pixels = self.pixels()?;
        let compared = self.compared()?;
        let coefficients = self.placed(self.coefficients(&model.placement))?;
        let numbers = self
            .gpu
            .reals_of("inclination", &model.numbers, self.precision)?;
        let profile = self
            .gpu
            .reals_of("profile", &model.values, self.precision)?;
        let count = model.values.len();
        let (rings, blocks) = (count - 1, self.grid.rows.div_ceil(GROUP));
        let sums = RING_SUMS * rings * blocks + 1;
        let folded = self.gpu.reals("sums of rings", sums, self.precision)?;
        let beam = self.beam_of(&[model.placement])?;
        let mut list = CommandList::new();
        let drawn = Drawn {
            numbers: &numbers,
            profiles: &profile,
            count,
            model: 0,
        };
        self.record_drawing(&mut list, &sampler, on_device(&beam), drawn);
        let (places, placement) = (&coefficients, &model.placement);
        self.record_there_and_back(&mut list, &sampler, &compared, places, placement, &pixels)?;
        let moved = match &beam {
            None => None,
            Some(beam) => {
                let source = BeamSource::Profile(drawn, sampler.tables());
                let moved = self.record_beam(&mut list, beam, source, &pixels)?;
                Some(list.read_back_reals(&moved))
            }
        };
        list.stage("fold");
        for range in self.row_blocks(GROUP) {
            let params = GatherRingsParams {
                rows: self.grid.rows as u32,
                columns: self.grid.columns as u32,
                first_row: range.start as u32,
                block_rows: range.len() as u32,
                count: count as u32,
                model: 0,
            };
            let dispatch = Dispatch::new(&kernels::GATHER_RINGS, self.precision, &params)
                .bind(sampler.tables().all())
                .bind(numbers.all())
                .bind(self.rows_of(&pixels, &range))
                .bind(folded.all());
            list.dispatch(dispatch, Groups::new(rings * range.len().div_ceil(GROUP)));
        }
        let [sums, folded] = [&compared.sums, &folded].map(|reals| list.read_back_reals(reals));
        let mut results = self.gpu.run(list)?;
        let sums = totals(&results.take_reals(sums));
        let folded = results.take_reals(folded);
        let mut slopes = self.placement_slopes(&sampler, placement, &sums);
        if let (Some(beam), Some(moved)) = (&beam, moved) {
            let moved = totals(&results.take_reals(moved));
            add_beam(
                &mut slopes,
                beam.table.slopes(&self.grid, placement, &moved),
            );
        }
        let ring = |k: usize| {
            let of_blocks = |s: usize| {
                compensated((0..blocks).map(|b| folded[RING_SUMS * (b * rings + k) + s]))
            };
            [of_blocks(0), of_blocks(1), of_blocks(2)]
        };
        Ok(DrawnSlopes {
            chi2: sums[0],
            placement: slopes,
            rings: (0..rings).map(ring).collect(),
            central: folded[RING_SUMS * rings * blocks],
        })
    }

    /// χ² of a profile by its Hankel transform, and its derivatives.
    pub(crate) fn radial_gradient(&self, model: &RadialTable) -> Result<RadialSlopes> {
        let _alone = self.lock();
        let length = self.radial_length(model);
        let intervals = model.values.len() / 8;
        let compared = self.compared()?;
        let coefficients = self.placed(self.radial_coefficients(model, length))?;
        let scale = [model.cos_inclination.abs()];
        let values: Vec<f64> = model.values.iter().chain(&scale).copied().collect();
        let table = self.gpu.reals_of("radial table", &values, self.precision)?;
        let adjoint = self.kept(&self.radial_adjoint, || {
            let (precision, count) = (self.precision, self.counts[1]);
            let adjoint = GpuRadialAdjoint::new(&self.gpu, precision, count, intervals)?;
            Ok(Arc::new(adjoint))
        })?;
        let mut list = CommandList::new();
        list.stage("sample");
        let places = [self.baselines.all(), coefficients.all()];
        self.record_residuals(
            &mut list,
            &compared,
            &coefficients,
            &model.placement,
            |list, request, values| {
                record_radial_residuals(list, &table, intervals, length, request, values);
            },
        )?;
        list.stage("adjoint");
        let by_interval = adjoint.record(&mut list, length, places, &compared.values);
        let [sums, by_interval] =
            [&compared.sums, by_interval].map(|reals| list.read_back_reals(reals));
        let mut results = self.gpu.run(list)?;
        let sums: [f64; RESIDUAL_SUMS] = totals(&results.take_reals(sums));
        // Intervals of a turn, times their width over the width: slopes by ρ times lengths in ρ.
        let lengths = length as f64;
        Ok(RadialSlopes {
            chi2: sums[0],
            offset: [sums[1], sums[2]].map(|sum| TAU * self.longest * sum),
            by_height: sums[3],
            by_baseline: [lengths * sums[4], lengths * sums[5]],
            coefficients: results.take_reals(by_interval).as_chunks().0.to_vec(),
        })
    }

    /// Takes an adjoint image through the beam, and sums what moves with it; returns where: six numbers a row.
    fn record_beam(
        &self,
        list: &mut CommandList<'_>,
        beam: &SeenBeam,
        source: BeamSource<'_>,
        adjoint: &Reals,
    ) -> Result<Reals> {
        let sums = self
            .gpu
            .reals("sums of rows", BEAM_SUMS * self.grid.rows, self.precision)?;
        let [kind, beam_rows, beam_columns] = GpuBeam::params(Some(&beam.on_device));
        let count = match source {
            BeamSource::Image(_) => 0,
            BeamSource::Profile(drawn, _) => drawn.count,
        };
        list.stage("beam");
        // 64 rows begin where a binding can.
        for range in self.row_blocks(64) {
            let params = BeamSlopesParams {
                rows: self.grid.rows as u32,
                columns: self.grid.columns as u32,
                first_row: range.start as u32,
                block_rows: range.len() as u32,
                count: count as u32,
                model: 0,
                drawn: u32::from(matches!(source, BeamSource::Profile(..))),
                beam: kind,
                beam_rows,
                beam_columns,
            };
            // What is not read still has to be bound.
            let numbers = &beam.on_device.numbers;
            let [tables, inclination, profile, image] = match source {
                BeamSource::Image(image) => {
                    let any = numbers.all();
                    [any.clone(), any.clone(), any, self.rows_of(image, &range)]
                }
                BeamSource::Profile(drawn, tables) => {
                    [tables, drawn.numbers, drawn.profiles, numbers].map(Reals::all)
                }
            };
            let dispatch = Dispatch::new(&kernels::BEAM_SLOPES, self.precision, &params)
                .bind(tables)
                .bind(beam.on_device.sky.all())
                .bind(inclination)
                .bind(profile)
                .bind(numbers.all())
                .bind(image)
                .bind(self.rows_of(adjoint, &range))
                .bind(sums.slice(BEAM_SUMS * range.start..BEAM_SUMS * range.end));
            list.dispatch(dispatch, Groups::new(range.len()));
        }
        Ok(sums)
    }

    /// Rows of an image that a kernel can see at once, by a number of them.
    fn row_blocks(&self, step: usize) -> Vec<Range<usize>> {
        let bytes = self.grid.columns * self.precision.bytes();
        chunks(
            self.grid.rows,
            bytes,
            step,
            self.gpu.adapter().binding_bytes,
        )
    }

    fn rows_of(&self, image: &Reals, rows: &Range<usize>) -> Slice {
        let columns = self.grid.columns;
        image.slice(rows.start * columns..rows.end * columns)
    }

    /// From the transform of an image to the residuals, and back to the image of their coefficients in `image`.
    fn record_there_and_back(
        &self,
        list: &mut CommandList<'_>,
        sampler: &GpuImageSampler,
        compared: &Compared,
        coefficients: &Buffer<u8>,
        placement: &Placement,
        image: &Reals,
    ) -> Result<()> {
        let adjoint = self.adjoint_of(sampler, self.counts[1])?;
        list.stage("sample");
        self.record_residuals(
            list,
            compared,
            coefficients,
            placement,
            |list, request, values| sampler.record_residuals(list, request, values),
        )?;
        list.stage("adjoint");
        let places = [self.baselines.all(), coefficients.all()];
        adjoint.record(list, sampler, places, &compared.values, image);
        Ok(())
    }

    /// Compares all points of positive weight, as many at a time as a kernel can see.
    fn record_residuals<'a>(
        &self,
        list: &mut CommandList<'a>,
        compared: &Compared,
        coefficients: &Buffer<u8>,
        placement: &Placement,
        compare: impl Fn(&mut CommandList<'a>, &SampleRequest, Slice),
    ) -> Result<()> {
        let data = self.data.as_ref().ok_or(Error::NoData)?;
        let shifted = placement.ra_offset_rad != 0.0 || placement.dec_offset_rad != 0.0;
        let bytes = self.precision.baseline_bytes();
        let limit = self.gpu.adapter().binding_bytes;
        for range in chunks(
            self.counts[1],
            3 * self.precision.bytes(),
            64 * GROUP,
            limit,
        ) {
            let Range { start, end } = range;
            let mut request = self.request(coefficients, &compared.sums, 0, shifted);
            request.baselines = self.baselines.slice(start * bytes..end * bytes);
            request.data = Some(data.slice(3 * start..3 * end));
            request.count = end - start;
            request.first_result = start / GROUP;
            compare(list, &request, compared.values.slice(2 * start..2 * end));
        }
        Ok(())
    }

    /// `∂χ²/∂(PA, ΔRA, ΔDec)` of an image from the sums over points.
    fn placement_slopes(
        &self,
        sampler: &GpuImageSampler,
        placement: &Placement,
        sums: &[f64; RESIDUAL_SUMS],
    ) -> PlacementGradient {
        let [_, turning_u, turning_v, along_u, along_v, down_u, down_v] = *sums;
        let (sin, cos) = placement.position_angle_rad.sin_cos();
        // Turns of the longest baseline a column and a row: with a rotation, u′ falls by v′ and v′ grows by u′.
        let unturned = self.coefficients(&Placement::default());
        let [per_row, per_column] = sampler.turns_to_places();
        let along = per_column * unturned[0] * (along_u * sin + along_v * cos);
        let down = per_row * unturned[3] * (down_u * cos - down_v * sin);
        PlacementGradient {
            position_angle: down - along,
            ra_offset: TAU * self.longest * turning_u,
            dec_offset: TAU * self.longest * turning_v,
        }
    }

    fn placed(&self, coefficients: [f64; 6]) -> Result<Buffer<u8>> {
        let encoded = self.precision.encode_coefficients(&coefficients);
        Ok(self.gpu.buffer_of("placement", &encoded)?)
    }

    /// Memory for the residuals.
    fn compared(&self) -> Result<Compared> {
        self.kept(&self.compared, || {
            let (count, precision) = (self.counts[1], self.precision);
            let groups = count.div_ceil(GROUP);
            Ok(Compared {
                values: self.gpu.reals("residuals", 2 * count, precision)?,
                sums: self.gpu.reals("sums", RESIDUAL_SUMS * groups, precision)?,
            })
        })
    }
}

fn add_beam(slopes: &mut PlacementGradient, by_beam: [f64; 3]) {
    slopes.position_angle += by_beam[0];
    slopes.ra_offset += by_beam[1];
    slopes.dec_offset += by_beam[2];
}

/// The sums over all workgroups, N each.
fn totals<const N: usize>(numbers: &[f64]) -> [f64; N] {
    std::array::from_fn(|sum| compensated(numbers.iter().skip(sum).step_by(N).copied()))
}
