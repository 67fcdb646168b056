//! Event files made here, in every shape that missions give them, and read back.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use astro_core::{
    EventColumns, EventSource, GoodTimeIntervals, Mjd, ReferencePosition, TimeReference, TimeScale,
    WantedColumns,
};
use astro_io::{
    Error, EventFile, EventFileOptions, EventFileWarning, EventListLabels, EventOrder, GtiChoice,
    IfExists, Table, write_event_file, write_fits_tables,
};

pub(crate) const ALL: WantedColumns = WantedColumns {
    energies: true,
    channels: true,
    detectors: true,
};

/// What a visit brings, in one piece.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) times: Vec<f64>,
    pub(crate) energies: Vec<f32>,
    pub(crate) channels: Vec<i32>,
    pub(crate) detectors: Vec<i32>,
}

pub(crate) fn visit(
    file: &EventFile,
    start: f64,
    stop: f64,
    wanted: WantedColumns,
) -> Result<Seen, Error> {
    let mut seen = Seen::default();
    file.visit(start, stop, wanted, &mut |run: EventColumns<'_>| {
        assert!(!run.times.is_empty());
        seen.times.extend(run.times);
        seen.energies.extend(run.energies_kev);
        seen.channels.extend(run.channels);
        seen.detectors.extend(run.detectors);
    })?;
    Ok(seen)
}

pub(crate) fn everything(file: &EventFile, wanted: WantedColumns) -> Seen {
    visit(file, f64::NEG_INFINITY, f64::INFINITY, wanted).expect("a good file")
}

/// The bytes of a file with these tables.
pub(crate) fn bytes(tables: &[Table<'_>]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("events.fits");
    write_fits_tables(&path, tables, IfExists::Refuse).expect("good tables");
    std::fs::read(path).expect("the file just written")
}

/// NuSTAR-like events around `times`.
pub(crate) fn nustar(times: &[f64]) -> Table<'_> {
    let channels: Vec<i32> = (0..times.len() as i32).map(|i| i % 1000).collect();
    Table::new("EVENTS")
        .column("Time", "s", times)
        .column("PI", "chan", channels)
        .keyword("TELESCOP", "NuSTAR", "")
        .keyword("INSTRUME", "FPMA", "")
        .keyword("MJDREFI", 55197, "")
        .keyword("MJDREFF", 7.660_185_2e-4, "")
        .keyword("TIMESYS", "TDB", "")
        .keyword("TIMEREF", "SOLARSYSTEM", "")
}

pub(crate) fn gti(starts: &[f64], stops: &[f64]) -> Table<'static> {
    Table::new("GTI")
        .column("START", "s", starts.to_vec())
        .column("STOP", "s", stops.to_vec())
}

fn open(tables: &[Table<'_>]) -> Result<EventFile, Error> {
    open_with(tables, &EventFileOptions::new())
}

fn open_with(tables: &[Table<'_>], options: &EventFileOptions) -> Result<EventFile, Error> {
    EventFile::from_bytes(bytes(tables), options)
}

/// The innermost message.
fn cause(error: &Error) -> String {
    let mut error: &dyn std::error::Error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[test]
fn a_plain_file_is_read_as_it_is() {
    let times = [80_000_000.5, 80_000_001.0, 80_000_001.0, 80_000_007.25];
    let file = open(&[
        nustar(&times),
        gti(&[8e7, 80_000_005.0], &[80_000_002.0, 80_000_008.0]),
    ]);
    let file = file.unwrap();
    let seen = everything(
        &file,
        WantedColumns {
            detectors: false,
            ..ALL
        },
    );
    assert_eq!(seen.times, times);
    assert_eq!(seen.channels, [0, 1, 2, 3]);
    for (channel, energy) in seen.energies.iter().enumerate() {
        assert!((energy - (1.62 + 0.04 * channel as f32)).abs() < 1e-6);
    }
    let info = file.info();
    assert_eq!((info.events, info.intervals, info.exposure_s), (4, 2, 5.0));
    assert_eq!(info.reference.epoch, Mjd::new(55197, 7.660_185_2e-4));
    assert_eq!(info.reference.scale, TimeScale::Tdb);
    assert!(info.reference.is_barycentred());
    assert_eq!(info.warnings, []);
    assert_eq!(file.count(80_000_001.0, 80_000_007.25).unwrap(), 2);
    let error = visit(&file, 0.0, 1.0, ALL).unwrap_err();
    assert!(error.to_string().contains("no detectors"), "{error}");
}

/// Whole and partial ranges of a file of many blocks, against a slice.
#[test]
fn any_range_is_what_a_slice_would_give() {
    let times: Vec<f64> = (0..200_000)
        .map(|i| 1e6 + f64::from(i / 3) * 0.125)
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.fits");
    let tables = [nustar(&times), gti(&[1e6], &[2e6])];
    write_fits_tables(&path, &tables, IfExists::Refuse).unwrap();
    let file = EventFile::open(&path).unwrap();
    let last = times[times.len() - 1];
    for (start, stop) in [
        (1e6, last + 1.0),
        (0.0, 1e6),
        (1e6 + 10.0, 1e6 + 10.0),
        (1e6 + 10.0, 1e6 + 5.0),
        (1e6 + 1.1, 1e6 + 1.2),
        (1_003_000.125, 1_003_000.25),
        (1_001_234.5, 1_007_890.5),
        (last, last + 0.1),
        (f64::NAN, f64::NAN),
    ] {
        let from = times.partition_point(|&time| time < start);
        let to = times.partition_point(|&time| time < stop).max(from);
        let expected = if start.is_nan() {
            &[][..]
        } else {
            &times[from..to]
        };
        let seen = visit(&file, start, stop, WantedColumns::default()).unwrap();
        assert_eq!(seen.times, expected, "{start} {stop}");
        assert_eq!(
            file.count(start, stop).unwrap(),
            expected.len() as u64,
            "{start} {stop}"
        );
    }
    // From many threads at once.
    let counted = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (file, counted) = (&file, &counted);
            scope.spawn(move || {
                let start = 1e6 + f64::from(thread) * 2000.0;
                let seen = visit(file, start, start + 2000.0, WantedColumns::default()).unwrap();
                counted.fetch_add(seen.times.len(), Ordering::Relaxed);
            });
        }
    });
    assert_eq!(counted.into_inner(), 4 * 2000 * 8 * 3);
}

/// Times as missions store them: an offset, days, ticks, single precision, and where in its bin a time lies.
#[test]
fn times_are_shifted_and_scaled_as_the_header_says() {
    let zero = nustar(&[1.0, 2.0]).keyword("TIMEZERO", 0.25, "");
    let file = open(&[zero, gti(&[0.0], &[3.0])]).unwrap();
    assert_eq!(
        everything(&file, WantedColumns::default()).times,
        [1.25, 2.25]
    );
    // Without a TIMEZERO of their own, good times follow the events.
    assert_eq!(file.gti(), &GoodTimeIntervals::single(0.25, 3.25).unwrap());

    let own = gti(&[0.0], &[3.0]).keyword("TIMEZERO", 0.5, "");
    let zero = nustar(&[1.0])
        .keyword("TIMEZERI", 1, "")
        .keyword("TIMEZERF", 0.25, "");
    let file = open(&[zero, own]).unwrap();
    assert_eq!(everything(&file, WantedColumns::default()).times, [2.25]);
    assert_eq!(file.gti(), &GoodTimeIntervals::single(0.5, 3.5).unwrap());

    // The start of bins of 0.5 s.
    let binned = nustar(&[1.0])
        .keyword("TIMEDEL", 0.5, "")
        .keyword("TIMEPIXR", 0.0, "");
    let file = open(&[binned, gti(&[0.0], &[3.0])]).unwrap();
    assert_eq!(everything(&file, WantedColumns::default()).times, [1.25]);
    assert_eq!(file.gti(), &GoodTimeIntervals::single(0.0, 3.0).unwrap());
    assert_eq!(file.info().time_resolution_s, 0.5);

    // Ticks of 1/8 s, and days.
    let ticks = Table::new("EVENTS")
        .column("TIME", "s", vec![8i32, 9])
        .keyword("TSCAL1", 0.125, "")
        .keyword("TZERO1", 100.0, "");
    let file = open(&[ticks, gti(&[0.0], &[3.0])]).unwrap();
    assert_eq!(
        everything(&file, WantedColumns::default()).times,
        [101.0, 101.125]
    );
    let warned = &file.info().warnings;
    assert!(warned.contains(&EventFileWarning::NoEpoch), "{warned:?}");
    let days = Table::new("EVENTS").column("TIME", "d", vec![1.0, 1.5]);
    let file = open(&[days, gti(&[0.0], &[3e5])]).unwrap();
    assert_eq!(
        everything(&file, WantedColumns::default()).times,
        [86_400.0, 129_600.0]
    );
}

#[test]
fn energies_come_from_where_the_file_has_them() {
    let chandra = |table: Table<'static>| {
        table
            .keyword("TELESCOP", "CHANDRA", "")
            .keyword("INSTRUME", "ACIS", "")
    };
    let times = vec![1.0, 2.0];
    let in_ev = chandra(
        Table::new("EVENTS")
            .column("time", "s", times.clone())
            .column("ccd_id", "", vec![7i16, 3])
            .column("energy", "eV", vec![1500.0f32, 500.0])
            .column("pi", "chan", vec![101i32, 1]),
    );
    let file = open(&[in_ev, gti(&[0.0], &[3.0])]).unwrap();
    let seen = everything(&file, ALL);
    assert_eq!(seen.energies, [1.5, 0.5]);
    assert_eq!(seen.channels, [101, 1]);
    assert_eq!(seen.detectors, [7, 3]);
    // Channel 0 is nothing here, as Chandra's TNULL says.
    let rough = chandra(Table::new("EVENTS").column("time", "s", times).column(
        "pi",
        "chan",
        vec![101i32, 0],
    ));
    let file = open(&[rough.keyword("TNULL2", 0, ""), gti(&[0.0], &[3.0])]).unwrap();
    let seen = everything(
        &file,
        WantedColumns {
            detectors: false,
            ..ALL
        },
    );
    assert!((seen.energies[0] - 1.46).abs() < 1e-6 && seen.energies[1].is_nan());
    assert_eq!(seen.channels, [101, astro_io::NO_CHANNEL]);
    let unknown = Table::new("EVENTS")
        .column("TIME", "s", vec![1.0])
        .column("PI", "", vec![5i32]);
    let file = open(&[unknown, gti(&[0.0], &[3.0])]).unwrap();
    let wanted = WantedColumns {
        energies: true,
        ..WantedColumns::default()
    };
    let error = visit(&file, 0.0, 9.0, wanted).unwrap_err();
    assert!(error.to_string().contains("response file"), "{error}");
}

#[test]
fn unsorted_files_are_sorted_in_memory_or_through_files() {
    // 16 bits of a permutation, with equal times whose order must stay.
    let times: Vec<f64> = (0..60_000u32)
        .map(|i| f64::from(i * 48_271 % 65_537 / 4))
        .collect();
    let tables = [nustar(&times), gti(&[0.0], &[7e4])];
    let mut expected: Vec<(f64, i32)> = times
        .iter()
        .zip(0..)
        .map(|(&time, i)| (time, i % 1000))
        .collect();
    expected.sort_by(|a, b| a.0.total_cmp(&b.0));
    for limit in [1 << 20, 7_000, 999] {
        let options = EventFileOptions::new().sort_limit(limit);
        let file = open_with(&tables, &options).unwrap();
        assert_eq!(file.info().warnings, [EventFileWarning::Sorted]);
        let seen = everything(
            &file,
            WantedColumns {
                detectors: false,
                ..ALL
            },
        );
        let found: Vec<(f64, i32)> = seen.times.into_iter().zip(seen.channels).collect();
        assert_eq!(found, expected, "{limit}");
        let energy = f64::from(seen.energies[12_345]);
        assert!((energy - (1.62 + 0.04 * f64::from(expected[12_345].1))).abs() < 1e-5);
    }
}

/// One row out of place where nobody looks when a large file is opened.
#[test]
fn a_hidden_row_out_of_order_is_found_when_it_is_visited() {
    let mut times: Vec<f64> = (0..1_000_000).map(f64::from).collect();
    times[500_123] = 3.0;
    let tables = [nustar(&times), gti(&[0.0], &[1e6])];
    let file = open(&tables).unwrap();
    assert!(visit(&file, 0.0, 400_000.0, WantedColumns::default()).is_ok());
    let error = visit(&file, 499_000.0, 501_000.0, WantedColumns::default()).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Unsorted {
                row: 500_123,
                time: 3.0,
                ..
            }
        ),
        "{error}"
    );
    let file = open_with(&tables, &EventFileOptions::new().order(EventOrder::Scan)).unwrap();
    assert_eq!(file.info().warnings, [EventFileWarning::Sorted]);
    assert_eq!(file.count(0.0, 4.0).unwrap(), 5);
}

#[test]
fn good_times_of_several_extensions_and_chips_are_intersected() {
    let events = |chips: Vec<i16>| {
        Table::new("EVENTS")
            .column("TIME", "s", vec![1.0, 2.0])
            .column("CCDNR", "", chips)
            .column("PI", "", vec![500i32, 1000])
            .keyword("TELESCOP", "XMM", "")
            .keyword("INSTRUME", "EPN", "")
    };
    let named = |name: &str, start: f64, stop: f64| {
        Table::new(name)
            .column("START", "s", vec![start])
            .column("STOP", "s", vec![stop])
    };
    let extensions = [
        named("STDGTI04", 0.0, 10.0),
        named("STDGTI05", 1.0, 8.0),
        named("STDGTI06", 4.0, 5.0),
    ];
    let with = |chips: Vec<i16>, options: EventFileOptions| {
        let tables: Vec<_> = [events(chips)]
            .into_iter()
            .chain(extensions.clone())
            .collect();
        let file = open_with(&tables, &options).unwrap();
        let interval = file.gti().intervals()[0];
        (interval.start, interval.stop)
    };
    let plain = EventFileOptions::new;
    assert_eq!(with(vec![4, 4], plain()), (0.0, 10.0));
    assert_eq!(with(vec![4, 5], plain()), (1.0, 8.0));
    assert_eq!(with(vec![4, 5], plain().gti_detectors([6])), (4.0, 5.0));
    assert_eq!(
        with(
            vec![4, 5],
            plain().gti(GtiChoice::Extension("stdgti06".into()))
        ),
        (4.0, 5.0)
    );
    // RXTE has two for all.
    let both = open(&[nustar(&[1.0]), gti(&[0.0], &[10.0]), gti(&[2.0], &[12.0])]).unwrap();
    assert_eq!(both.gti(), &GoodTimeIntervals::single(2.0, 10.0).unwrap());
}

#[test]
fn missing_and_malformed_good_times_are_explained() {
    let events = || nustar(&[1.0, 5.0]);
    let error = open(&[events()]).unwrap_err();
    assert!(
        cause(&error).contains("take the span of the events"),
        "{error}"
    );
    let span = open_with(
        &[events()],
        &EventFileOptions::new().gti(GtiChoice::WithoutGti),
    )
    .unwrap();
    assert!(span.gti().contains(1.0) && span.gti().contains(5.0) && !span.gti().contains(5.1));
    assert_eq!(span.info().warnings, [EventFileWarning::SpanAsGti]);
    let given = GoodTimeIntervals::single(0.0, 2.0).unwrap();
    let file = open_with(
        &[events()],
        &EventFileOptions::new().gti(GtiChoice::Given(given.clone())),
    );
    assert_eq!(file.unwrap().gti(), &given);

    let reversed = open(&[events(), gti(&[0.0, 7.0], &[2.0, 6.0])]).unwrap_err();
    assert!(
        cause(&reversed).contains("interval 1 is [7, 6)"),
        "{reversed:?}"
    );
    let overlapping = [events(), gti(&[0.0, 1.0], &[2.0, 6.0])];
    assert!(cause(&open(&overlapping).unwrap_err()).contains("merge"));
    let merged = open_with(&overlapping, &EventFileOptions::new().merge_gti(true)).unwrap();
    assert_eq!(merged.gti(), &GoodTimeIntervals::single(0.0, 6.0).unwrap());
    let nan = open(&[events(), gti(&[f64::NAN], &[2.0])]).unwrap_err();
    assert!(cause(&nan).contains("must be finite"), "{nan:?}");
    let empty = open(&[events(), gti(&[0.0, 3.0], &[2.0, 3.0])]).unwrap();
    assert!(matches!(
        empty.info().warnings[..],
        [EventFileWarning::EmptyGti { dropped: 1, .. }]
    ));
    // Zero exposure is for whoever computes to refuse.
    let none = open(&[events(), gti(&[], &[])]).unwrap();
    assert_eq!(none.info().exposure_s, 0.0);
}

#[test]
fn times_that_are_no_numbers_are_named_or_left_out() {
    let times = [1.0, 2.0, f64::NAN, 4.0];
    let tables = [nustar(&times), gti(&[0.0], &[9.0])];
    let error = open(&tables).unwrap_err();
    assert!(cause(&error).contains("row 2: TIME is NaN"), "{error:?}");
    let file = open_with(&tables, &EventFileOptions::new().skip_bad_times(true)).unwrap();
    assert_eq!(
        file.info().warnings,
        [EventFileWarning::BadTimes { rows: 1 }]
    );
    assert_eq!(
        everything(&file, WantedColumns::default()).times,
        [1.0, 2.0, 4.0]
    );
}

#[test]
fn truncated_and_lying_tables_are_refused() {
    let times: Vec<f64> = (0..1000).map(f64::from).collect();
    let whole = bytes(&[nustar(&times), gti(&[0.0], &[1e3])]);
    let options = EventFileOptions::new();
    let error = EventFile::from_bytes(whole[..12_000].to_vec(), &options).unwrap_err();
    assert!(error.to_string().contains("HDU 1"), "{error}");
    assert!(
        cause(&error).contains("12000 bytes") && cause(&error).contains("truncated"),
        "{error:?}"
    );
    let mut lying = whole.clone();
    let place = whole
        .windows(10)
        .position(|card| card == b"NAXIS2  = ")
        .unwrap();
    lying[place + 10..place + 30].copy_from_slice(b" 9000000000000000000");
    assert!(EventFile::from_bytes(lying.clone(), &options).is_err());
    lying[place + 10..place + 30].copy_from_slice(b"              999999");
    assert!(cause(&EventFile::from_bytes(lying, &options).unwrap_err()).contains("truncated"));
    // A good time file, and a light curve.
    let error = open(&[gti(&[0.0], &[1.0])]).unwrap_err();
    assert!(error.to_string().contains("no table of events"), "{error}");
    let rate = Table::new("RATE")
        .column("TIME", "s", vec![1.0])
        .column("RATE", "", vec![1.0]);
    assert!(
        open(&[rate])
            .unwrap_err()
            .to_string()
            .contains("light curves")
    );
    let error =
        open_with(&[nustar(&[1.0])], &EventFileOptions::new().time_column("T")).unwrap_err();
    assert!(cause(&error).contains("no column T"), "{error:?}");
    assert!(
        EventFile::open("/no/such/file")
            .unwrap_err()
            .to_string()
            .contains("/no/such/file")
    );
}

#[test]
fn gzipped_files_are_unpacked_once() {
    let times: Vec<f64> = (0..50_000).map(|i| f64::from(i) * 0.5).collect();
    let plain = bytes(&[nustar(&times), gti(&[0.0], &[1e3])]);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&plain).unwrap();
    let packed = packer.finish().unwrap();
    let file = EventFile::from_bytes(packed.clone(), &EventFileOptions::new()).unwrap();
    assert_eq!(everything(&file, WantedColumns::default()).times, times);
    assert!(
        EventFile::from_bytes(
            packed[..packed.len() / 2].to_vec(),
            &EventFileOptions::new()
        )
        .is_err()
    );
}

/// RXTE science events: 1 marker bit, 3 detector bits, 6 channel bits; one row is no photon.
#[test]
fn rxte_event_words_are_decoded() {
    let word = |marker: u16, detector: u16, channel: u16| {
        ((marker << 15) | (detector << 12) | (channel << 6)) as i16
    };
    let words = vec![word(1, 4, 2), word(0, 0, 0), word(1, 0, 3)];
    let table = Table::new("XTE_SE")
        .column("TIME", "s", vec![1.0, 2.0, 3.0])
        .column("Event", "", words)
        .keyword("TELESCOP", "XTE", "")
        .keyword("INSTRUME", "PCA", "")
        .keyword("MJDREF", 49_353.0, "")
        .keyword("TSTART", 3.2e8, "")
        .keyword(
            "TEVTB2",
            "(M[1]{1},D[0:4]{3},C[0~4,5,8~12,30]{6},T[0:1]{6})^(M[0]{8})",
            "",
        );
    let mut file = bytes(&[table, gti(&[0.0], &[9.0])]);
    // Sixteen bits instead of a whole number, as RXTE has it.
    let place = file
        .windows(14)
        .position(|card| card == b"TFORM2  = '1I ")
        .unwrap();
    file[place + 10..place + 16].copy_from_slice(b"'16X '");
    let file = EventFile::from_bytes(file, &EventFileOptions::new()).unwrap();
    assert_eq!(
        file.info().warnings[1..],
        [EventFileWarning::NotPhotons { rows: 1 }]
    );
    let seen = everything(&file, ALL);
    assert_eq!(seen.times, [1.0, 3.0]);
    assert_eq!(seen.channels, [10, 30]);
    assert_eq!(seen.detectors, [4, 0]);
    // MJD 49353 + 3703.7 days: epoch 5, where the table has 4.49 keV, and 13.22 keV for PCU 0.
    assert!(
        (seen.energies[0] - 4.49).abs() < 0.016 && (seen.energies[1] - 13.22).abs() < 0.016,
        "{seen:?}"
    );
}

#[test]
fn any_other_column_can_be_visited() {
    let stokes = |times: &[f64]| {
        Table::new("EVENTS")
            .column("TIME", "s", times.to_vec())
            .column("Q", "", vec![0.5, -1.0, 2.0])
            .column("W_MOM", "", vec![1.0f32, 0.25, 0.5])
            .column("NOTE", "", vec![String::new(); 3])
    };
    let file = open(&[stokes(&[1.0, 2.0, 3.0]), gti(&[0.0], &[9.0])]).unwrap();
    let mut seen = Vec::new();
    file.visit_numbers(2.0, 9.0, &["w_mom", "Q"], |times, numbers| {
        seen.push((times.to_vec(), numbers.to_vec()));
    })
    .unwrap();
    assert_eq!(
        seen,
        [(vec![2.0, 3.0], vec![vec![0.25, 0.5], vec![-1.0, 2.0]])]
    );
    let visit = |file: &EventFile, column| file.visit_numbers(0.0, 9.0, &[column], |_, _| {});
    assert!(matches!(
        visit(&file, "U"),
        Err(Error::MissingColumn { .. })
    ));
    assert!(matches!(
        visit(&file, "NOTE"),
        Err(Error::ColumnType { .. })
    ));
    let sorted = open(&[stokes(&[1.0, 3.0, 2.0]), gti(&[0.0], &[9.0])]).unwrap();
    assert!(matches!(
        visit(&sorted, "Q"),
        Err(Error::NotInEvents { .. })
    ));
}

#[test]
fn what_is_written_is_read_back() {
    let times: Vec<f64> = (0..70_000).map(|i| 1e8 + f64::from(i) * 0.01).collect();
    let folder = tempfile::tempdir().unwrap();
    let first = open(&[
        nustar(&times),
        gti(&[1e8, 1e8 + 300.0], &[1e8 + 200.0, 1e8 + 700.0]),
    ])
    .unwrap();
    let columns = WantedColumns {
        detectors: false,
        ..ALL
    };
    let path = folder.path().join("again.evt");
    let labels = EventListLabels {
        mission: "NuSTAR".into(),
        instrument: "FPMA".into(),
        object: "it's Cyg X-1".into(),
    };
    write_event_file(&path, &first, columns, &labels, IfExists::Refuse).unwrap();
    let again = EventFile::open(&path).unwrap();
    assert_eq!(everything(&again, columns), everything(&first, columns));
    assert_eq!(again.gti(), first.gti());
    assert_eq!(again.reference(), first.reference());
    assert_eq!(again.info().object.as_deref(), Some("it's Cyg X-1"));
    assert_eq!(again.info().energies_from, Some("an energy column"));
    assert_eq!(again.info().warnings, []);
    let refused = write_event_file(&path, &first, columns, &labels, IfExists::Refuse);
    assert!(matches!(refused, Err(Error::AlreadyExists { .. })));
    let unasked = write_event_file(&path, &first, ALL, &labels, IfExists::Replace);
    assert!(matches!(unasked, Err(Error::Writing { .. })), "{unasked:?}");
    let local = TimeReference::new(
        Mjd::new(55197, 0.0),
        TimeScale::Tt,
        ReferencePosition::Local,
    );
    assert!(again.reference().offset_to(&local).is_err());
}
