//! Memory that the host writes and the device reads, kept from one upload to the next: to get such
//! memory takes longer than to copy through it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::context::Device;
use crate::{Error, Result};

/// Bytes of a buffer. Larger uploads go through several, so that the host fills one while the device
/// empties another.
pub(crate) const STAGING_BYTES: usize = 16 << 20;

/// Buffers that are kept.
const KEPT: usize = 16;

/// Buffers that are mapped and ready.
#[derive(Debug, Default)]
pub(crate) struct Staging {
    ready: Arc<Mutex<Vec<wgpu::Buffer>>>,
}

impl Staging {
    /// A buffer that begins with `bytes`, at most [`STAGING_BYTES`] of them.
    pub(crate) fn filled(&self, device: &Device, bytes: &[u8]) -> Result<wgpu::Buffer> {
        let ready = self
            .ready
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let buffer = match ready {
            Some(buffer) => buffer,
            None => {
                let usage = wgpu::BufferUsages::MAP_WRITE | wgpu::BufferUsages::COPY_SRC;
                device.mapped_memory("staging", STAGING_BYTES as u64, usage)?
            }
        };
        let mut view = buffer
            .get_mapped_range_mut(..bytes.len() as u64)
            .map_err(|error| Error::Refused {
                what: "to write a buffer".to_owned(),
                reason: error.to_string(),
            })?;
        view.copy_from_slice(bytes);
        drop(view);
        buffer.unmap();
        Ok(buffer)
    }

    /// Takes buffers back as soon as the work that was submitted with them is done.
    pub(crate) fn take_back(&self, buffers: impl IntoIterator<Item = wgpu::Buffer>) {
        for buffer in buffers {
            let (ready, again) = (self.ready.clone(), buffer.clone());
            buffer.map_async(wgpu::MapMode::Write, .., move |mapped| {
                let mut ready = ready.lock().unwrap_or_else(PoisonError::into_inner);
                if mapped.is_ok() && ready.len() < KEPT {
                    ready.push(again);
                }
            });
        }
    }
}
