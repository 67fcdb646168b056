//! An open device.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use astro_shaders::Precision;
use bytemuck::Pod;

use crate::adapter::{AdapterChoice, AdapterKind, AdapterReport, choose};
use crate::buffer::{Buffer, Reals};
use crate::execute::StageTime;
use crate::pipeline::Pipelines;
use crate::precision::{GpuPrecision, Support};
use crate::staging::Staging;
use crate::{Error, Result};

/// How to open a device.
#[derive(Clone, Debug)]
pub struct GpuOptions {
    /// Which adapter.
    pub adapter: AdapterChoice,
    /// Which precision plans take.
    pub precision: GpuPrecision,
    /// How long to wait for work before giving up.
    pub wait_limit: Duration,
    /// Whether to time the stages of all work, for [`Gpu::take_stages`].
    pub time_stages: bool,
    /// Most bytes of a buffer that a kernel shall see at once, where that is less than the adapter offers: with it
    /// what is cut on a large problem is cut on a small one.
    pub binding_bytes: Option<u64>,
}

impl Default for GpuOptions {
    /// The fastest adapter, [`GpuPrecision::Auto`], ten minutes.
    fn default() -> Self {
        Self {
            adapter: AdapterChoice::default(),
            precision: GpuPrecision::Auto,
            wait_limit: Duration::from_secs(600),
            time_stages: false,
            binding_bytes: None,
        }
    }
}

/// An open device. Clones share it.
///
/// ```
/// use astro_gpu::{Error, Gpu, GpuOptions};
///
/// match Gpu::open(&GpuOptions::default()) {
///     Ok(gpu) => println!("{}", gpu.adapter()),
///     // The message lists what was found and what to install.
///     Err(error @ Error::NoAdapter { .. }) => println!("{error}"),
///     Err(error) => return Err(error),
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Gpu {
    pub(crate) device: Arc<Device>,
    precision: GpuPrecision,
}

/// What clones share.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) raw: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) report: AdapterReport,
    pub(crate) pipelines: Pipelines,
    pub(crate) wait_limit: Duration,
    pub(crate) has_timestamps: bool,
    pub(crate) time_stages: bool,
    stages: Mutex<Vec<StageTime>>,
    pub(crate) staging: Staging,
    faults: Arc<Faults>,
    support: Support,
}

/// What the driver reported when nobody was asking.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    first: Mutex<Option<Error>>,
}

impl Faults {
    fn record(&self, error: Error) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(error);
    }
}

impl Gpu {
    /// Opens an adapter and tests its arithmetic.
    ///
    /// # Errors
    /// [`Error::NoAdapter`] with what there is; [`Error::Open`]; [`Error::Precision`] if the precision
    /// asked for is not there, or fails the test.
    pub fn open(options: &GpuOptions) -> Result<Self> {
        let (adapter, mut report) = choose(&options.adapter)?;
        if let Some(bytes) = options.binding_bytes {
            report.binding_bytes = report.binding_bytes.min(bytes);
        }
        let mut features = wgpu::Features::empty();
        features.set(wgpu::Features::SHADER_F64, report.has_f64);
        features.set(wgpu::Features::TIMESTAMP_QUERY, report.has_timestamps);
        let offered = adapter.limits();
        let limits = wgpu::Limits {
            max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
            max_buffer_size: offered.max_buffer_size,
            max_compute_workgroup_storage_size: offered.max_compute_workgroup_storage_size,
            ..wgpu::Limits::default()
        };
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("astro"),
            required_features: features,
            required_limits: limits,
            experimental_features: wgpu::ExperimentalFeatures::disabled(),
            memory_hints: wgpu::MemoryHints::Performance,
            trace: wgpu::Trace::Off,
        };
        let opened = pollster::block_on(adapter.request_device(&descriptor));
        let (raw, queue) = opened.map_err(|error| Error::Open {
            adapter: report.to_string(),
            reason: error.to_string(),
        })?;
        let faults = Arc::new(Faults::default());
        let lost = faults.clone();
        raw.set_device_lost_callback(move |_, reason| lost.record(Error::DeviceLost { reason }));
        let refused = faults.clone();
        raw.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            refused.record(from_driver(&error))
        }));
        let mut device = Device {
            has_timestamps: report.has_timestamps,
            time_stages: options.time_stages,
            stages: Mutex::default(),
            raw,
            queue,
            report,
            pipelines: Pipelines::default(),
            wait_limit: options.wait_limit,
            staging: Staging::default(),
            faults,
            support: Support::default(),
        };
        device.support = Support::measure(&device)?;
        let gpu = Self {
            device: Arc::new(device),
            precision: options.precision,
        };
        gpu.precision_for(false)?;
        Ok(gpu)
    }

    /// The adapter.
    #[must_use]
    pub fn adapter(&self) -> &AdapterReport {
        &self.device.report
    }

    /// Whether it is a software renderer, which computes on the CPU.
    #[must_use]
    pub fn is_software(&self) -> bool {
        self.device.report.kind == AdapterKind::Software
    }

    /// What the self-test found.
    #[must_use]
    pub fn support(&self) -> &Support {
        &self.device.support
    }

    /// The precision asked for.
    #[must_use]
    pub fn precision(&self) -> GpuPrecision {
        self.precision
    }

    /// The same device with another precision.
    ///
    /// # Errors
    /// [`Error::Precision`] if the adapter does not have it.
    pub fn with_precision(&self, precision: GpuPrecision) -> Result<Self> {
        let gpu = Self {
            device: self.device.clone(),
            precision,
        };
        gpu.precision_for(false)?;
        Ok(gpu)
    }

    /// The precision of a plan whose caller computes in `f64` (`wide`) or `f32`.
    ///
    /// `Auto` takes `f64` or else extended for a wide plan, and never less; `f32` for the other.
    ///
    /// # Errors
    /// [`Error::Precision`] if the adapter does not have it.
    pub fn precision_for(&self, wide: bool) -> Result<Precision> {
        self.device
            .support
            .resolve(self.precision, wide, &self.device.report)
    }

    /// Memory for `len` elements, zeroed.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::OutOfMemory`], [`Error::DeviceLost`].
    pub fn buffer<T: Pod>(&self, label: &str, len: usize) -> Result<Buffer<T>> {
        self.device.buffer(label, len)
    }

    /// Memory for `len` real numbers, zeroed.
    ///
    /// # Errors
    /// As [`Gpu::buffer`].
    pub fn reals(&self, label: &str, len: usize, precision: Precision) -> Result<Reals> {
        self.device.reals(label, len, precision)
    }

    /// Memory with these elements in it.
    ///
    /// # Errors
    /// As [`Gpu::buffer`].
    pub fn buffer_of<T: Pod>(&self, label: &str, data: &[T]) -> Result<Buffer<T>> {
        let buffer = self.buffer(label, data.len())?;
        self.device.write(&buffer, bytemuck::cast_slice(data));
        Ok(buffer)
    }

    /// Memory with these real numbers in it.
    ///
    /// # Errors
    /// As [`Gpu::buffer`].
    pub fn reals_of(&self, label: &str, data: &[f64], precision: Precision) -> Result<Reals> {
        let reals = self.reals(label, data.len(), precision)?;
        self.device.write(&reals.words, &precision.encode(data));
        Ok(reals)
    }

    /// Times of the stages of all lists that [`Gpu::run`] has run since the last call, summed by name.
    /// Empty unless asked for with [`GpuOptions::time_stages`] and known to the adapter.
    #[must_use]
    pub fn take_stages(&self) -> Vec<StageTime> {
        std::mem::take(&mut *self.device.stages())
    }

    /// Number of kernels compiled so far.
    #[must_use]
    pub fn compiled(&self) -> usize {
        self.device.pipelines.len()
    }

    /// `Ok` if a kernel can see so many bytes of a buffer at once.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn check_binding(&self, label: &str, bytes: u64) -> Result<()> {
        let limit = self.device.report.binding_bytes;
        if bytes <= limit {
            return Ok(());
        }
        Err(Error::TooLarge {
            label: label.to_owned(),
            bytes,
            limit,
        })
    }
}

impl Device {
    fn stages(&self) -> std::sync::MutexGuard<'_, Vec<StageTime>> {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add_stages(&self, times: &[StageTime]) {
        let mut sums = self.stages();
        for time in times {
            match sums.iter_mut().find(|sum| sum.name == time.name) {
                Some(sum) => {
                    sum.seconds += time.seconds;
                    sum.bytes += time.bytes;
                }
                None => sums.push(time.clone()),
            }
        }
    }

    /// The first fault that the driver has reported, once.
    pub(crate) fn check_faults(&self) -> Result<()> {
        let mut first = self
            .faults
            .first
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match &*first {
            None => Ok(()),
            // A lost device stays lost.
            Some(error @ Error::DeviceLost { .. }) => Err(error.clone()),
            Some(_) => first.take().map_or(Ok(()), Err),
        }
    }

    pub(crate) fn buffer<T: Pod>(&self, label: &str, len: usize) -> Result<Buffer<T>> {
        // Bindings are at least one word, and copies whole words.
        let bytes = ((len * size_of::<T>()) as u64).max(4).next_multiple_of(4);
        let limit = self.report.buffer_bytes;
        if bytes > limit {
            return Err(Error::TooLarge {
                label: label.to_owned(),
                bytes,
                limit,
            });
        }
        let usage = wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::COPY_SRC
            | wgpu::BufferUsages::COPY_DST;
        let memory = self.memory(label, bytes, usage)?;
        Ok(Buffer::new(label, len, Some(memory)))
    }

    pub(crate) fn reals(&self, label: &str, len: usize, precision: Precision) -> Result<Reals> {
        let words = self.buffer(label, len * precision.bytes() / 4)?;
        Ok(Reals::new(words, precision))
    }

    pub(crate) fn memory(
        &self,
        label: &str,
        bytes: u64,
        usage: wgpu::BufferUsages,
    ) -> Result<wgpu::Buffer> {
        self.create(label, bytes, usage, false)
    }

    /// Memory that the host can write at once.
    pub(crate) fn mapped_memory(
        &self,
        label: &str,
        bytes: u64,
        usage: wgpu::BufferUsages,
    ) -> Result<wgpu::Buffer> {
        self.create(label, bytes, usage, true)
    }

    fn create(
        &self,
        label: &str,
        bytes: u64,
        usage: wgpu::BufferUsages,
        mapped: bool,
    ) -> Result<wgpu::Buffer> {
        self.check_faults()?;
        let room = self.raw.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let valid = self.raw.push_error_scope(wgpu::ErrorFilter::Validation);
        let memory = self.raw.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: bytes,
            usage,
            mapped_at_creation: mapped,
        });
        let invalid = pollster::block_on(valid.pop());
        if pollster::block_on(room.pop()).is_some() {
            return Err(Error::OutOfMemory {
                label: label.to_owned(),
                bytes,
            });
        }
        match invalid {
            None => Ok(memory),
            Some(error) => Err(Error::Refused {
                what: format!("the buffer {label}"),
                reason: error.to_string(),
            }),
        }
    }

    fn write<T>(&self, buffer: &Buffer<T>, bytes: &[u8]) {
        if let Some(memory) = buffer
            .raw
            .inner
            .memory
            .as_ref()
            .filter(|_| !bytes.is_empty())
        {
            self.queue.write_buffer(memory, 0, bytes);
        }
    }
}

fn from_driver(error: &wgpu::Error) -> Error {
    match error {
        wgpu::Error::OutOfMemory { .. } => Error::OutOfMemory {
            label: "a command".to_owned(),
            bytes: 0,
        },
        other => Error::Refused {
            what: "a command".to_owned(),
            reason: other.to_string(),
        },
    }
}
