//! Execution of command lists, and what comes back.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use bytemuck::Pod;

use crate::buffer::Slice;
use crate::command::{Command, CommandList, Dispatch, ReadBack, ReadBackReals};
use crate::context::{Device, Gpu};
use crate::staging::STAGING_BYTES;
use crate::{Error, Result};

/// Offsets of uniforms are multiples of this on every device.
const UNIFORM_STEP: usize = 256;

/// Uploads of so many bytes go through staging buffers that are kept.
const LARGE: usize = 1 << 20;

/// Stages that one submission can time.
const MAX_STAGES: u32 = 512;

impl Gpu {
    /// Starts a list and returns at once; several may be under way.
    ///
    /// # Errors
    /// A kernel that does not compile, memory that is not there, a device that is lost.
    pub fn submit(&self, list: CommandList<'_>) -> Result<Pending> {
        let mut pending = submit(&self.device, list, false)?;
        pending.gpu = Some(self.clone());
        Ok(pending)
    }

    /// As [`Gpu::submit`], with the times of the list's stages where the adapter can tell.
    ///
    /// # Errors
    /// As [`Gpu::submit`].
    pub fn submit_timed(&self, list: CommandList<'_>) -> Result<Pending> {
        let mut pending = submit(&self.device, list, self.device.has_timestamps)?;
        pending.gpu = Some(self.clone());
        Ok(pending)
    }

    /// Runs a list and waits for it. A device opened with [`crate::GpuOptions::time_stages`] adds the
    /// times of its stages to [`Gpu::take_stages`].
    ///
    /// # Errors
    /// As [`Gpu::submit`] and [`Pending::wait`].
    pub fn run(&self, list: CommandList<'_>) -> Result<Results> {
        let timed = self.device.time_stages && self.device.has_timestamps;
        let results = submit(&self.device, list, timed)?.wait_on(&self.device)?;
        self.device.add_stages(&results.stages);
        Ok(results)
    }
}

/// Work under way.
#[derive(Debug)]
#[must_use = "work is only known to have succeeded after `wait`"]
pub struct Pending {
    gpu: Option<Gpu>,
    index: wgpu::SubmissionIndex,
    staged: Vec<wgpu::Buffer>,
    times: Option<Times>,
}

#[derive(Debug)]
struct Times {
    /// Name, and bytes bound.
    stages: Vec<(String, u64)>,
    buffer: wgpu::Buffer,
}

/// What came back.
#[derive(Debug)]
pub struct Results {
    data: Vec<Vec<u8>>,
    stages: Vec<StageTime>,
}

/// How long the kernels of a stage took on the device.
#[derive(Clone, Debug, PartialEq)]
pub struct StageTime {
    /// The stage's name.
    pub name: String,
    /// Seconds.
    pub seconds: f64,
    /// Bytes of the buffers that its kernels were given: what moves if each reads or writes all of them
    /// once, as passes of a transform do.
    pub bytes: u64,
}

impl Pending {
    /// Waits for the end, at most as long as the device's options say.
    ///
    /// # Errors
    /// [`Error::TimedOut`], [`Error::DeviceLost`], or what the driver refused.
    pub fn wait(self) -> Result<Results> {
        match self.gpu.clone() {
            Some(gpu) => self.wait_on(&gpu.device),
            None => unreachable!("a device hands out pending work with itself"),
        }
    }

    pub(crate) fn wait_on(self, device: &Device) -> Result<Results> {
        let deadline = Instant::now() + device.wait_limit;
        let timed = self.times.as_ref().map(|times| &times.buffer);
        let buffers: Vec<&wgpu::Buffer> = self.staged.iter().chain(timed).collect();
        let (done, mapped) = mpsc::channel();
        for buffer in &buffers {
            let done = done.clone();
            buffer.map_async(wgpu::MapMode::Read, .., move |result| {
                // The receiver is only gone if the wait was given up.
                let _ = done.send(result.is_ok());
            });
        }
        drop(done);
        let poll = wgpu::PollType::Wait {
            submission_index: Some(self.index),
            timeout: Some(device.wait_limit),
        };
        let polled = device.raw.poll(poll);
        device.check_faults()?;
        match polled {
            Ok(_) => {}
            Err(wgpu::PollError::Timeout) => return Err(timed_out(device)),
            Err(error) => return Err(refused("a wait", &error.to_string())),
        }
        for _ in &buffers {
            if !received(device, &mapped, deadline)? {
                device.check_faults()?;
                return Err(refused("to map a buffer", "the mapping failed"));
            }
        }
        let mut data = Vec::with_capacity(self.staged.len());
        for buffer in &self.staged {
            data.push(mapped_bytes(buffer)?);
        }
        let stages = match &self.times {
            Some(times) => stage_times(times, f64::from(device.queue.get_timestamp_period()))?,
            None => Vec::new(),
        };
        Ok(Results { data, stages })
    }
}

/// Waits for one mapping to be reported.
fn received(device: &Device, mapped: &mpsc::Receiver<bool>, deadline: Instant) -> Result<bool> {
    loop {
        match mapped.recv_timeout(Duration::from_millis(1)) {
            Ok(good) => return Ok(good),
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(false),
            Err(mpsc::RecvTimeoutError::Timeout) if Instant::now() > deadline => {
                return Err(timed_out(device));
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let polled = device.raw.poll(wgpu::PollType::Poll);
                polled.map_err(|error| refused("a poll", &error.to_string()))?;
            }
        }
    }
}

fn mapped_bytes(buffer: &wgpu::Buffer) -> Result<Vec<u8>> {
    let view = buffer
        .get_mapped_range(..)
        .map_err(|error| refused("to read a buffer", &error.to_string()))?;
    Ok(view.to_vec())
}

fn stage_times(times: &Times, period_ns: f64) -> Result<Vec<StageTime>> {
    let bytes = mapped_bytes(&times.buffer)?;
    let ticks: Vec<u64> = bytemuck::pod_collect_to_vec(&bytes);
    let pairs = times.stages.iter().zip(ticks.chunks_exact(2));
    Ok(pairs
        .map(|((name, bytes), ticks)| StageTime {
            name: name.clone(),
            seconds: 1e-9 * period_ns * ticks[1].saturating_sub(ticks[0]) as f64,
            bytes: *bytes,
        })
        .collect())
}

impl Results {
    /// The elements of a buffer that was read back.
    #[must_use]
    pub fn take<T: Pod>(&mut self, read_back: ReadBack<T>) -> Vec<T> {
        let bytes = std::mem::take(&mut self.data[read_back.index]);
        let whole = bytes.len() / size_of::<T>() * size_of::<T>();
        bytemuck::pod_collect_to_vec(&bytes[..whole])
    }

    /// The numbers of a buffer that was read back.
    #[must_use]
    pub fn take_reals(&mut self, read_back: ReadBackReals) -> Vec<f64> {
        let bytes = std::mem::take(&mut self.data[read_back.words.index]);
        read_back.precision.decode(&bytes)
    }

    /// Times of the stages, in order; empty unless asked for and available.
    #[must_use]
    pub fn stages(&self) -> &[StageTime] {
        &self.stages
    }
}

fn timed_out(device: &Device) -> Error {
    Error::TimedOut {
        seconds: device.wait_limit.as_secs_f64(),
    }
}

fn refused(what: &str, reason: &str) -> Error {
    Error::Refused {
        what: what.to_owned(),
        reason: reason.to_owned(),
    }
}

/// Sends a list to the device.
pub(crate) fn submit(device: &Device, list: CommandList<'_>, timed: bool) -> Result<Pending> {
    device.check_faults()?;
    let params = Params::upload(device, &list)?;
    let mut encoder = Encoder {
        device,
        raw: device
            .raw
            .create_command_encoder(&wgpu::CommandEncoderDescriptor { label: None }),
        is_empty: true,
        staged: Vec::with_capacity(list.read_backs),
        queries: timed.then(|| {
            device.raw.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("stages"),
                ty: wgpu::QueryType::Timestamp,
                count: 2 * MAX_STAGES,
            })
        }),
        stages: Vec::new(),
        name: "start".to_owned(),
    };
    let mut dispatches = Vec::new();
    for command in list.commands {
        if let Command::Dispatch(dispatch, groups) = command {
            dispatches.push((dispatch, groups));
            continue;
        }
        encoder.pass(&params, &mut dispatches)?;
        encoder.command(command)?;
    }
    encoder.pass(&params, &mut dispatches)?;
    encoder.finish()
}

/// The parameters of all dispatches of a list, in one uniform buffer.
struct Params {
    buffer: wgpu::Buffer,
    next: std::cell::Cell<u64>,
}

impl Params {
    fn upload(device: &Device, list: &CommandList<'_>) -> Result<Self> {
        let mut bytes = Vec::new();
        for (dispatch, _) in list.dispatches() {
            bytes.extend_from_slice(&dispatch.params);
            bytes.resize(bytes.len().next_multiple_of(UNIFORM_STEP), 0);
        }
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let buffer = device.memory("parameters", bytes.len().max(UNIFORM_STEP) as u64, usage)?;
        if !bytes.is_empty() {
            device.queue.write_buffer(&buffer, 0, &bytes);
        }
        Ok(Self {
            buffer,
            next: std::cell::Cell::new(0),
        })
    }

    fn next(&self, bytes: usize) -> wgpu::BufferBinding<'_> {
        let offset = self.next.get();
        self.next.set(offset + UNIFORM_STEP as u64);
        wgpu::BufferBinding {
            buffer: &self.buffer,
            offset,
            size: std::num::NonZero::new(bytes as u64),
        }
    }
}

struct Encoder<'a> {
    device: &'a Device,
    raw: wgpu::CommandEncoder,
    is_empty: bool,
    staged: Vec<wgpu::Buffer>,
    queries: Option<wgpu::QuerySet>,
    stages: Vec<(String, u64)>,
    name: String,
}

impl Encoder<'_> {
    fn command(&mut self, command: Command<'_>) -> Result<()> {
        match command {
            Command::Stage(name) => self.name = name,
            Command::Upload { to, bytes } if bytes.len() >= LARGE && bytes.len() % 4 == 0 => {
                self.upload_staged(&to, &bytes)?;
            }
            Command::Upload { to, bytes } => {
                // Writes of the queue come before the commands of the next submission.
                self.flush();
                if !bytes.is_empty() {
                    self.device
                        .queue
                        .write_buffer(memory(&to)?, to.range.start, &bytes);
                }
            }
            Command::Clear(slice) => {
                self.raw
                    .clear_buffer(memory(&slice)?, slice.range.start, Some(length(&slice)));
                self.is_empty = false;
            }
            Command::Copy { from, to } => {
                let bytes = length(&from).min(length(&to));
                self.raw.copy_buffer_to_buffer(
                    memory(&from)?,
                    from.range.start,
                    memory(&to)?,
                    to.range.start,
                    bytes,
                );
                self.is_empty = false;
            }
            Command::ReadBack(slice) => {
                let bytes = length(&slice).max(4);
                let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
                let staging = self.device.memory(slice.label(), bytes, usage)?;
                self.raw.copy_buffer_to_buffer(
                    memory(&slice)?,
                    slice.range.start,
                    &staging,
                    0,
                    bytes,
                );
                self.staged.push(staging);
                self.is_empty = false;
            }
            Command::Dispatch(..) => unreachable!("dispatches go in passes"),
        }
        Ok(())
    }

    /// Encodes dispatches in one pass: each sees what the one before has written.
    fn pass(
        &mut self,
        params: &Params,
        dispatches: &mut Vec<(Dispatch, crate::Groups)>,
    ) -> Result<()> {
        if dispatches.is_empty() {
            return Ok(());
        }
        let device = self.device;
        let mut prepared = Vec::with_capacity(dispatches.len());
        let slices = dispatches.iter().flat_map(|(d, _)| &d.bindings);
        let bytes = slices.map(length).sum();
        for (dispatch, groups) in dispatches.drain(..) {
            let pipeline = device.pipelines.get(device, &dispatch)?;
            let group = bind(device, &dispatch, &pipeline, params)?;
            prepared.push((pipeline, group, groups));
        }
        let stage = self.stages.len() as u32;
        let queries = self.queries.as_ref().filter(|_| stage < MAX_STAGES);
        let timestamp_writes = queries.map(|query_set| wgpu::ComputePassTimestampWrites {
            query_set,
            beginning_of_pass_write_index: Some(2 * stage),
            end_of_pass_write_index: Some(2 * stage + 1),
        });
        if timestamp_writes.is_some() {
            self.stages.push((self.name.clone(), bytes));
        }
        let descriptor = wgpu::ComputePassDescriptor {
            label: Some(&self.name),
            timestamp_writes,
        };
        let mut pass = self.raw.begin_compute_pass(&descriptor);
        for (pipeline, group, groups) in &prepared {
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, group, &[]);
            pass.dispatch_workgroups(groups.x, groups.y, 1);
        }
        self.is_empty = false;
        Ok(())
    }

    /// An upload through staging buffers, each on its way while the next is filled.
    fn upload_staged(&mut self, to: &Slice, bytes: &[u8]) -> Result<()> {
        let memory = memory(to)?;
        for (k, part) in bytes.chunks(STAGING_BYTES).enumerate() {
            let buffer = self.device.staging.filled(self.device, part)?;
            let at = to.range.start + (k * STAGING_BYTES) as u64;
            self.raw
                .copy_buffer_to_buffer(&buffer, 0, memory, at, part.len() as u64);
            self.is_empty = false;
            self.flush();
            self.device.staging.take_back([buffer]);
        }
        Ok(())
    }

    /// Submits what has been encoded so far.
    fn flush(&mut self) {
        if self.is_empty {
            return;
        }
        let next = self
            .device
            .raw
            .create_command_encoder(&wgpu::CommandEncoderDescriptor { label: None });
        let full = std::mem::replace(&mut self.raw, next);
        self.device.queue.submit([full.finish()]);
        self.is_empty = true;
    }

    fn finish(mut self) -> Result<Pending> {
        let times = match self.queries.filter(|_| !self.stages.is_empty()) {
            None => None,
            Some(queries) => {
                let count = 2 * self.stages.len() as u32;
                let bytes = u64::from(count) * 8;
                let resolve = wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC;
                let resolved = self.device.memory("times", bytes, resolve)?;
                let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
                let buffer = self.device.memory("times", bytes, usage)?;
                self.raw.resolve_query_set(&queries, 0..count, &resolved, 0);
                self.raw
                    .copy_buffer_to_buffer(&resolved, 0, &buffer, 0, bytes);
                Some(Times {
                    stages: self.stages,
                    buffer,
                })
            }
        };
        let index = self.device.queue.submit([self.raw.finish()]);
        self.device.check_faults()?;
        Ok(Pending {
            gpu: None,
            index,
            staged: self.staged,
            times,
        })
    }
}

fn bind(
    device: &Device,
    dispatch: &Dispatch,
    pipeline: &wgpu::ComputePipeline,
    params: &Params,
) -> Result<wgpu::BindGroup> {
    let mut entries = vec![wgpu::BindGroupEntry {
        binding: 0,
        resource: wgpu::BindingResource::Buffer(params.next(dispatch.params.len())),
    }];
    for (slice, binding) in dispatch.bindings.iter().zip(1..) {
        let bytes = length(slice).max(4);
        let limit = device.report.binding_bytes;
        if bytes > limit {
            return Err(Error::TooLarge {
                label: slice.label().to_owned(),
                bytes,
                limit,
            });
        }
        let buffer = memory(slice)?;
        entries.push(wgpu::BindGroupEntry {
            binding,
            resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer,
                offset: slice.range.start,
                size: std::num::NonZero::new(bytes),
            }),
        });
    }
    Ok(device.raw.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some(dispatch.kernel.name),
        layout: &pipeline.get_bind_group_layout(0),
        entries: &entries,
    }))
}

fn length(slice: &Slice) -> u64 {
    slice.range.end - slice.range.start
}

fn memory(slice: &Slice) -> Result<&wgpu::Buffer> {
    slice
        .raw
        .inner
        .memory
        .as_ref()
        .ok_or_else(|| Error::Refused {
            what: format!("the buffer {}", slice.label()),
            reason: "it was described only, and has no memory".to_owned(),
        })
}
