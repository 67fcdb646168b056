//! Tables and matrices: what is written is read back, damaged files are refused.

use astro_core::{GoodTimeIntervals, Mjd, ReferencePosition, TimeReference, TimeScale};
use astro_io::{
    Cells, FitsSamples, FitsValue, IfExists, MatrixFormat, MatrixLayout, MatrixWriter, Table,
    gti_table, read_fits_gti, read_npz, read_tables, read_tables_from_bytes, write_ecsv,
    write_fits_tables, write_table_npz,
};
use num_complex::Complex64;
use std::path::Path;

use crate::damage::survives;

/// The primary image of a FITS file that has no celestial axes: its numbers row after row.
#[expect(
    clippy::unwrap_used,
    reason = "a helper that fails shall fail its test"
)]
fn primary(path: &Path) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap();
    let cards: Vec<&str> = (bytes.chunks(80))
        .map_while(|card| std::str::from_utf8(card).ok())
        .take_while(|card| !card.starts_with("END "))
        .collect();
    let number = |name: &str| -> i64 {
        let card = cards.iter().find(|card| card.starts_with(name)).unwrap();
        card[10..30].trim().parse().unwrap()
    };
    let count = (number("NAXIS1  ") * number("NAXIS2  ")) as usize;
    let data = &bytes[(80 * (cards.len() + 1)).next_multiple_of(2880)..];
    if number("BITPIX  ") == -32 {
        let words = data.as_chunks::<4>().0.iter().take(count);
        words
            .map(|&word| f64::from(f32::from_be_bytes(word)))
            .collect()
    } else {
        let words = data.as_chunks::<8>().0.iter().take(count);
        words.map(|&word| f64::from_be_bytes(word)).collect()
    }
}

fn table() -> Table<'static> {
    Table::new("CROSS")
        .column("FREQUENCY", "Hz", vec![0.1, 1.0 / 3.0, 1e-300])
        .column("POWER", "", vec![1.5_f32, f32::NAN, -2.5e-30])
        .column("SEGMENTS", "", vec![1_i64, -(1 << 60), 7])
        .column("CHANNEL", "", vec![1, 2, i32::MAX])
        .column("FLAG", "", vec![0_i16, -1, 5])
        .column("CROSS", "Hz-1", vec![Complex64::new(1.0, -2.0); 3])
        .keyword("NORM", "frac", "normalisation")
        .keyword("M", 38, "segments")
        .keyword("NOISE", 2.5e-7, "level")
        .keyword("OVERLAP", true, "")
}

/// Everything that is the same, NaN included.
fn assert_same(found: &Table<'_>, keywords: bool) {
    let expected = table();
    for name in expected.column_names() {
        match (expected.cells(name), found.cells(name)) {
            (Some(Cells::F32(a)), Some(Cells::F32(b))) => {
                let same =
                    |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
                assert!(a.iter().zip(b.iter()).all(same), "{name}: {b:?}");
            }
            (a, b) => assert_eq!(a, b, "{name}"),
        }
        if keywords {
            assert_eq!(expected.unit(name), found.unit(name), "{name}");
        }
    }
    if keywords {
        assert_eq!(found.name(), "CROSS");
        assert_eq!(found.text("norm"), Some("frac"));
        assert_eq!(found.number("M"), Some(38.0));
        assert_eq!(found.number("NOISE"), Some(2.5e-7));
        assert_eq!(found.value("OVERLAP"), Some(&FitsValue::Logical(true)));
    }
}

#[test]
fn every_format_gives_back_what_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_fits_tables(at("a.fits"), &[table(), table()], IfExists::Refuse).unwrap();
    write_ecsv(at("a.ecsv"), &table(), IfExists::Refuse).unwrap();
    write_table_npz(at("a.npz"), &table(), IfExists::Refuse).unwrap();
    let fits = read_tables(at("a.fits")).unwrap();
    assert_eq!(fits.len(), 2);
    assert_same(&fits[1], true);
    assert_same(&read_tables(at("a.ecsv")).unwrap()[0], true);
    let npz = &read_tables(at("a.npz")).unwrap()[0];
    assert_same(npz, false);
    assert_eq!(npz.name(), "a");
    // Text has no place in npz; in FITS and ECSV it has.
    let text = Table::new("T").column("NAME", "", vec!["a, b".to_owned(), "c".to_owned()]);
    write_fits_tables(at("t.fits"), std::slice::from_ref(&text), IfExists::Refuse).unwrap();
    write_ecsv(at("t.ecsv"), &text, IfExists::Refuse).unwrap();
    for name in ["t.fits", "t.ecsv"] {
        let read = &read_tables(at(name)).unwrap()[0];
        assert_eq!(read.cells("NAME"), text.cells("NAME"), "{name}");
        assert!(read.numbers("NAME").is_none());
    }
    assert!(read_tables_from_bytes(b"nothing".to_vec(), "x").is_err());
}

#[test]
fn damaged_tables() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_fits_tables(at("a.fits"), &[table()], IfExists::Refuse).unwrap();
    write_ecsv(at("a.ecsv"), &table(), IfExists::Refuse).unwrap();
    write_table_npz(at("a.npz"), &table(), IfExists::Refuse).unwrap();
    for name in ["a.fits", "a.ecsv", "a.npz"] {
        survives(&std::fs::read(at(name)).unwrap(), |bytes| {
            drop(read_tables_from_bytes(bytes.to_vec(), "damaged"));
        });
    }
}

#[test]
fn matrices_are_written_row_by_row() {
    let folder = tempfile::tempdir().unwrap();
    let layout = |samples| MatrixLayout {
        name: "POWER".to_owned(),
        unit: "Hz-1".to_owned(),
        rows: 5,
        columns: 700,
        samples,
    };
    let row = |index: usize| -> Vec<f64> { (0..700).map(|k| (index * 700 + k) as f64).collect() };
    let keywords = Table::new("").keyword("NORM", "frac", "");
    let time = Table::new("TIME").column("TIME", "s", vec![1.0, 2.0, 3.0, 4.0, 5.0]);
    for (format, name, samples) in [
        (MatrixFormat::Fits, "a.fits", FitsSamples::F64),
        (MatrixFormat::Fits, "b.fits", FitsSamples::F32),
        (MatrixFormat::Npz, "a.npz", FitsSamples::F64),
    ] {
        let path = folder.path().join(name);
        let create =
            || MatrixWriter::create(&path, format, layout(samples), &keywords, IfExists::Refuse);
        let mut writer = create().unwrap();
        (0..5).for_each(|index| writer.row(&row(index)).unwrap());
        assert!(writer.row(&row(5)).is_err());
        writer.finish(std::slice::from_ref(&time)).unwrap();
        assert!(create().is_err());
        if format == MatrixFormat::Npz {
            let arrays = read_npz(&path).unwrap();
            let power = arrays["power"].clone().into_f64("power").unwrap();
            assert_eq!((power[[4, 1]], power.shape()), (2801.0, &[5, 700][..]));
            assert_eq!(arrays["time"].shape(), [5]);
            continue;
        }
        let image = primary(&path);
        assert_eq!((image.len(), image[4 * 700 + 1]), (3500, 2801.0));
        assert_eq!(
            read_tables(&path).unwrap()[0].numbers("TIME").unwrap()[4],
            5.0
        );
        // Each unit sums to all ones, so that its CHECKSUM holds.
        let bytes = std::fs::read(&path).unwrap();
        let words = bytes
            .chunks_exact(4)
            .map(|word| u64::from(u32::from_be_bytes(word.try_into().unwrap())));
        let mut total: u64 = words.sum();
        while total >> 32 != 0 {
            total = (total & 0xffff_ffff) + (total >> 32);
        }
        assert_eq!(total, 0xffff_ffff, "{name}");
    }
    let path = folder.path().join("short.fits");
    let mut writer = MatrixWriter::create(
        &path,
        MatrixFormat::Fits,
        layout(FitsSamples::F64),
        &keywords,
        IfExists::Refuse,
    )
    .unwrap();
    writer.row(&row(0)).unwrap();
    assert!(writer.row(&[1.0]).is_err());
    let error = writer.finish(&[]).unwrap_err();
    assert!(error.to_string().contains("5 rows of 700"), "{error}");
    assert!(!path.exists());
}

#[test]
fn good_times_are_read_from_a_file_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gti");
    let gti = GoodTimeIntervals::new([[1.0, 2.0], [3.0, 5.0]]).unwrap();
    let epoch = Mjd::new(55_197, 7.660_185_2e-4);
    let reference = TimeReference::new(epoch, TimeScale::Tdb, ReferencePosition::SolarSystem);
    write_fits_tables(&path, &[gti_table(&gti, &reference)], IfExists::Refuse).unwrap();
    assert_eq!(
        read_fits_gti(&path, None).unwrap(),
        (gti.clone(), reference)
    );
    assert_eq!(read_fits_gti(&path, Some("gti")).unwrap().0, gti);
    assert!(read_fits_gti(&path, Some("STDGTI")).is_err());
    write_fits_tables(folder.path().join("t.fits"), &[table()], IfExists::Refuse).unwrap();
    assert!(read_fits_gti(folder.path().join("t.fits"), None).is_err());
}
