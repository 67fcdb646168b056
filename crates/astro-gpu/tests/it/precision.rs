//! What numbers and angles are worth on the device.

use astro_gpu::shaders::{TurnsTestParams, kernels};
use astro_gpu::{CommandList, Dispatch, Error, Gpu, GpuPrecision, Groups, Precision};

use crate::{gpu, precisions, random};

#[test]
fn f32_works_everywhere() {
    let Some(gpu) = gpu() else { return };
    assert!(gpu.support().has(Precision::F32), "{:?}", gpu.support());
    assert_eq!(gpu.support().has(Precision::F64), gpu.adapter().has_f64);
}

#[test]
fn precisions_are_met_or_refused() {
    let Some(gpu) = gpu() else { return };
    for (asked, precision) in [
        (GpuPrecision::F32, Precision::F32),
        (GpuPrecision::Extended, Precision::Extended),
        (GpuPrecision::F64, Precision::F64),
    ] {
        match gpu.with_precision(asked) {
            Ok(gpu) => assert_eq!(gpu.precision_for(true).unwrap(), precision),
            Err(Error::Precision { .. }) => assert!(!gpu.support().has(precision)),
            Err(error) => panic!("{error}"),
        }
    }
    let auto = gpu.with_precision(GpuPrecision::Auto).unwrap();
    assert_eq!(auto.precision_for(false).unwrap(), Precision::F32);
    assert!(auto.precision_for(true) != Ok(Precision::F32));
}

/// Largest error of a phase and of a place in cells, over random baselines.
fn angle_errors(
    gpu: &Gpu,
    precision: Precision,
    coefficients: [f64; 2],
    length: u32,
) -> (f64, f64) {
    let count = 4096;
    let (longest, numbers) = (3.7e6, random(2 * count));
    let (u, v) = numbers.split_at(count);
    let (u, v): (Vec<f64>, Vec<f64>) = u
        .iter()
        .zip(v)
        .map(|(u, v)| (u * longest, v * longest))
        .unzip();
    let baselines = gpu
        .buffer_of("baselines", &precision.encode_baselines(&u, &v, longest))
        .unwrap();
    let encoded = gpu
        .buffer_of(
            "coefficients",
            &precision.encode_coefficients(&coefficients),
        )
        .unwrap();
    let results = gpu.reals("results", 3 * count, precision).unwrap();
    let cells = gpu.buffer::<i32>("cells", count).unwrap();
    let params = TurnsTestParams {
        count: count as u32,
        length,
    };
    let mut list = CommandList::new();
    let dispatch = Dispatch::new(&kernels::TURNS_TEST, precision, &params)
        .bind(baselines.all())
        .bind(encoded.all())
        .bind(results.all())
        .bind(cells.all());
    list.dispatch(dispatch, Groups::for_threads(count));
    let (found, cells) = (list.read_back_reals(&results), list.read_back(&cells));
    let mut back = gpu.run(list).unwrap();
    let (found, cells) = (back.take_reals(found), back.take(cells));
    let (mut phase_error, mut cell_error) = (0.0_f64, 0.0_f64);
    for k in 0..count {
        let turns = (u[k] * coefficients[0] + v[k] * coefficients[1]) / longest;
        let (sin, cos) = (std::f64::consts::TAU * (turns - turns.round())).sin_cos();
        phase_error = phase_error.max((found[3 * k] - cos).hypot(found[3 * k + 1] - sin));
        let length = f64::from(length);
        let difference = f64::from(cells[k]) + found[3 * k + 2] - turns * length;
        cell_error = cell_error.max((difference - (difference / length).round() * length).abs());
    }
    (phase_error, cell_error)
}

#[test]
fn phases_and_cells_keep_their_digits() {
    let Some(gpu) = gpu() else { return };
    for precision in precisions(gpu) {
        // Turns a pixel of an 8192 grid, then a large offset: 3000 turns on the longest baseline.
        let (_, cells) = angle_errors(gpu, precision, [0.31, -0.17], 8192);
        let (phase, _) = angle_errors(gpu, precision, [3000.123, -2711.5], 1);
        // f32: two baselines rounded to 2^-32, times the coefficient; the rest has 24 bits.
        let (cell_bound, phase_bound) = match precision {
            Precision::F32 => (
                8192.0 * 3.0 * 2f64.powi(-32) + 6e-8,
                6000.0 * 6.3 * 2f64.powi(-32) + 3e-7,
            ),
            // Products of up to 8192 cells or 6000 turns, four roundings each.
            Precision::Extended => (8192.0 * 4.0 * 1.4e-14, 6000.0 * 6.3 * 4.0 * 1.4e-14),
            Precision::F64 => (8192.0 * 4.0 * 1.2e-16, 6000.0 * 6.3 * 4.0 * 1.2e-16),
        };
        assert!(
            cells <= cell_bound,
            "{precision}: cells {cells:e} > {cell_bound:e}"
        );
        assert!(
            phase <= phase_bound,
            "{precision}: phase {phase:e} > {phase_bound:e}"
        );
    }
}
