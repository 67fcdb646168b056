//! What a kernel declares is what its text says.

use astro_shaders::Access;
use naga::{AddressSpace, StorageAccess, TypeInner};

use crate::{parsed, variants};

#[test]
fn parameters_lie_where_the_host_puts_them() {
    for (kernel, precision) in variants() {
        let (module, _) = parsed(kernel, precision);
        let (_, params) = module
            .types
            .iter()
            .find(|(_, kind)| kind.name.as_deref() == Some("Params"))
            .unwrap_or_else(|| panic!("{} has no struct Params", kernel.name));
        let TypeInner::Struct { members, span } = &params.inner else {
            panic!("Params of {} is no struct", kernel.name);
        };
        let found: Vec<(&str, usize)> = members
            .iter()
            .map(|member| (member.name.as_deref().unwrap_or(""), member.offset as usize))
            .collect();
        assert_eq!(found, kernel.fields, "{}", kernel.name);
        assert_eq!(*span as usize, kernel.params_bytes(), "{}", kernel.name);
        assert!(kernel.params_bytes() <= 256, "{}", kernel.name);
    }
}

#[test]
fn bindings_are_as_declared() {
    for (kernel, precision) in variants() {
        let (module, info) = parsed(kernel, precision);
        let entry = info.get_entry_point(0);
        let mut found = Vec::new();
        for (handle, variable) in module.global_variables.iter() {
            let Some(binding) = variable.binding else {
                continue;
            };
            assert_eq!(binding.group, 0, "{}", kernel.name);
            assert!(
                !entry[handle].is_empty(),
                "{}: binding {} is not used",
                kernel.name,
                binding.binding
            );
            let access = match variable.space {
                AddressSpace::Uniform => Access::Params,
                AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => {
                    Access::Write
                }
                AddressSpace::Storage { .. } => Access::Read,
                space => panic!("{}: binding in {space:?}", kernel.name),
            };
            found.push((binding.binding, access));
        }
        found.sort_by_key(|&(binding, _)| binding);
        let expected: Vec<_> = (0u32..).zip(kernel.bindings.iter().copied()).collect();
        assert_eq!(found, expected, "{}", kernel.name);
        // What WebGPU promises in every stage.
        assert!(kernel.bindings.len() <= 9, "{}", kernel.name);
    }
}

#[test]
fn constants_and_entry_points_are_as_declared() {
    for (kernel, precision) in variants() {
        let (module, _) = parsed(kernel, precision);
        let constants: Vec<&str> = module
            .overrides
            .iter()
            .filter_map(|(_, c)| c.name.as_deref())
            .collect();
        assert_eq!(constants, kernel.constants, "{}", kernel.name);
        assert_eq!(module.entry_points.len(), 1, "{}", kernel.name);
        assert_eq!(module.entry_points[0].name, "main", "{}", kernel.name);
        assert_eq!(
            module.entry_points[0].workgroup_size,
            [256, 1, 1],
            "{}",
            kernel.name
        );
    }
}

#[test]
fn numeric_kernels_set_the_guard_first() {
    for (kernel, precision) in variants() {
        let source = kernel.source(precision);
        let main = source.split("fn main(").nth(1).unwrap();
        let first = main.split('{').nth(1).unwrap().trim_start();
        assert_eq!(
            first.starts_with("guard_with(groups.z - 1u);"),
            kernel.is_numeric,
            "{}",
            kernel.name
        );
    }
}
