//! To the languages of the three drivers.

use astro_shaders::Precision;
use naga::ShaderStage;
use naga::back::{hlsl, msl, spv};

use crate::{parsed, variants};

#[test]
fn every_kernel_translates() {
    for (kernel, precision) in variants() {
        let (module, info) = parsed(kernel, precision);
        let constants = kernel
            .constants
            .iter()
            .map(|name| ((*name).to_owned(), 64.0))
            .collect();
        let stage = Some((ShaderStage::Compute, "main"));
        let (module, info) =
            naga::back::pipeline_constants::process_overrides(&module, &info, stage, &constants)
                .unwrap_or_else(|error| panic!("{}: {error}", kernel.name));
        let name = format!("{} in {precision}", kernel.name);

        let words = spv::write_vec(&module, &info, &spv::Options::default(), None);
        assert!(
            words
                .unwrap_or_else(|error| panic!("{name} to SPIR-V: {error}"))
                .len()
                > 100
        );

        let options = hlsl::Options {
            shader_model: hlsl::ShaderModel::V6_0,
            // Where the runtime puts the number of workgroups.
            special_constants_binding: Some(hlsl::BindTarget {
                space: 7,
                ..Default::default()
            }),
            ..Default::default()
        };
        let mut text = String::new();
        let pipeline = hlsl::PipelineOptions::default();
        hlsl::Writer::new(&mut text, &options, &pipeline)
            .write(&module, &info, None)
            .unwrap_or_else(|error| panic!("{name} to HLSL: {error}"));
        assert!(text.contains("numthreads(256, 1, 1)"), "{name}");

        // Metal has no f64: the other two precisions are what runs there.
        if precision != Precision::F64 || !kernel.is_numeric {
            let options = msl::Options {
                lang_version: (2, 4),
                ..Default::default()
            };
            let (text, _) =
                msl::write_string(&module, &info, &options, &msl::PipelineOptions::default())
                    .unwrap_or_else(|error| panic!("{name} to MSL: {error}"));
            assert!(text.contains("kernel void"), "{name}");
        }
    }
}
