//! `astro gpu info`: the adapters, and the precisions that work on them.

use anyhow::Result;
use astro_gpu::{AdapterChoice, Gpu, GpuOptions, GpuPrecision, Precision, adapters};
use clap::Args;
use serde_json::{Value, json};

use crate::args::{HELP, RunOptions};
use crate::output::Console;

/// Lists the GPU adapters with their limits and the precisions that pass the self-test.
#[derive(Clone, Debug, Args)]
#[command(help_template = HELP, after_help = "Examples:
  astro gpu info
  astro gpu info --json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

impl Arguments {
    pub(crate) fn execute(&self, console: &Console) -> Result<()> {
        let found = adapters();
        if found.is_empty() {
            // The error says what to install.
            Gpu::open(&GpuOptions::default())?;
        }
        let mut text = Vec::new();
        let mut values = Vec::new();
        for (index, adapter) in found.iter().enumerate() {
            let opened = Gpu::open(&GpuOptions {
                adapter: AdapterChoice::Index(index),
                precision: GpuPrecision::F32,
                ..GpuOptions::default()
            });
            let precisions: Vec<(Precision, Result<f64, String>)> = Precision::ALL
                .into_iter()
                .map(|precision| match &opened {
                    Ok(gpu) => (
                        precision,
                        gpu.support().error(precision).map_err(str::to_owned),
                    ),
                    Err(error) => (precision, Err(error.to_string())),
                })
                .collect();
            text.push(format!("{index}: {adapter}"));
            text.push(format!(
                "   {} MiB a binding, {} MiB a buffer, {} KiB shared, {}",
                adapter.binding_bytes >> 20,
                adapter.buffer_bytes >> 20,
                adapter.workgroup_bytes >> 10,
                if adapter.has_timestamps {
                    "timestamps"
                } else {
                    "no timestamps"
                },
            ));
            for (precision, outcome) in &precisions {
                text.push(match outcome {
                    Ok(error) => {
                        format!("   {precision}: works, largest error of one operation {error:.1e}")
                    }
                    Err(reason) => format!("   {precision}: {reason}"),
                });
            }
            values.push(json!({
                "name": adapter.name,
                "kind": adapter.kind.to_string(),
                "backend": adapter.backend,
                "driver": adapter.driver,
                "binding_bytes": adapter.binding_bytes,
                "buffer_bytes": adapter.buffer_bytes,
                "workgroup_bytes": adapter.workgroup_bytes,
                "timestamps": adapter.has_timestamps,
                "precisions": precisions.iter().map(|(precision, outcome)| {
                    json!({ "name": precision.to_string(), "error": outcome.as_ref().ok(), "reason": outcome.as_ref().err() })
                }).collect::<Vec<Value>>(),
            }));
        }
        console.result(&text.join("\n"), &json!({ "adapters": values }));
        Ok(())
    }
}
