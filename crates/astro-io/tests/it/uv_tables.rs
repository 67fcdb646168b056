//! uv tables as text and npz: files of other programs' layouts, round trips, errors.

use astro_core::{Baseline, SkyCoord, UvTable};
use astro_io::{
    Error, IfExists, UvColumn, UvReadOptions, UvUnit, read_uv_table, read_uv_text_from,
    write_uv_npz, write_uv_text,
};
use num_complex::Complex64;

use crate::data;

/// The six rows of `make_numpy.py`.
fn truth() -> UvTable {
    let row = |r: usize| r as f64;
    UvTable::new(
        (0..6).map(|r| 1e5 + 1e4 * row(r)).collect(),
        (0..6).map(|r| -2e4 + 3e3 * row(r)).collect(),
        (0..6)
            .map(|r| Complex64::from_polar(0.1 * row(r) + 0.5, 0.3 * row(r)))
            .collect(),
        (0..6).map(|r| 100.0 + row(r)).collect(),
    )
    .expect("six good rows")
}

fn assert_close(found: &UvTable, expected: &UvTable, relative: f64) {
    assert_eq!(found.len(), expected.len());
    for row in 0..found.len() {
        let near = |a: f64, b: f64| (a - b).abs() <= relative * b.abs().max(1e-300);
        assert!(near(found.u[row], expected.u[row]), "u[{row}]");
        assert!(near(found.v[row], expected.v[row]), "v[{row}]");
        assert!(
            near(found.weight[row], expected.weight[row]),
            "weight[{row}]"
        );
        let difference = (found.value[row] - expected.value[row]).norm();
        assert!(
            difference <= relative * expected.value[row].norm(),
            "value[{row}]"
        );
    }
}

fn text(content: &str, options: &UvReadOptions) -> Result<UvTable, Error> {
    read_uv_text_from(content.as_bytes(), options)
}

#[test]
fn a_uvplot_table_is_read_with_its_own_wavelength() {
    let table = read_uv_table(data("uvplot.txt"), &UvReadOptions::new()).unwrap();
    assert_close(&table, &truth(), 1e-6); // seven digits in the file
    assert!((table.frequency_hz[0] - 299_792_458.0 / 1.3e-3).abs() < 1e-3);
    // The caller's wavelength wins.
    let half = read_uv_table(
        data("uvplot.txt"),
        &UvReadOptions::new().wavelength_m(2.6e-3),
    );
    assert!((half.unwrap().u[0] - 5e4).abs() < 1.0);
}

#[test]
fn npz_tables_of_frank_and_in_meters_are_read() {
    let table = read_uv_table(data("frank.npz"), &UvReadOptions::new()).unwrap();
    assert_eq!(table.value[3], truth().value[3]);
    assert_close(&table, &truth(), 1e-15);
    // u in the file is in metres there: 1e-3 of the wavelengths of `truth` at 1 mm.
    let meters = data("meters.npz");
    let table = read_uv_table(&meters, &UvReadOptions::new().wavelength_m(1e-3)).unwrap();
    assert_close(&table, &truth(), 1e-15);
    let error = read_uv_table(&meters, &UvReadOptions::new()).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("wavelength_m"), "{cause}");
}

#[test]
fn an_mpol_archive_needs_its_unit_and_loses_its_conjugation() {
    let path = data("mpol.npz");
    let error = read_uv_table(&path, &UvReadOptions::new()).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        cause.contains("151.5"),
        "the largest u helps to choose: {cause}"
    );
    let options = UvReadOptions::new().unit(UvUnit::Kilowavelengths);
    let table = read_uv_table(&path, &options).unwrap();
    assert_eq!(table.len(), 12);
    assert_close(&table.filtered(|row| row < 6), &truth(), 1e-6); // complex64 in the file
    assert_eq!(table.frequency_hz[5..7], [230e9, 232.3e9]);
    let flipped = read_uv_table(&path, &options.conjugate(true)).unwrap();
    assert_eq!(flipped.value[1], table.value[1].conj());
}

#[test]
fn all_columns_round_trip_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = truth();
    table.u[0] = 0.1 + 0.2; // needs all 17 digits
    table.w = vec![-5.0; 6];
    table.frequency_hz = (0..6).map(|r| 230e9 + 1e7 * f64::from(r)).collect();
    let path = folder.path().join("a.txt");
    write_uv_text(&path, &table, IfExists::Refuse).unwrap();
    assert_eq!(read_uv_table(&path, &UvReadOptions::new()).unwrap(), table);
    assert!(matches!(
        write_uv_text(&path, &table, IfExists::Refuse),
        Err(Error::AlreadyExists { .. })
    ));

    table.time_s = (0..6).map(|r| 10.5 * f64::from(r)).collect();
    table.reference_mjd = 60_000;
    table.baseline = (1..7).map(|second| Baseline { first: 0, second }).collect();
    table.phase_center = Some(SkyCoord::from_degrees(69.9, 18.25));
    let path = folder.path().join("a.npz");
    write_uv_npz(&path, &table, IfExists::Refuse).unwrap();
    let read = read_uv_table(&path, &UvReadOptions::new()).unwrap();
    let (a, b) = (read.phase_center.unwrap(), table.phase_center.unwrap());
    // Degrees are stored: one rounding there and one back.
    assert!(a.separation(b).radians() < 1e-15);
    assert_eq!(
        UvTable {
            phase_center: None,
            ..read
        },
        UvTable {
            phase_center: None,
            ..table
        }
    );
}

#[test]
fn separators_blank_lines_and_names_without_hash_are_read() {
    let expected = text("1 2 3 4 5\n6 7 8 9 10\n", &UvReadOptions::new()).unwrap();
    for content in [
        "1,2,3,4,5\n6,7,8,9,10",
        "\u{feff}# any: text = here, in [ the header\r\n\r\n1\t2\t3\t4\t5\r\n# between\r\n6 , 7, 8 ;9 10\r\n",
        "u,v,Re,Im,weight\n1,2,3,4,5\n6,7,8,9,10\n",
        "v,u,Re,Im,weight,spw\n2,1,3,4,5,0\n7,6,8,9,10,1\n",
        "  1.0D0 2 3 +4 .5e1\n 6 7 8 9 1E1",
    ] {
        assert_eq!(
            text(content, &UvReadOptions::new()).unwrap(),
            expected,
            "{content}"
        );
    }
    let columns = [
        UvColumn::Ignore,
        UvColumn::Im,
        UvColumn::Re,
        UvColumn::V,
        UvColumn::U,
        UvColumn::Weight,
    ];
    let given = text(
        "9 4 3 2 1 5\n9 9 8 7 6 10\n",
        &UvReadOptions::new().columns(columns),
    );
    assert_eq!(given.unwrap(), expected);
}

#[test]
fn metres_with_a_frequency_column_use_each_rows_own_wavelength() {
    let table = text(
        "# u [m], v [m], Re, Im, weights, freqs, spwids\n10 20 1 0 1 299792458e3 0\n10 20 1 0 1 599584916e3 1\n",
        &UvReadOptions::new(),
    )
    .unwrap();
    assert_eq!(table.u, [1e4, 2e4]);
}

#[test]
fn errors_name_line_column_and_text() {
    let message = |content: &str| {
        text(content, &UvReadOptions::new())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message("# c\n1 2 3 4 5\n1 2 3 x4 5\n"),
        "line 3, column 4 (Im): found \"x4\", expected a number"
    );
    assert!(message("1 2 3 4\n").starts_with("line 1 has 4 columns, expected 5"));
    assert!(message("1 2 3 4 5\n1 2 3 4 5 6\n").starts_with("line 2 has 6 columns, expected 5"));
    assert!(message("1 2 3 4 5 6\n").contains("no comment line names them"));
    assert!(message("# u [m] v [m] Re Im weight\n1 2 3 4 5\n").contains("wavelength_m"));
    assert!(message("# nothing\n\n").contains("no data rows"));
    assert!(message("1 2 3 4 -5\n").contains("weight[0] is -5"));
    assert!(message("1 nan 3 4 5\n").contains("v[0] is NaN"));
    let bad = UvReadOptions::new().wavelength_m(-1.0);
    assert!(
        text("1 2 3 4 5", &bad)
            .unwrap_err()
            .to_string()
            .contains("wavelength_m = -1")
    );
    let twice = UvReadOptions::new().columns([UvColumn::U; 5]);
    assert!(matches!(
        text("1 2 3 4 5", &twice),
        Err(Error::ColumnList {
            column: "u",
            count: 5
        })
    ));
}

#[test]
fn binary_files_are_not_taken_for_text() {
    let error = read_uv_table(data("f8_c.npy"), &UvReadOptions::new()).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap();
    assert!(cause.to_string().contains("none of the known formats"));
}
