//! Averaging: weighted means by hand, smearing of simulated sources against theory, refusals.

use std::f64::consts::TAU;

use astro_core::{Baseline, UvTable};
use astro_io::{
    Error, SmearingLimit, average_channels, average_times, average_uv_cells,
    bandwidth_smearing_loss, time_smearing_loss,
};
use num_complex::Complex64;

/// A baseline of `length` metres through 64 channels of a 10 % band and 100 integrations, and a second one at right angles.
fn observation(source: (f64, f64)) -> UvTable {
    let mut table = UvTable::default();
    for time in 0..100 {
        for (second, turn) in [(2, 0.0), (3, 0.25)] {
            for channel in 0..64 {
                let frequency = 1e11 + 1e10 * (f64::from(channel) + 0.5) / 64.0;
                let angle = TAU * turn + 7.292_115e-5 * 10.0 * f64::from(time);
                let length = 300.0 * frequency / 299_792_458.0;
                let (u, v) = (length * angle.cos(), length * angle.sin());
                table.u.push(u);
                table.v.push(v);
                table.w.push(f64::from(channel));
                table
                    .value
                    .push(Complex64::cis(TAU * (u * source.0 + v * source.1)));
                table.weight.push(1.0 + f64::from(channel % 2));
                table.frequency_hz.push(frequency);
                table.time_s.push(5.0 + 10.0 * f64::from(time));
                table.baseline.push(Baseline { first: 1, second });
            }
        }
    }
    table
}

#[test]
fn means_are_weighted_and_flagged_rows_left_out() {
    let mut table = observation((0.0, 0.0)).filtered(|row| row < 4);
    table.weight = vec![1.0, 3.0, 0.0, 2.0];
    table.value = [1.0, 2.0, f64::NAN, 10.0].map(Complex64::from).to_vec();
    let averaged = average_channels(&table, 1e9, &SmearingLimit::new(0.0)).unwrap();
    assert_eq!((averaged.rows_before, averaged.flagged_rows), (4, 1));
    let out = averaged.table;
    assert_eq!(out.weight, [6.0]);
    assert!((out.value[0] - Complex64::from(27.0 / 6.0)).norm() < 1e-15);
    let mean =
        (table.frequency_hz[0] + 3.0 * table.frequency_hz[1] + 2.0 * table.frequency_hz[3]) / 6.0;
    assert!((out.frequency_hz[0] - mean).abs() < 1e-4);
    assert!((out.w[0] - 9.0 / 6.0).abs() < 1e-15);
    assert_eq!((out.baseline.len(), out.time_s[0]), (1, 5.0));
}

#[test]
fn rows_of_other_baselines_times_and_channels_stay_apart() {
    let table = observation((0.0, 0.0));
    let any = SmearingLimit::new(0.0);
    let channels = average_channels(&table, 1.0001e10 / 8.0, &any)
        .unwrap()
        .table;
    assert_eq!(channels.len(), 100 * 2 * 8);
    let times = average_times(&table, 50.0, &any).unwrap().table;
    assert_eq!(times.len(), 20 * 2 * 64);
    for averaged in [&channels, &times] {
        assert_eq!(
            averaged.baseline[0],
            Baseline {
                first: 1,
                second: 2
            }
        );
        let (before, after): (f64, f64) = (table.weight.iter().sum(), averaged.weight.iter().sum());
        assert!((before / after - 1.0).abs() < 1e-14);
        // Order of first members: time does not go back.
        assert!(averaged.time_s.is_sorted());
    }
}

/// The amplitude that is left of a source at the edge of the field is what the report says.
#[test]
fn a_source_at_the_edge_loses_what_is_reported() {
    let radius = 6e-6;
    // East: the worst direction for the first baseline at the first times.
    let table = observation((radius, 0.0));
    let any = SmearingLimit::new(radius).allowing(1.0);
    for averaged in [
        average_channels(&table, 1e11, &any).unwrap(),
        average_times(&table, 1e5, &any).unwrap(),
    ] {
        let lost = averaged.table.value.iter().map(|z| 1.0 - z.norm());
        let most = lost.fold(0.0, f64::max);
        assert!(most <= averaged.smearing.worst_loss + 1e-12);
        assert!(averaged.smearing.mean_loss <= averaged.smearing.worst_loss * (1.0 + 1e-12));
    }
    let channels = average_channels(&table, 1e11, &any).unwrap();
    let along = 1.0 - channels.table.value[0].norm();
    assert!(
        (along - channels.smearing.worst_loss).abs() < 1e-6 * along,
        "baseline along the source"
    );
}

#[test]
fn bandwidth_and_time_smearing_agree_with_theory() {
    let radius = 6e-6;
    let mut table = observation((0.0, 0.0)).filtered(|row| row / 64 % 2 == 0);
    table.weight.fill(1.0);
    let any = SmearingLimit::new(radius).allowing(1.0);
    let baseline = 300.0 * 1.05e11 / 299_792_458.0;
    let found = average_channels(&table, 1e11, &any)
        .unwrap()
        .smearing
        .worst_loss;
    // The channels' own widths are in the formula and not in the sum: 1 part in 64².
    let expected = bandwidth_smearing_loss(baseline, radius, 1e10 / 1.05e11);
    assert!((found / expected - 1.0).abs() < 1e-3, "{found} {expected}");

    let found = average_times(&table, 1e5, &any).unwrap().smearing;
    // The longest baseline, at the highest channel; the arc of 0.07 rad is straight to 1e-4.
    let longest = 300.0 * (1.1e11 - 1e10 / 128.0) / 299_792_458.0;
    let expected = time_smearing_loss(longest, radius, 1000.0);
    assert!(
        (found.worst_loss / expected - 1.0).abs() < 1e-3,
        "{found:?} {expected}"
    );
}

#[test]
fn too_much_smearing_is_refused_unless_told() {
    let table = observation((0.0, 0.0));
    let limit = SmearingLimit::new(2e-5);
    let error = average_channels(&table, 1e11, &limit)
        .map(|averaged| averaged.smearing)
        .unwrap_err();
    let Error::Smearing {
        loss, limit: most, ..
    } = error
    else {
        panic!("{error}");
    };
    assert!(loss > 0.04 && most == 0.01);
    assert!(error.to_string().contains("average less"));
    assert!(average_channels(&table, 1e11, &limit.allowing(0.07)).is_ok());
    assert!(average_channels(&table, 1e9, &limit).is_ok());
}

#[test]
fn cells_fold_the_plane_and_keep_the_sky() {
    let point = Complex64::new(0.3, 0.4);
    let mut table = UvTable::new(
        vec![95.0, -96.0, 5.0, 0.0],
        vec![12.0, -13.0, 5.0, -7.0],
        vec![point, point.conj(), point, point],
        vec![1.0, 1.0, 2.0, 1.0],
    )
    .unwrap();
    table.w = vec![1.0, -3.0, 0.0, 4.0];
    let averaged = average_uv_cells(&table, 10.0, &SmearingLimit::new(1e-6))
        .unwrap()
        .table;
    // (−96, −13) joins (95, 12) as its conjugate; (0, −7) becomes (0, 7) beside (5, 5).
    let close = |found: &[f64], expected: [f64; 2]| {
        let both = found.iter().zip(expected);
        both.for_each(|(a, b)| assert!((a - b).abs() < 1e-14 * b, "{found:?}"));
    };
    close(&averaged.u, [95.5, 10.0 / 3.0]);
    close(&averaged.v, [12.5, 17.0 / 3.0]);
    assert_eq!(averaged.w[0], 2.0);
    assert!((averaged.value[0] - point).norm() < 1e-16);
    assert_eq!(averaged.weight, [2.0, 3.0]);
}

#[test]
fn parameters_and_columns_are_checked() {
    let table = observation((0.0, 0.0));
    let limit = SmearingLimit::new(0.0);
    for width in [0.0, -1.0, f64::NAN, 1e-300] {
        assert!(matches!(
            average_channels(&table, width, &limit),
            Err(Error::BadParameter { .. })
        ));
        assert!(matches!(
            average_uv_cells(&table, width, &limit),
            Err(Error::BadParameter { .. })
        ));
    }
    for bad in [
        SmearingLimit::new(-1.0),
        SmearingLimit::new(f64::NAN),
        limit.allowing(2.0),
    ] {
        assert!(matches!(
            average_times(&table, 10.0, &bad),
            Err(Error::BadParameter { .. })
        ));
    }
    let mut bare = table.clone();
    bare.baseline.clear();
    assert!(matches!(
        average_times(&bare, 10.0, &limit),
        Err(Error::ColumnNeeded {
            column: "baseline",
            over: "times"
        })
    ));
    assert!(average_uv_cells(&bare, 10.0, &limit).is_ok());
}
