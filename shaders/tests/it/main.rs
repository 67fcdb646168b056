//! Every kernel, without a device.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod interface;
mod rules;
mod translate;

use astro_shaders::{Kernel, Precision, kernels};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};

/// Each kernel in each precision in which its text differs.
fn variants() -> impl Iterator<Item = (&'static Kernel, Precision)> {
    kernels::ALL.iter().flat_map(|&kernel| {
        let precisions = if kernel.is_numeric {
            &Precision::ALL[..]
        } else {
            &Precision::ALL[..1]
        };
        precisions.iter().map(move |&precision| (kernel, precision))
    })
}

fn capabilities(precision: Precision) -> Capabilities {
    match precision {
        Precision::F64 => Capabilities::FLOAT64,
        Precision::F32 | Precision::Extended => Capabilities::empty(),
    }
}

/// Parses and validates, with no more than the capabilities that the precision is for.
fn parsed(kernel: &Kernel, precision: Precision) -> (naga::Module, ModuleInfo) {
    let source = kernel.source(precision);
    let module = naga::front::wgsl::parse_str(&source).unwrap_or_else(|error| {
        panic!(
            "{} in {precision}: {}",
            kernel.name,
            error.emit_to_string(&source)
        )
    });
    let info = Validator::new(ValidationFlags::all(), capabilities(precision))
        .validate(&module)
        .unwrap_or_else(|error| {
            panic!(
                "{} in {precision}: {}",
                kernel.name,
                error.emit_to_string(&source)
            )
        });
    (module, info)
}
