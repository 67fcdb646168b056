//! UVFITS: files written by astropy from simulated fields, round trips, averages of hands.

use std::error::Error as _;
use std::fs::File;
use std::io::{Cursor, Read};

use astro_core::{Baseline, SkyCoord, UvTable};
use astro_io::{
    Error, IfExists, UvFitsLabels, UvReadOptions, read_uv_table, read_uvfits, read_uvfits_from,
    write_uvfits,
};
use num_complex::Complex64;

use crate::data;

/// Direction of the point source of `make_uvfits.py`: East and South.
const SOURCE: (f64, f64) = (3e-6, -1e-6);

pub(crate) fn unpacked(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let file = File::open(data(name)).expect("a file of tests/data");
    flate2::read::GzDecoder::new(file)
        .read_to_end(&mut bytes)
        .expect("a whole file");
    bytes
}

/// Rows of `*_expected.txt`: u v w Re Im weight freq time ant1 ant2.
fn expected(name: &str) -> Vec<Vec<f64>> {
    let text = std::fs::read_to_string(data(name)).expect("a file of tests/data");
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            line.split(' ')
                .map(|field| field.parse().expect("a number"))
                .collect()
        })
        .collect()
}

fn assert_rows(table: &UvTable, expected: &[Vec<f64>]) {
    assert_eq!(table.len(), expected.len());
    for (row, want) in expected.iter().enumerate() {
        // The file has 32-bit numbers: 6e-8 of each, here of the longest baseline.
        for (found, want) in [
            (table.u[row], want[0]),
            (table.v[row], want[1]),
            (table.w[row], want[2]),
        ] {
            assert!(
                (found - want).abs() < 1e-7 * want.abs() + 1e-3,
                "{found} {want}"
            );
        }
        let value = table.value[row] - Complex64::new(want[3], want[4]);
        assert!(value.norm() < 1e-7, "row {row}: {value}");
        assert!((table.weight[row] - want[5]).abs() < 1e-6);
        assert!((table.frequency_hz[row] - want[6]).abs() < 1.0);
        // 0.5 days in 32 bits: 3 ms.
        assert!((table.time_s[row] - want[7]).abs() < 3e-3);
        let baseline = Baseline {
            first: want[8] as u16,
            second: want[9] as u16,
        };
        assert_eq!(table.baseline[row], baseline);
    }
}

/// The dirty image at a direction: Σ w Re V exp(−2πi(ul + vm)) / Σ w.
fn brightness(table: &UvTable, l: f64, m: f64) -> f64 {
    let rows = 0..table.len();
    let sum: f64 = rows
        .map(|row| {
            let turns = table.u[row] * l + table.v[row] * m;
            table.weight[row]
                * (table.value[row] * Complex64::cis(-std::f64::consts::TAU * turns)).re
        })
        .sum();
    sum / table.weight.iter().sum::<f64>()
}

#[test]
fn circular_hands_windows_flags_and_reversed_baselines() {
    let (table, report) = read_uvfits(data("aips.uvfits.gz"), &UvReadOptions::new()).unwrap();
    assert_rows(&table, &expected("aips_expected.txt"));
    assert_eq!(table.len(), 8 * 2 * 3);
    assert_eq!((report.groups, report.autocorrelations), (10, 2));
    assert_eq!((report.single_hand_rows, report.flagged_rows), (2, 1));
    assert_eq!(table.reference_mjd, 60_310);
    assert_eq!(
        table.phase_center,
        Some(SkyCoord::from_degrees(69.9, 18.25))
    );
    // Unflagged rows: the noise of the hands, +0.02 of weight 10 and −0.04 of weight 15.
    assert_eq!(table.weight[0], 25.0);
}

#[test]
fn linear_hands_frequency_setups_and_sources() {
    let (table, _) = read_uvfits(data("casa.uvfits.gz"), &UvReadOptions::new()).unwrap();
    assert_rows(&table, &expected("casa_expected.txt"));
    assert_eq!(
        (table.frequency_hz[0], table.frequency_hz[3]),
        (230e9, 232e9)
    );
    assert_eq!(
        table.phase_center,
        Some(SkyCoord::from_degrees(120.5, -30.25))
    );
    // The file has source 7 alone: another one leaves nothing.
    let other = read_uvfits(data("casa.uvfits.gz"), &UvReadOptions::new().source(3));
    assert!(
        other
            .unwrap_err()
            .source()
            .unwrap()
            .to_string()
            .contains("empty")
    );
}

#[test]
fn an_eastern_source_comes_out_in_the_east() {
    for name in ["aips.uvfits.gz", "casa.uvfits.gz"] {
        let table = read_uv_table(data(name), &UvReadOptions::new()).unwrap();
        let (l, m) = SOURCE;
        let there = brightness(&table, l, m);
        // 2 Jy, less the known noise of the hands (at most 0.04).
        assert!((there - 2.0).abs() < 0.05, "{name}: {there}");
        // The baselines at 1.4 GHz resolve the two places only just.
        assert!(
            brightness(&table, -l, -m) < there - 0.01,
            "{name}: in the West"
        );
        let other = read_uv_table(data(name), &UvReadOptions::new().conjugate(true)).unwrap();
        assert!((brightness(&other, -l, -m) - there).abs() < 1e-12);
    }
}

#[test]
fn the_sign_of_w_is_that_of_u_and_v() {
    // A source half a degree out: w (n − 1) is up to 0.7 turns, w of the other sign cannot fit.
    let table = read_uv_table(data("small.uvfits.gz"), &UvReadOptions::new()).unwrap();
    let (l, m): (f64, f64) = (0.01, -0.004);
    let n_minus_one = (1.0 - l * l - m * m).sqrt() - 1.0;
    let largest = table.w.iter().fold(0.0f64, |max, w| max.max(w.abs()));
    assert!(largest * n_minus_one.abs() > 0.3);
    for row in 0..table.len() {
        let turns = table.u[row] * l + table.v[row] * m + table.w[row] * n_minus_one;
        // The simulated hand is 0.02 Jy too bright; 32-bit u is good to 6e-4 turns here.
        let model = 0.02 + 2.0 * Complex64::cis(std::f64::consts::TAU * turns);
        assert!((table.value[row] - model).norm() < 2e-2, "row {row}");
    }
}

fn table() -> UvTable {
    let rows = 40;
    let f = |row: usize| row as f64;
    UvTable {
        u: (0..rows).map(|r| 1e5 * (f(r) * 0.7).sin()).collect(),
        v: (0..rows).map(|r| 1e5 * (f(r) * 0.3).cos()).collect(),
        w: (0..rows).map(|r| 100.0 * f(r)).collect(),
        value: (0..rows)
            .map(|r| Complex64::from_polar(1.0 + f(r), f(r)))
            .collect(),
        weight: (0..rows)
            .map(|r| if r == 5 { 0.0 } else { 1.0 + f(r) })
            .collect(),
        frequency_hz: (0..rows).map(|r| 345e9 + 1.5e9 * f(r % 4)).collect(),
        time_s: (0..rows).map(|r| 86_000.125 + 100.0 * f(r / 4)).collect(),
        reference_mjd: 60_369,
        baseline: (0..rows)
            .map(|r| Baseline {
                first: 1 + r as u16 % 3,
                second: 300 + r as u16 % 5,
            })
            .collect(),
        phase_center: Some(SkyCoord::from_degrees(186.4, -19.25)),
    }
}

#[test]
fn a_table_round_trips_to_single_precision() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.uvfits");
    let table = table();
    let labels = UvFitsLabels {
        object: "disc".to_owned(),
        telescope: "ALMA".to_owned(),
    };
    write_uvfits(&path, &table, &labels, IfExists::Refuse).unwrap();
    let (read, report) = read_uvfits(&path, &UvReadOptions::new()).unwrap();
    assert_eq!((report.groups, report.flagged_rows), (40, 1));
    assert_eq!(read.baseline, table.baseline);
    assert_eq!(read.frequency_hz, table.frequency_hz);
    assert_eq!(read.reference_mjd, table.reference_mjd);
    assert!(
        read.phase_center
            .unwrap()
            .separation(table.phase_center.unwrap())
            .radians()
            < 1e-15
    );
    for row in 0..table.len() {
        let near = |a: f64, b: f64| (a - b).abs() <= 1.2e-7 * b.abs();
        assert!(near(read.u[row], table.u[row]) && near(read.v[row], table.v[row]));
        assert!(near(read.w[row], table.w[row]) && near(read.weight[row], table.weight[row]));
        assert!((read.time_s[row] - table.time_s[row]).abs() < 1e-6);
        if table.weight[row] > 0.0 {
            assert!((read.value[row] - table.value[row]).norm() < 1e-7 * table.value[row].norm());
        }
    }
}

#[test]
fn what_uvfits_cannot_hold_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.uvfits");
    let write =
        |table: &UvTable| write_uvfits(&path, table, &UvFitsLabels::default(), IfExists::Refuse);
    let mut bare = table();
    bare.frequency_hz.clear();
    assert!(matches!(
        write(&bare),
        Err(Error::ColumnNeeded {
            column: "frequency",
            ..
        })
    ));
    let mut zero = table();
    zero.baseline[0].first = 0;
    assert!(matches!(write(&zero), Err(Error::BadParameter { .. })));
    assert!(!path.exists());
}

/// The unpacked file with one header value replaced; both must be equally long.
fn with(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut copy = file.to_vec();
    let at = copy
        .windows(from.len())
        .position(|w| w == from.as_bytes())
        .expect("the text is there");
    copy[at..at + to.len()].copy_from_slice(to.as_bytes());
    copy
}

#[test]
fn headers_that_make_no_sense_are_refused_with_their_keyword() {
    let file = unpacked("small.uvfits.gz");
    let message = |from: &str, to: &str| {
        let bytes = with(&file, from, to);
        let error = read_uvfits_from(Cursor::new(&bytes), &UvReadOptions::new()).unwrap_err();
        format!(
            "{error} {}",
            error.source().map(ToString::to_string).unwrap_or_default()
        )
    };
    for (from, to, wanted) in [
        ("'UU      '", "'XX      '", "no random parameter UU"),
        ("'UU      '", "'UU---NCP'", "NCP"),
        ("'BASELINE'", "'BASELIME'", "BASELINE (or ANTENNA1"),
        ("'COMPLEX '", "'COMPLEXX'", "COMPLEX"),
        ("'FREQ    '", "'FREK    '", "FREQ"),
        (
            "CRVAL3  =                  1.0",
            "CRVAL3  =                  3.0",
            "[3]",
        ),
        (
            "NAXIS3  =                    1",
            "NAXIS3  =           1000000000",
            "bytes from byte",
        ),
        (
            "GCOUNT  =                    4",
            "GCOUNT  =   400000000000000000",
            "bytes",
        ),
        (
            "PCOUNT  =                    6",
            "PCOUNT  =  9223372036854775807",
            "FITS data unit",
        ),
        (
            "CRVAL4  =       345000000000.0",
            "CRVAL4  =      -345000000000.0",
            "channel frequency",
        ),
        (
            "GROUPS  =                    T",
            "GROUPS  =                    F",
            "random groups",
        ),
    ] {
        let text = message(from, to);
        assert!(text.contains(wanted), "{to}: {text}");
    }
}

#[test]
fn both_forms_of_baseline_numbers_are_understood() {
    let file = unpacked("small.uvfits.gz");
    let header_end = file
        .chunks(2880)
        .position(|block| block.chunks(80).any(|card| card.starts_with(b"END     ")));
    let data_at = (header_end.expect("an END card") + 1) * 2880;
    for (code, first, second) in [
        (256.0 * 3.0 + 4.0, 3, 4),
        (256.0 * 1.0 + 255.0 + 0.01, 1, 255),
        (65536.0 + 2048.0 * 300.0 + 301.0, 300, 301),
    ] {
        let mut bytes = file.clone();
        // BASELINE is the fourth parameter of the first group.
        bytes[data_at + 12..data_at + 16].copy_from_slice(&(code as f32).to_be_bytes());
        let (table, _) = read_uvfits_from(Cursor::new(&bytes), &UvReadOptions::new()).unwrap();
        assert_eq!(table.baseline[0], Baseline { first, second });
    }
}

#[test]
fn absurd_group_sizes_take_no_memory_when_gzipped() {
    use std::io::Write;
    // The length of a gzipped file is not known: nothing may be sized by the header alone.
    let file = unpacked("small.uvfits.gz");
    for (from, to) in [
        (
            "NAXIS3  =                    1",
            "NAXIS3  =        1000000000000",
        ),
        (
            "NAXIS4  =                    1",
            "NAXIS4  =        1000000000000",
        ),
        (
            "NAXIS5  =                    1",
            "NAXIS5  =        1000000000000",
        ),
        (
            "GCOUNT  =                    4",
            "GCOUNT  =        1000000000000",
        ),
        (
            "PCOUNT  =                    6",
            "PCOUNT  =        1000000000000",
        ),
    ] {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&with(&file, from, to)).unwrap();
        let packed = gzip.finish().unwrap();
        let result = read_uvfits_from(Cursor::new(&packed), &UvReadOptions::new());
        assert!(result.is_err(), "{to}");
    }
}
