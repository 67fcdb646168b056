//! Lists, waits and errors.

use std::time::Duration;

use astro_gpu::shaders::{CountParams, kernels};
use astro_gpu::{
    AdapterChoice, Buffer, CommandList, Dispatch, Error, Gpu, GpuOptions, Groups, Precision, Sum,
};

use crate::{gpu, random};

#[test]
fn data_come_back_as_they_went() {
    let Some(gpu) = gpu() else { return };
    let data: Vec<u32> = (0..1001).collect();
    let (from, to) = (
        gpu.buffer("from", 1001).unwrap(),
        gpu.buffer::<u32>("to", 1001).unwrap(),
    );
    let mut list = CommandList::new();
    list.upload(&from, &data).unwrap();
    list.copy(from.all(), to.all());
    list.clear(from.slice(64..128));
    let (first, second) = (list.read_back(&from), list.read_back(&to));
    assert_eq!(list.bytes_moved(), (4004, 8008));
    let mut results = gpu.run(list).unwrap();
    assert_eq!(results.take(second), data);
    let cleared = results.take(first);
    assert!(cleared[64..128].iter().all(|&x| x == 0) && cleared[63] == 63 && cleared[128] == 128);
}

#[test]
fn an_upload_waits_for_what_was_recorded_before() {
    let Some(gpu) = gpu() else { return };
    let (first, second) = (vec![1_u32; 300], vec![2_u32; 300]);
    let buffer = gpu.buffer::<u32>("twice", 300).unwrap();
    let mut list = CommandList::new();
    list.upload(&buffer, &first).unwrap();
    let before = list.read_back(&buffer);
    list.upload(&buffer, &second).unwrap();
    let after = list.read_back(&buffer);
    let mut results = gpu.run(list).unwrap();
    assert_eq!((results.take(before), results.take(after)), (first, second));
}

/// More than the staging buffers that it goes through, and the same ones again the next time.
#[test]
fn large_uploads_arrive_whole_and_again() {
    let Some(gpu) = gpu() else { return };
    let count = 9 * (1 << 20) + 3;
    let buffer = gpu.buffer::<u32>("large", count).unwrap();
    for salt in [1_u32, 7] {
        let data: Vec<u32> = (0..count as u32).map(|k| k.wrapping_mul(salt)).collect();
        let mut list = CommandList::new();
        list.clear(buffer.all());
        list.upload(&buffer, &data).unwrap();
        let back = list.read_back(&buffer);
        assert!(gpu.run(list).unwrap().take(back) == data, "salt {salt}");
    }
}

#[test]
fn stages_of_all_work_are_summed_by_name() {
    if gpu().is_none_or(|gpu| !gpu.adapter().has_timestamps) {
        return;
    }
    let options = GpuOptions {
        time_stages: true,
        ..GpuOptions::default()
    };
    let gpu = Gpu::open(&options).unwrap();
    let values = gpu
        .reals_of("values", &random(5000), Precision::F32)
        .unwrap();
    let sum = Sum::new(&gpu, 5000, Precision::F32).unwrap();
    for name in ["one", "other", "one"] {
        let mut list = CommandList::new();
        list.stage(name);
        sum.record(&mut list, &values);
        gpu.run(list).unwrap();
    }
    let stages = gpu.take_stages();
    let names: Vec<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(names, ["one", "other"]);
    // Every number is bound at least once, and twice as often in two runs.
    assert!(stages[1].bytes >= 4 * 5000 && stages[0].bytes == 2 * stages[1].bytes);
    assert!(stages.iter().all(|stage| stage.seconds > 0.0));
    assert!(gpu.take_stages().is_empty());
}

#[test]
fn several_lists_may_be_under_way() {
    let Some(gpu) = gpu() else { return };
    let data = random(5000);
    let values = gpu.reals_of("values", &data, Precision::F32).unwrap();
    let sums: Vec<Sum> = (1..=4)
        .map(|k| Sum::new(gpu, k * 1000, Precision::F32).unwrap())
        .collect();
    let pending: Vec<_> = sums
        .iter()
        .map(|sum| {
            let mut list = CommandList::new();
            let total = sum.record(&mut list, &values);
            (gpu.submit(list).unwrap(), total)
        })
        .collect();
    for (k, (pending, total)) in pending.into_iter().enumerate().rev() {
        let truth: f64 = data[..(k + 1) * 1000].iter().sum();
        let found = total.value(&mut pending.wait().unwrap());
        assert!((found - truth).abs() < 1e-3, "{k}: {found} {truth}");
    }
}

#[test]
fn stages_are_timed_where_the_adapter_can() {
    let Some(gpu) = gpu() else { return };
    let values = gpu.reals("values", 100_000, Precision::F32).unwrap();
    let sum = Sum::new(gpu, 100_000, Precision::F32).unwrap();
    let mut list = CommandList::new();
    list.stage("sum");
    let total = sum.record(&mut list, &values);
    let mut results = gpu.submit_timed(list).unwrap().wait().unwrap();
    assert_eq!(
        results.stages().len(),
        usize::from(gpu.adapter().has_timestamps)
    );
    assert!(
        results
            .stages()
            .iter()
            .all(|stage| stage.name == "sum" && stage.seconds < 60.0)
    );
    assert_eq!(total.value(&mut results), 0.0);
}

#[test]
fn kernels_are_compiled_once() {
    let Some(gpu) = gpu() else { return };
    let values = gpu.reals("values", 10, Precision::F32).unwrap();
    let sum = Sum::new(gpu, 10, Precision::F32).unwrap();
    let run = || {
        let mut list = CommandList::new();
        let total = sum.record(&mut list, &values);
        total.value(&mut gpu.run(list).unwrap())
    };
    run();
    // Other tests compile other kernels meanwhile, but none of this one again.
    let before = gpu.compiled();
    assert!(before >= 1);
    run();
    assert!(gpu.compiled() <= before + kernels::ALL.len() * Precision::ALL.len());
}

#[test]
fn what_does_not_fit_is_refused_with_numbers() {
    let Some(gpu) = gpu() else { return };
    let error = gpu.buffer::<f32>("huge", usize::MAX / 8).unwrap_err();
    let Error::TooLarge { limit, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(limit, gpu.adapter().buffer_bytes);
    assert!(gpu.check_binding("x", gpu.adapter().binding_bytes).is_ok());
    assert!(
        gpu.check_binding("x", gpu.adapter().binding_bytes + 1)
            .is_err()
    );
    let buffer = gpu.buffer::<u32>("ten", 10).unwrap();
    let error = CommandList::new().upload(&buffer, &[0; 11]).unwrap_err();
    assert_eq!(
        error,
        Error::Length {
            label: "ten".to_owned(),
            expected: 10,
            found: 11
        }
    );
}

#[test]
fn described_buffers_do_not_execute() {
    let Some(gpu) = gpu() else { return };
    let described = Buffer::<u32>::described("described", 10);
    let mut list = CommandList::new();
    let params = CountParams { count: 10 };
    let dispatch = Dispatch::new(&kernels::SCAN_BLOCKS, Precision::F32, &params);
    list.dispatch(
        dispatch.bind(described.all()).bind(described.all()),
        Groups::new(1),
    );
    assert!(matches!(gpu.run(list), Err(Error::Refused { .. })));
}

#[test]
fn a_wait_ends() {
    let options = GpuOptions {
        wait_limit: Duration::ZERO,
        ..GpuOptions::default()
    };
    if gpu().is_none() {
        return;
    }
    // The self-test itself cannot be waited for.
    let error = Gpu::open(&options).unwrap_err();
    assert_eq!(error, Error::TimedOut { seconds: 0.0 });
}

#[test]
fn adapters_are_found_by_index_and_name() {
    let Some(gpu) = gpu() else { return };
    let all = astro_gpu::adapters();
    assert_eq!(&all[0], gpu.adapter());
    let named = GpuOptions {
        adapter: AdapterChoice::Name(all[0].name.to_uppercase()),
        ..GpuOptions::default()
    };
    assert_eq!(Gpu::open(&named).unwrap().adapter().name, all[0].name);
    let beyond = GpuOptions {
        adapter: AdapterChoice::Index(all.len()),
        ..GpuOptions::default()
    };
    let error = Gpu::open(&beyond).unwrap_err().to_string();
    assert!(error.contains(&all[0].name), "{error}");
}
