//! Scan, sum and sort against the host.

use astro_gpu::{CommandList, RadixSort, Scan, Sum};

use crate::{gpu, precisions, random};

fn integers(count: usize) -> Vec<u32> {
    random(count)
        .into_iter()
        .map(|x| (x.abs() * 4e9) as u32)
        .collect()
}

#[test]
fn scans_equal_the_host() {
    let Some(gpu) = gpu() else { return };
    for count in [1, 1023, 1024, 1025, 50_001, (1 << 20) + 7] {
        let data: Vec<u32> = integers(count).into_iter().map(|x| x % 10).collect();
        let values = gpu.buffer_of("values", &data).unwrap();
        let mut list = CommandList::new();
        Scan::new(gpu, count).unwrap().record(&mut list, &values);
        let found = list.read_back(&values);
        let found = gpu.run(list).unwrap().take(found);
        let mut sum = 0;
        for (k, (x, found)) in data.iter().zip(found).enumerate() {
            assert_eq!(found, sum, "{count}: element {k}");
            sum += x;
        }
    }
}

#[test]
fn sorts_are_stable_and_complete() {
    let Some(gpu) = gpu() else { return };
    // The largest key is also that of the padding.
    for (count, bits, modulus) in [
        (1, 32, 7),
        (255, 32, u32::MAX),
        (10_001, 32, u32::MAX),
        (10_001, 12, 4096),
        (3000, 4, 3),
    ] {
        let mut data: Vec<u32> = integers(count).into_iter().map(|x| x % modulus).collect();
        if bits == 32 {
            data[count / 2] = u32::MAX;
        }
        let keys = gpu.buffer_of("keys", &data).unwrap();
        let places: Vec<u32> = (0..count as u32).collect();
        let values = gpu.buffer_of("values", &places).unwrap();
        let mut list = CommandList::new();
        RadixSort::new(gpu, count, bits)
            .unwrap()
            .record(&mut list, &keys, &values);
        let (keys, values) = (list.read_back(&keys), list.read_back(&values));
        let mut results = gpu.run(list).unwrap();
        let mut truth: Vec<(u32, u32)> = data.into_iter().zip(places).collect();
        truth.sort();
        let (truth_keys, truth_values): (Vec<u32>, Vec<u32>) = truth.into_iter().unzip();
        assert_eq!(
            results.take(keys),
            truth_keys,
            "{count} keys of {bits} bits"
        );
        assert_eq!(
            results.take(values),
            truth_values,
            "{count} values of {bits} bits"
        );
    }
}

#[test]
fn sums_have_the_error_of_few_roundings() {
    let Some(gpu) = gpu() else { return };
    for precision in precisions(gpu) {
        for count in [1, 2047, 2049, 65_536] {
            let data = random(count);
            let values = gpu.reals_of("values", &data, precision).unwrap();
            let mut list = CommandList::new();
            let total = Sum::new(gpu, count, precision)
                .unwrap()
                .record(&mut list, &values);
            let found = total.value(&mut gpu.run(list).unwrap());
            let truth = astro_gpu::compensated(data.iter().copied());
            // 19 roundings, one of them of the input, each relative to a partial sum of moduli.
            let bound =
                19.0 * precision.unit_roundoff() * data.iter().map(|x| x.abs()).sum::<f64>();
            assert!(
                (found - truth).abs() <= bound,
                "{precision}, {count}: {found} {truth}"
            );
        }
    }
}

#[test]
fn what_exceeds_a_binding_is_cut() {
    let Some(gpu) = gpu() else { return };
    let data = random(20_000);
    for precision in precisions(gpu) {
        let values = gpu.reals_of("values", &data, precision).unwrap();
        let sum = Sum::with_binding(gpu, data.len(), precision, 1 << 15).unwrap();
        let mut list = CommandList::new();
        let total = sum.record(&mut list, &values);
        assert!(list.dispatches().count() > 2);
        let found = total.value(&mut gpu.run(list).unwrap());
        assert!(
            (found - data.iter().sum::<f64>()).abs() < 1e-3,
            "{precision}"
        );
    }
}
