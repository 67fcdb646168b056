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
    let module = device
        .raw
        .create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(kernel.name),
            source: wgpu::ShaderSource::Wgsl(kernel.source(dispatch.precision).into()),
        });
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
