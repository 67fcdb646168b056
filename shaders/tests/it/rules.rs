//! Builtins that are wrong on some device, and so must not be used.
//!
//! Transcendental functions of f64 pass every validator and compute garbage; sin, cos and atan2 of
//! f32 are promised to 2^-11 only; fma is not fused; atomic f32 does not exist on all devices.

use astro_shaders::{Kernel, Precision, kernels};
use naga::{Expression, Function, MathFunction, Module, Scalar, ScalarKind, TypeInner};

use crate::{parsed, variants};

fn is_allowed(function: MathFunction) -> bool {
    use MathFunction as F;
    matches!(
        function,
        F::Abs
            | F::Min
            | F::Max
            | F::Clamp
            | F::Floor
            | F::Sqrt
            | F::CountOneBits
            | F::FirstLeadingBit
    )
}

fn functions(module: &Module) -> impl Iterator<Item = &Function> {
    let entries = module.entry_points.iter().map(|entry| &entry.function);
    module
        .functions
        .iter()
        .map(|(_, function)| function)
        .chain(entries)
}

fn check(module: &Module, name: &str) -> Result<(), String> {
    for function in functions(module) {
        for (_, expression) in function.expressions.iter() {
            if let Expression::Math { fun, .. } = expression
                && !is_allowed(*fun)
            {
                return Err(format!("{name} uses the builtin {fun:?}"));
            }
        }
    }
    for (_, kind) in module.types.iter() {
        if let TypeInner::Atomic(Scalar {
            kind: ScalarKind::Float,
            ..
        }) = kind.inner
        {
            return Err(format!("{name} uses an atomic float"));
        }
    }
    Ok(())
}

#[test]
fn no_kernel_uses_a_builtin_that_is_wrong_somewhere() {
    for (kernel, precision) in variants() {
        let (module, _) = parsed(kernel, precision);
        check(&module, kernel.name).unwrap();
    }
}

#[test]
fn the_rule_finds_what_it_forbids() {
    for body in ["sin(x)", "cos(x)", "atan2(x, x)", "exp(x)", "fma(x, x, x)"] {
        let source = format!("fn wrong(x: f32) -> f32 {{ return {body}; }}");
        let module = naga::front::wgsl::parse_str(&source).unwrap();
        assert!(check(&module, body).is_err(), "{body}");
    }
}

#[test]
fn only_f64_needs_a_device_feature() {
    // `parsed` validates with the capability of each precision; the others must refuse f64.
    let f64_text: Vec<&&Kernel> = kernels::ALL
        .iter()
        .filter(|kernel| kernel.is_numeric)
        .collect();
    assert!(!f64_text.is_empty());
    for kernel in f64_text {
        let source = kernel.source(Precision::F64);
        let module = naga::front::wgsl::parse_str(&source).unwrap();
        let mut strict = naga::valid::Validator::new(
            naga::valid::ValidationFlags::all(),
            naga::valid::Capabilities::empty(),
        );
        assert!(strict.validate(&module).is_err(), "{}", kernel.name);
    }
}
