//! Which devices there are, and which one to take.

use std::fmt;

use crate::{Error, Result};

/// A wish for an adapter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AdapterChoice {
    /// The fastest kind there is: discrete before integrated before virtual before software.
    #[default]
    HighPower,
    /// Integrated before discrete.
    LowPower,
    /// By its place in [`adapters`].
    Index(usize),
    /// The first whose name contains this, in any case.
    Name(String),
}

impl fmt::Display for AdapterChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HighPower => formatter.write_str("the wish for any adapter"),
            Self::LowPower => formatter.write_str("the wish for a low-power adapter"),
            Self::Index(index) => write!(formatter, "index {index}"),
            Self::Name(name) => write!(formatter, "the name `{name}`"),
        }
    }
}

/// What kind of device an adapter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdapterKind {
    /// A card with its own memory.
    Discrete,
    /// Part of the processor.
    Integrated,
    /// Through a hypervisor.
    Virtual,
    /// A renderer that computes on the CPU: for tests, not for speed.
    Software,
    /// The driver does not say.
    Other,
}

impl fmt::Display for AdapterKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Discrete => "discrete GPU",
            Self::Integrated => "integrated GPU",
            Self::Virtual => "virtual GPU",
            Self::Software => "software",
            Self::Other => "other",
        })
    }
}

/// An adapter as its driver describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct AdapterReport {
    /// Its name.
    pub name: String,
    /// What kind of device it is.
    pub kind: AdapterKind,
    /// `vulkan`, `metal` or `dx12`.
    pub backend: String,
    /// The driver with its version.
    pub driver: String,
    /// Whether kernels can use `f64`.
    pub has_f64: bool,
    /// Whether kernels can be timed on the device.
    pub has_timestamps: bool,
    /// Most bytes that a kernel can see of one buffer.
    pub binding_bytes: u64,
    /// Most bytes of one buffer.
    pub buffer_bytes: u64,
    /// Bytes of memory that a workgroup shares.
    pub workgroup_bytes: u32,
}

impl fmt::Display for AdapterReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            kind,
            backend,
            driver,
            ..
        } = self;
        write!(formatter, "{name} ({kind}, {backend}, {driver})")
    }
}

/// All adapters, the fastest kind first.
///
/// ```
/// for adapter in astro_gpu::adapters() {
///     assert!(!adapter.name.is_empty());
/// }
/// ```
#[must_use]
pub fn adapters() -> Vec<AdapterReport> {
    sorted().iter().map(report).collect()
}

/// The adapters of the machine, in the order of [`adapters`].
fn sorted() -> Vec<wgpu::Adapter> {
    let backends = wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12;
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = backends;
    descriptor.flags = wgpu::InstanceFlags::empty();
    let instance = wgpu::Instance::new(descriptor);
    let mut adapters = pollster::block_on(instance.enumerate_adapters(backends));
    adapters.sort_by_key(|adapter| rank(kind(adapter.get_info().device_type), false));
    adapters
}

/// The adapter that fits a wish best.
pub(crate) fn choose(choice: &AdapterChoice) -> Result<(wgpu::Adapter, AdapterReport)> {
    let mut adapters = sorted();
    let reports: Vec<AdapterReport> = adapters.iter().map(report).collect();
    match pick(choice, &reports) {
        Some(index) => Ok((adapters.swap_remove(index), reports[index].clone())),
        None => Err(Error::NoAdapter {
            wanted: choice.to_string(),
            found: reports.iter().map(ToString::to_string).collect(),
        }),
    }
}

fn pick(choice: &AdapterChoice, reports: &[AdapterReport]) -> Option<usize> {
    let all = 0..reports.len();
    match choice {
        AdapterChoice::HighPower => all.min_by_key(|&i| rank(reports[i].kind, false)),
        AdapterChoice::LowPower => all.min_by_key(|&i| rank(reports[i].kind, true)),
        AdapterChoice::Index(index) => all.into_iter().find(|i| i == index),
        AdapterChoice::Name(name) => {
            let name = name.to_lowercase();
            all.into_iter()
                .find(|&i| reports[i].name.to_lowercase().contains(&name))
        }
    }
}

fn rank(kind: AdapterKind, low_power: bool) -> u8 {
    match kind {
        AdapterKind::Discrete => u8::from(low_power),
        AdapterKind::Integrated => u8::from(!low_power),
        AdapterKind::Virtual => 2,
        AdapterKind::Other => 3,
        AdapterKind::Software => 4,
    }
}

fn kind(device_type: wgpu::DeviceType) -> AdapterKind {
    match device_type {
        wgpu::DeviceType::DiscreteGpu => AdapterKind::Discrete,
        wgpu::DeviceType::IntegratedGpu => AdapterKind::Integrated,
        wgpu::DeviceType::VirtualGpu => AdapterKind::Virtual,
        wgpu::DeviceType::Cpu => AdapterKind::Software,
        wgpu::DeviceType::Other => AdapterKind::Other,
    }
}

fn report(adapter: &wgpu::Adapter) -> AdapterReport {
    let (info, limits, features) = (adapter.get_info(), adapter.limits(), adapter.features());
    AdapterReport {
        name: info.name,
        kind: kind(info.device_type),
        backend: info.backend.to_str().to_owned(),
        driver: format!("{} {}", info.driver, info.driver_info)
            .trim()
            .to_owned(),
        has_f64: features.contains(wgpu::Features::SHADER_F64),
        has_timestamps: features.contains(wgpu::Features::TIMESTAMP_QUERY),
        binding_bytes: limits.max_storage_buffer_binding_size,
        buffer_bytes: limits.max_buffer_size,
        workgroup_bytes: limits.max_compute_workgroup_storage_size,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(name: &str, kind: AdapterKind) -> AdapterReport {
        AdapterReport {
            name: name.to_owned(),
            kind,
            backend: "vulkan".to_owned(),
            driver: String::new(),
            has_f64: true,
            has_timestamps: true,
            binding_bytes: 1 << 27,
            buffer_bytes: 1 << 31,
            workgroup_bytes: 1 << 14,
        }
    }

    #[test]
    fn wishes_pick_the_right_adapter() {
        let all = [
            report("llvmpipe", AdapterKind::Software),
            report("Iris", AdapterKind::Integrated),
            report("RTX", AdapterKind::Discrete),
        ];
        let picked = |choice| pick(&choice, &all);
        assert_eq!(picked(AdapterChoice::HighPower), Some(2));
        assert_eq!(picked(AdapterChoice::LowPower), Some(1));
        assert_eq!(picked(AdapterChoice::Index(0)), Some(0));
        assert_eq!(picked(AdapterChoice::Index(3)), None);
        assert_eq!(picked(AdapterChoice::Name("LLVM".to_owned())), Some(0));
        assert_eq!(picked(AdapterChoice::Name("none".to_owned())), None);
    }

    #[test]
    fn a_missing_adapter_is_told_with_what_there_is() {
        let error = choose(&AdapterChoice::Name("no such card".to_owned())).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("no such card") && text.contains("mesa-vulkan-drivers"),
            "{text}"
        );
    }
}
