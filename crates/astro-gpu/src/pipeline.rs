//! Compiled kernels, each compiled once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use astro_shaders::Precision;

use crate::command::Dispatch;
use crate::context::Device;
use crate::{Error, Result};

type Key = (&'static str, Precision, Vec<(&'static str, u32)>);

/// The kernels compiled so far.
#[derive(Debug, Default)]
pub(crate) struct Pipelines {
    compiled: Mutex<HashMap<Key, wgpu::ComputePipeline>>,
}

impl Pipelines {
    /// The kernel of a dispatch, compiled if it has not been.
    pub(crate) fn get(
        &self,
        device: &Device,
        dispatch: &Dispatch,
    ) -> Result<wgpu::ComputePipeline> {
        let key = (
            dispatch.kernel.name,
            dispatch.precision,
            dispatch.constants.clone(),
        );
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pipeline) = compiled.get(&key) {
            return Ok(pipeline.clone());
        }
        let pipeline = compile(device, dispatch)?;
        compiled.insert(key, pipeline.clone());
        Ok(pipeline)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.compiled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

fn compile(device: &Device, dispatch: &Dispatch) -> Result<wgpu::ComputePipeline> {
    let kernel = dispatch.kernel;
    let scope = device.raw.push_error_scope(wgpu::ErrorFilter::Validation);
    let module = module(device, dispatch);
    let constants: Vec<(&str, f64)> = dispatch
        .constants
        .iter()
        .map(|&(name, value)| (name, f64::from(value)))
        .collect();
    let pipeline = device
        .raw
        .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(kernel.name),
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants: &constants,
                // Kernels write shared memory before they read it.
                zero_initialize_workgroup_memory: false,
            },
            cache: None,
        });
    match pollster::block_on(scope.pop()) {
        None => Ok(pipeline),
        Some(error) => Err(Error::Refused {
            what: format!(
                "the kernel {} in {} precision",
                kernel.name, dispatch.precision
            ),
            reason: error.to_string(),
        }),
    }
}

/// The text of a kernel, without counters in loops and tests of divisors, which the kernels of this
/// project do not need; accesses to memory stay checked.
#[expect(
    unsafe_code,
    reason = "without them transforms took 8 % less time and the sums of Exact 20 % (H200)"
)]
fn module(device: &Device, dispatch: &Dispatch) -> wgpu::ShaderModule {
    let kernel = dispatch.kernel;
    let descriptor = wgpu::ShaderModuleDescriptor {
        label: Some(kernel.name),
        source: wgpu::ShaderSource::Wgsl(kernel.source(dispatch.precision).into()),
    };
    let checks = wgpu::ShaderRuntimeChecks {
        force_loop_bounding: false,
        int_div_checks: false,
        ..wgpu::ShaderRuntimeChecks::checked()
    };
    // SAFETY: the text is that of `astro_shaders`. Each of its loops counts up to a bound that does not
    // change or shifts a number to zero, and each divisor is a length, a count or a power of two that the host makes at least 1.
    unsafe { device.raw.create_shader_module_trusted(descriptor, checks) }
}
