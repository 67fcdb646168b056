//! Light curves, response files, tables of results and spectra for fitting programs.

use astro_core::{GoodTimeIntervals, Mjd, TimeReference, TimeScale};
use astro_io::{
    BinnedDensity, EnergyResponse, Error, EventFile, EventFileOptions, FitsLightCurve, IfExists,
    ResponseMatrix, Table, read_fits_light_curve, read_fits_light_curve_from_bytes, read_npz,
    write_ecsv, write_fits_light_curve, write_fits_tables, write_pha_and_response, write_table_npz,
};
use num_complex::Complex64;

use crate::events::{bytes, gti, nustar};

#[test]
fn a_light_curve_is_read_back() {
    let curve = FitsLightCurve {
        times: vec![8e7 + 0.5, 8e7 + 1.5, 8e7 + 3.5],
        bin_s: 1.0,
        rate: vec![3.0, 0.0, 5.0],
        error: vec![1.5, 1.0, 2.0],
        exposed_fraction: vec![1.0, 0.5, 1.0],
        reference: TimeReference {
            epoch: Mjd::new(55197, 7.660_185_2e-4),
            scale: TimeScale::Tdb,
            ..TimeReference::default()
        },
        gti: GoodTimeIntervals::new([[8e7, 8e7 + 2.0], [8e7 + 3.0, 8e7 + 4.0]]).unwrap(),
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("curve.lc");
    write_fits_light_curve(&path, &curve, IfExists::Refuse).unwrap();
    assert_eq!(read_fits_light_curve(&path).unwrap(), curve);
}

/// As XRONOS writes it: days in the keywords, seconds in the column, no MJDREF, an exposed fraction.
#[test]
fn xronos_light_curves_count_from_their_own_zero() {
    let table = |epoch: bool| {
        let table = Table::new("RATE")
            .column("TIME", "s", vec![0.0, 2.0, 4.0])
            .column("RATE1", "count/s", vec![1.0f32, f32::NAN, 2.0])
            .column("ERROR1", "count/s", vec![0.5f32, 0.5, 1.0])
            .column("FRACEXP", "", vec![1.0f32, 0.0, 1.0])
            .keyword("TIMEUNIT", "d", "")
            .keyword("TIMEZERI", 16_122, "")
            .keyword("TIMEZERF", 0.75, "")
            .keyword("TIMEDEL", 2.0 / 86_400.0, "");
        if epoch {
            table.keyword("MJDREFI", 56_120, "")
        } else {
            table
        }
    };
    let curve = read_fits_light_curve_from_bytes(bytes(&[table(false)])).unwrap();
    assert_eq!(curve.reference.epoch, Mjd::new(56_122, 0.75));
    assert_eq!(curve.times, [0.0, 2.0, 4.0]);
    assert!((curve.bin_s - 2.0).abs() < 1e-12);
    assert_eq!(curve.rate[2], 2.0);
    let good = curve.gti.intervals();
    assert_eq!(good.len(), 2);
    assert!((good[0].start + 1.0).abs() < 1e-9 && (good[1].stop - 5.0).abs() < 1e-9);
    let curve = read_fits_light_curve_from_bytes(bytes(&[table(true)])).unwrap();
    assert_eq!(curve.times[0], 2.75 * 86_400.0);
}

#[test]
fn counts_become_rates_and_events_are_no_light_curve() {
    let table = Table::new("LC")
        .column("TIME", "s", vec![10.0, 14.0, 18.0])
        .column("COUNTS", "count", vec![8i32, 4, 2]);
    let curve = read_fits_light_curve_from_bytes(bytes(&[table])).unwrap();
    assert_eq!((curve.bin_s, &curve.rate[..]), (4.0, &[2.0, 1.0, 0.5][..]));
    let error = read_fits_light_curve_from_bytes(bytes(&[nustar(&[1.0])])).unwrap_err();
    assert!(matches!(error, Error::NoLightCurve { .. }), "{error}");
}

#[test]
fn channel_energies_of_a_response_file_are_used() {
    let table = Table::new("EBOUNDS")
        .column("CHANNEL", "", vec![1i16, 0, 2])
        .column("E_MIN", "keV", vec![2.0f32, 1.0, 3.0])
        .column("E_MAX", "keV", vec![3.0f32, 2.0, 5.0]);
    let response = ResponseMatrix::read_from(std::io::Cursor::new(bytes(&[table]))).unwrap();
    assert_eq!(response.energy_kev(0), Some(1.5));
    assert_eq!(response.energy_kev(2), Some(4.0));
    assert_eq!(response.energy_kev(3), None);
    let options = EventFileOptions::new().response(response);
    let file = bytes(&[nustar(&[1.0, 2.0, 3.0, 4.0]), gti(&[0.0], &[9.0])]);
    let file = EventFile::from_bytes(file, &options).unwrap();
    let wanted = astro_core::WantedColumns {
        energies: true,
        ..Default::default()
    };
    let seen = crate::events::everything(&file, wanted);
    assert_eq!(seen.energies[..3], [1.5, 2.5, 4.0]);
    assert!(seen.energies[3].is_nan());
    let missing = ResponseMatrix::read_from(std::io::Cursor::new(bytes(&[gti(&[0.0], &[1.0])])));
    assert!(missing.unwrap_err().to_string().contains("EBOUNDS"));
}

#[test]
fn effective_areas_and_modulation_factors_are_read_by_column() {
    let table = Table::new("SPECRESP")
        .column("ENERG_LO", "keV", vec![1.0f32, 2.0])
        .column("ENERG_HI", "keV", vec![2.0f32, 4.0])
        .column("SPECRESP", "cm**2", vec![100.0f32, 50.0])
        .column("MODFRESP", "", vec![0.25f32, 0.5]);
    let file = bytes(&[gti(&[0.0], &[1.0]), table]);
    let read = |column| EnergyResponse::read_from(std::io::Cursor::new(&file), column);
    let area = read(None).unwrap();
    let found = [0.5, 1.0, 2.0, 3.9, 4.0].map(|energy| area.at(energy));
    assert_eq!(found, [None, Some(100.0), Some(50.0), Some(50.0), None]);
    assert_eq!(read(Some("modfresp")).unwrap().value, [0.25, 0.5]);
    assert!(read(Some("AREA")).unwrap_err().to_string().contains("AREA"));
}

#[test]
fn a_table_is_written_in_three_formats() {
    let frequency = vec![0.5, 1.0, 1e-7];
    let cross = vec![
        Complex64::new(1.0, -2.0),
        Complex64::new(0.0, f64::NAN),
        Complex64::new(3.0, 0.5),
    ];
    let table = Table::new("CROSS")
        .column("FREQ", "Hz", &frequency)
        .column("COUNT", "", vec![1i64, 2, 3])
        .column("CROSS", "", cross)
        .keyword("NORM", "a \"b\"", "")
        .keyword("MEAN", f64::NAN, "");
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    write_fits_tables(
        path("t.fits"),
        std::slice::from_ref(&table),
        IfExists::Refuse,
    )
    .unwrap();
    write_ecsv(path("t.ecsv"), &table, IfExists::Refuse).unwrap();
    write_table_npz(path("t.npz"), &table, IfExists::Refuse).unwrap();
    let text = std::fs::read_to_string(path("t.ecsv")).unwrap();
    assert!(
        text.contains("# - {name: \"FREQ\", datatype: float64, unit: \"Hz\"}"),
        "{text}"
    );
    assert!(
        text.contains(
            "FREQ,COUNT,CROSS_re,CROSS_im\n0.5,1,1.0,-2.0\n1.0,2,0.0,nan\n1e-7,3,3.0,0.5\n"
        ),
        "{text}"
    );
    let arrays = read_npz(path("t.npz")).unwrap();
    let found = arrays["FREQ"].clone().into_f64("FREQ").unwrap();
    assert_eq!(found.as_slice().unwrap(), frequency);

    let text = table.clone().column(
        "NOTE",
        "",
        vec![String::from("a"), "b,c".into(), "λ".into()],
    );
    assert!(matches!(
        write_table_npz(path("n.npz"), &text, IfExists::Refuse),
        Err(Error::Writing { .. } | Error::TextInNpz { .. })
    ));
    write_fits_tables(
        path("n.fits"),
        std::slice::from_ref(&text),
        IfExists::Refuse,
    )
    .unwrap();
    let short = table.clone().column("SHORT", "", vec![1.0]);
    assert!(matches!(
        write_ecsv(path("s.ecsv"), &short, IfExists::Refuse),
        Err(Error::ColumnLength { .. })
    ));
    let long = table.keyword("TOO LONG KEY", 1, "");
    assert!(matches!(
        write_fits_tables(path("s.fits"), &[long], IfExists::Refuse),
        Err(Error::KeywordName { .. })
    ));
}

#[test]
fn spectra_for_fitting_programs_hold_density_times_width() {
    let spectrum = BinnedDensity {
        low_hz: &[0.1, 0.2, 0.4],
        high_hz: &[0.2, 0.4, 1.0],
        density: &[5.0, 4.0, -1.0],
        error: &[0.5, 0.25, 0.1],
    };
    let folder = tempfile::tempdir().unwrap();
    let stem = folder.path().join("power");
    let (pha, response) = write_pha_and_response(&stem, &spectrum, IfExists::Refuse).unwrap();
    assert!(pha.ends_with("power.pha") && response.ends_with("power.rsp"));
    let bounds = ResponseMatrix::open(&response).unwrap();
    assert_eq!(bounds.ebounds().len(), 3);
    assert!((bounds.energy_kev(3).unwrap() - 0.7).abs() < 1e-12);
    // The channel table reads back as any other.
    let options = EventFileOptions::new()
        .hdu("SPECTRUM")
        .time_column("CHANNEL")
        .energy_column("RATE")
        .gti(astro_io::GtiChoice::WithoutGti);
    let table = EventFile::open_with(&pha, &options).unwrap();
    let wanted = astro_core::WantedColumns {
        energies: true,
        ..Default::default()
    };
    let rates = crate::events::everything(&table, wanted).energies;
    for (rate, expected) in rates.iter().zip([0.5, 0.8, -0.6]) {
        assert!((rate - expected).abs() < 1e-6);
    }
    for bad in [
        BinnedDensity {
            low_hz: &[0.0, 0.2, 0.4],
            ..spectrum
        },
        BinnedDensity {
            high_hz: &[0.3, 0.4, 1.0],
            ..spectrum
        },
        BinnedDensity {
            density: &[1.0],
            ..spectrum
        },
        BinnedDensity {
            error: &[1.0, f64::NAN, 1.0],
            ..spectrum
        },
    ] {
        let result = write_pha_and_response(&stem, &bad, IfExists::Replace);
        assert!(matches!(result, Err(Error::BadSpectrum { .. })));
    }
}
