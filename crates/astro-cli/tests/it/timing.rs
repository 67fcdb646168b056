//! `astro timing`: simulated observations of known truth in event files, and what the commands find.

use std::f64::consts::TAU;
use std::path::Path;

use astro_core::{
    GoodTimeIntervals, Mjd, ReferencePosition, TimeReference, TimeScale, WantedColumns,
};
use astro_io::{EventFile, EventListLabels, IfExists, read_npz, read_tables, write_event_file};
use astro_timing::EventList;
use astro_timing::simulate::{RateSeries, events_from_rate};

use crate::astro::{astro, astro_json, astro_ok};

const SEED: u64 = 20_261_126;
/// Frequency of the oscillation, Hz; it lies on a Fourier frequency of 16 s.
const FREQUENCY_HZ: f64 = 4.0;
/// By how much the hard photons come later.
const LAG_S: f64 = 0.03;

/// The primary image of a FITS file that has no celestial axes, of `f64`: its numbers row after row.
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
    assert_eq!(number("BITPIX  "), -64);
    let count = (number("NAXIS1  ") * number("NAXIS2  ")) as usize;
    let data = &bytes[(80 * (cards.len() + 1)).next_multiple_of(2880)..];
    let words = data.as_chunks::<8>().0.iter().take(count);
    words.map(|&word| f64::from_be_bytes(word)).collect()
}

/// Photons of a sinusoid of 50 % at 4 Hz, 400 s with a gap: soft ones (1 keV) and hard ones (6 keV), 150 /s
/// each, the hard ones 0.03 s later.
pub(crate) fn observation() -> EventList {
    let dt_s = 1.0 / 512.0;
    let gti = GoodTimeIntervals::new([[0.0, 200.0], [220.0, 420.0]]).unwrap();
    let band = |delay: f64, seed: u64| {
        let rate = |i: u32| {
            let time = f64::from(i) * dt_s;
            150.0 * (1.0 + 0.5 * (TAU * FREQUENCY_HZ * (time - delay)).sin())
        };
        let series = RateSeries {
            start_s: 0.0,
            dt_s,
            rate: (0..215_040).map(rate).collect(),
        };
        events_from_rate(&series, seed).unwrap()
    };
    let (soft, hard) = (band(0.0, SEED), band(LAG_S, SEED + 1));
    let mut photons: Vec<(f64, f32)> = soft.iter().map(|&t| (t, 1.0)).collect();
    photons.extend(hard.iter().map(|&t| (t, 6.0)));
    photons.sort_by(|a, b| a.0.total_cmp(&b.0));
    let reference = TimeReference::new(
        Mjd::new(55_197, 7.660_185_2e-4),
        TimeScale::Tdb,
        ReferencePosition::SolarSystem,
    );
    let detectors = (0..photons.len() as i32).map(|i| i % 2).collect();
    EventList::new(photons.iter().map(|p| p.0).collect(), gti)
        .unwrap()
        .with_energies(photons.iter().map(|p| p.1).collect())
        .unwrap()
        .with_detectors(detectors)
        .unwrap()
        .with_reference(reference)
        .apply_gti()
}

pub(crate) fn write(path: &Path, events: &EventList) {
    let columns = WantedColumns {
        energies: true,
        detectors: true,
        ..WantedColumns::default()
    };
    let labels = EventListLabels {
        mission: "NUSTAR".to_owned(),
        instrument: "FPMA".to_owned(),
        object: "Fake X-1".to_owned(),
    };
    write_event_file(path, events, columns, &labels, IfExists::Refuse).unwrap();
}

fn folder_with_source() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("source.evt"), &observation());
    folder
}

/// The frequency with the largest value of a column.
fn peak_hz(path: &Path, column: &str) -> f64 {
    let table = &read_tables(path).unwrap()[0];
    let (frequency, power) = (
        table.numbers("FREQUENCY").unwrap(),
        table.numbers(column).unwrap(),
    );
    let best = (0..power.len())
        .max_by(|&a, &b| power[a].total_cmp(&power[b]))
        .unwrap();
    frequency[best]
}

#[test]
fn info_says_what_the_file_is() {
    let folder = folder_with_source();
    let all = astro_json(folder.path(), &["timing", "info", "source.evt"]);
    assert_eq!(all["files"][0]["mission"], "NUSTAR");
    assert_eq!(all["files"][0]["barycentred"], true);
    assert_eq!(all["files"][0]["sorted"], true);
    assert_eq!(all["exposure_s"], 400.0);
    assert_eq!(all["counts"], observation().len());
    let hard = astro_json(
        folder.path(),
        &["timing", "info", "source.evt", "--energy", "3:10"],
    );
    let rate = hard["rate_per_s"].as_f64().unwrap();
    // 150 /s over 400 s.
    assert!(
        (rate - 150.0).abs() < 5.0 * (150.0_f64 / 400.0).sqrt(),
        "{rate}"
    );
}

#[test]
fn the_oscillation_is_found_in_every_format() {
    let folder = folder_with_source();
    let at = |name: &str| folder.path().join(name);
    for out in ["power.fits", "power.ecsv", "power.npz"] {
        let given = [
            "timing",
            "power",
            "source.evt",
            "--segment",
            "16",
            "--dt",
            "0.015625",
            "--norm",
            "leahy",
            "--out",
            out,
        ];
        let found = astro_json(folder.path(), &given);
        assert_eq!(found["segments"], 24);
        assert_eq!(peak_hz(&at(out), "POWER"), FREQUENCY_HZ, "{out}");
        let significant = found["significant"].as_array().unwrap();
        assert_eq!(significant[0]["frequency_hz"], FREQUENCY_HZ);
        let table = &read_tables(at(out)).unwrap()[0];
        let power = table.numbers("POWER").unwrap();
        let others: Vec<f64> = power.iter().copied().filter(|&p| p < 10.0).collect();
        let mean = others.iter().sum::<f64>() / others.len() as f64;
        // Noise is 2; the mean of n powers of 24 segments scatters by 2/√(24 n).
        assert!(
            (mean - 2.0).abs() < 10.0 / (24.0 * others.len() as f64).sqrt(),
            "{mean}"
        );
    }
    let table = &read_tables(at("power.fits")).unwrap()[0];
    assert_eq!((table.name(), table.text("NORM")), ("POWER", Some("leahy")));
    assert_eq!(table.text("OBJECT"), Some("Fake X-1"));
    // In f32 the powers are the same to six digits.
    let single = [
        "timing",
        "power",
        "source.evt",
        "--segment",
        "16",
        "--dt",
        "0.015625",
        "--norm",
        "leahy",
        "--precision",
        "f32",
        "--out",
        "single.npz",
    ];
    astro_ok(folder.path(), &single);
    let [double, single] = ["power.npz", "single.npz"]
        .map(|name| read_tables(at(name)).unwrap()[0].numbers("POWER").unwrap());
    for (a, b) in double.iter().zip(&single) {
        assert!((a - b).abs() < 1e-4 * double.iter().copied().fold(0.0, f64::max));
    }
}

#[test]
fn the_rms_is_that_of_the_sinusoid() {
    let folder = folder_with_source();
    let given = [
        "timing",
        "power",
        "source.evt",
        "--energy",
        "3:10",
        "--segment",
        "16",
        "--dt",
        "0.015625",
        "--rms",
        "3.9:4.1",
    ];
    let found = astro_json(folder.path(), &given);
    let rms = found["rms"][0]["rms"].as_f64().unwrap();
    // Amplitude 0.5 over √2, damped by the bins: sin x/x, x = π f Δt.
    let x = TAU / 2.0 * FREQUENCY_HZ * 0.015_625;
    let expected = 0.5 / 2.0_f64.sqrt() * x.sin() / x;
    assert!((rms - expected).abs() < 0.02, "{rms} {expected}");
}

#[test]
fn hard_photons_lag_and_the_sign_says_so() {
    let folder = folder_with_source();
    let given = [
        "timing",
        "lags",
        "source.evt",
        "--subject",
        "3:10",
        "--reference",
        "0.5:3",
        "--segment",
        "16",
        "--dt",
        "0.015625",
        "--band",
        "3.95:4.05",
        "--out",
        "lags.ecsv",
        "--plot",
        "lags.svg",
    ];
    let found = astro_json(folder.path(), &given);
    assert_eq!(found["photons_shared"], false);
    let lag = &found["bands"][0]["time_lag_s"];
    let (lag, error) = (lag[0].as_f64().unwrap(), lag[1].as_f64().unwrap());
    assert!(
        (lag - LAG_S).abs() < 4.0 * error && error < 0.003,
        "{lag} ± {error}"
    );
    let table = &read_tables(folder.path().join("lags.ecsv")).unwrap()[0];
    let frequency = table.numbers("frequency").unwrap();
    let bin = frequency.iter().position(|&f| f == FREQUENCY_HZ).unwrap();
    assert!((table.numbers("TIME").unwrap()[bin] - LAG_S).abs() < 4.0 * error);
    let svg = std::fs::read_to_string(folder.path().join("lags.svg")).unwrap();
    assert!(svg.starts_with("<svg"));
    // The other way round the sign changes; as two files the lag is the same.
    for (out, energy) in [("hard.evt", "3:10"), ("soft.evt", "0.5:3")] {
        astro_ok(
            folder.path(),
            &[
                "timing",
                "filter",
                "source.evt",
                "--energy",
                energy,
                "--out",
                out,
            ],
        );
    }
    let files = [
        "timing",
        "cross",
        "soft.evt",
        "hard.evt",
        "--segment",
        "16",
        "--dt",
        "0.015625",
        "--band",
        "3.95:4.05",
        "--out",
        "cross.fits",
    ];
    let found = astro_json(folder.path(), &files);
    let back = found["bands"][0]["time_lag_s"][0].as_f64().unwrap();
    assert!((back + lag).abs() < 1e-9, "{back} {lag}");
    let coherence = found["bands"][0]["coherence"][0].as_f64().unwrap();
    assert!((coherence - 1.0).abs() < 0.1, "{coherence}");
    // Complex columns are read back.
    let table = &read_tables(folder.path().join("cross.fits")).unwrap()[0];
    assert!(matches!(
        table.cells("CROSS"),
        Some(astro_io::Cells::Complex(_))
    ));
}

#[test]
fn energies_have_their_rms_and_lags_in_one_pass() {
    let folder = folder_with_source();
    let given = [
        "timing",
        "energy",
        "source.evt",
        "--bands",
        "0.5,3,10",
        "--frequencies",
        "3.9:4.1",
        "--reference",
        "0.5:3",
        "--segment",
        "16",
        "--dt",
        "0.015625",
        "--out",
        "energy.fits",
        "--plot",
        "energy.png",
    ];
    let found = astro_json(folder.path(), &given);
    // The soft band, out of its own reference, has none left; the hard band lags.
    let lag = found["lag_s"][1][0].as_f64().unwrap();
    assert!((lag - LAG_S).abs() < 0.005, "{lag}");
    let rms = found["rms"][1][0].as_f64().unwrap();
    assert!((rms - 0.35).abs() < 0.02, "{rms}");
    let table = &read_tables(folder.path().join("energy.fits")).unwrap()[0];
    assert_eq!(table.numbers("E_MAX").unwrap(), [3.0, 10.0]);
    assert!((table.numbers("LAG").unwrap()[1] - lag).abs() < 1e-12);
}

#[test]
fn light_curves_have_bands_and_colours_and_are_read_again() {
    let folder = folder_with_source();
    let given = [
        "timing",
        "lightcurve",
        "source.evt",
        "--dt",
        "2",
        "--bands",
        "0.5:3",
        "--bands",
        "3:10",
        "--out",
        "curve.fits",
        "--plot",
        "curve.png",
    ];
    let found = astro_json(folder.path(), &given);
    assert_eq!(found["bins"], 200);
    let table = &read_tables(folder.path().join("curve.fits")).unwrap()[0];
    let [all, soft, hard] = ["RATE", "RATE_1", "RATE_2"].map(|name| table.numbers(name).unwrap());
    assert!((0..200).all(|bin| (all[bin] - soft[bin] - hard[bin]).abs() < 1e-9));
    let color = table.numbers("COLOR_21").unwrap();
    let mean = color.iter().sum::<f64>() / 200.0;
    assert!((mean - 1.0).abs() < 0.05, "{mean}");
    let again = astro_json(
        folder.path(),
        &[
            "timing",
            "lightcurve",
            "curve.fits",
            "--rebin",
            "5",
            "--out",
            "slow.ecsv",
        ],
    );
    assert_eq!(again["bins"], 40);
    let (before, after) = (&found["all"]["rate_per_s"], &again["all"]["rate_per_s"]);
    assert!((before.as_f64().unwrap() - after.as_f64().unwrap()).abs() < 1e-9);
    // And the power spectrum of the curve.
    let power = astro_json(
        folder.path(),
        &["timing", "power", "curve.fits", "--segment", "64"],
    );
    assert_eq!(
        (power["segments"].as_u64(), power["bin_s"].as_f64()),
        (Some(6), Some(2.0))
    );
}

#[test]
fn dynamical_spectra_are_streamed_to_disk() {
    let folder = folder_with_source();
    let given = [
        "timing",
        "dynamic",
        "source.evt",
        "--segment",
        "16",
        "--dt",
        "0.015625",
        "--norm",
        "leahy",
        "--rows",
        "2",
        "--maximum",
        "2:10",
    ];
    let found = astro_json(
        folder.path(),
        &[
            &given[..],
            &["--out", "dynamic.fits", "--plot", "dynamic.png"],
        ]
        .concat(),
    );
    assert_eq!(
        (found["rows"].as_u64(), found["frequencies"].as_u64()),
        (Some(12), Some(511))
    );
    assert_eq!(found["median_maximum_hz"], FREQUENCY_HZ);
    let image = primary(&folder.path().join("dynamic.fits"));
    assert_eq!(image.len(), 12 * 511);
    let tables = read_tables(folder.path().join("dynamic.fits")).unwrap();
    assert_eq!(tables[1].numbers("TIME").unwrap()[0], 16.0);
    astro_ok(
        folder.path(),
        &[&given[..], &["--out", "dynamic.npz"]].concat(),
    );
    let arrays = read_npz(folder.path().join("dynamic.npz")).unwrap();
    let power = arrays["power"].clone().into_f64("power").unwrap();
    assert_eq!(power.shape(), [12, 511]);
    // 4 Hz is bin 63 of 16 s.
    assert!((power[[3, 63]] - image[3 * 511 + 63]).abs() < 1e-12);
    assert!(power[[3, 63]] > 50.0);
    let ecsv = astro(
        folder.path(),
        &[&given[..], &["--out", "dynamic.ecsv"]].concat(),
    );
    assert_eq!(ecsv.status.code(), Some(2));
}

#[test]
fn filters_select_join_and_leave_dead_time() {
    let folder = folder_with_source();
    let at = |name: &str| folder.path().join(name);
    let all = observation();
    // Parts, and both joined again.
    for (out, gti) in [("a.evt", "0:100"), ("b.evt", "100:420")] {
        astro_ok(
            folder.path(),
            &["timing", "filter", "source.evt", "--gti", gti, "--out", out],
        );
    }
    let joined = astro_json(
        folder.path(),
        &["timing", "filter", "a.evt", "b.evt", "--out", "ab.evt"],
    );
    assert_eq!(joined["events"], all.len());
    assert_eq!(joined["exposure_s"], 400.0);
    let file = EventFile::open(at("ab.evt")).unwrap();
    let back = EventList::read(
        &file,
        WantedColumns {
            energies: true,
            detectors: true,
            channels: false,
        },
    )
    .unwrap();
    assert_eq!(back.times(), all.times());
    assert_eq!(back.energies_kev(), all.energies_kev());
    // Detectors, and two modules merged again as one observation.
    for (out, detector) in [("even.evt", "0"), ("odd.evt", "1")] {
        astro_ok(
            folder.path(),
            &[
                "timing",
                "filter",
                "source.evt",
                "--detector",
                detector,
                "--out",
                out,
            ],
        );
    }
    let both = astro_json(folder.path(), &["timing", "info", "even.evt", "odd.evt"]);
    assert_eq!(
        (both["counts"].as_u64(), both["exposure_s"].as_f64()),
        (Some(all.len() as u64), Some(400.0))
    );
    // Good times from a file of their own.
    let cut = astro_json(
        folder.path(),
        &["timing", "info", "source.evt", "--gti", "a.evt"],
    );
    assert_eq!(cut["exposure_s"], 100.0);
    // Dead time: 300 /s and 2.5 ms leave r/(1 + r τ) of a constant rate, fewer of this one.
    astro_ok(
        folder.path(),
        &[
            "timing",
            "filter",
            "source.evt",
            "--dead-time",
            "0.0025",
            "--out",
            "dead.evt",
        ],
    );
    let file = EventFile::open(at("dead.evt")).unwrap();
    let kept = EventList::read(&file, WantedColumns::default()).unwrap();
    let expected = astro_timing::deadtime::apply_dead_time(
        all.times(),
        astro_timing::deadtime::DeadTime::NonParalysable,
        0.0025,
    )
    .unwrap();
    assert_eq!(kept.times(), expected);
}

#[test]
fn spectra_are_exported() {
    let folder = folder_with_source();
    let run = |arguments: &[&str]| astro_json(folder.path(), arguments);
    run(&[
        "timing",
        "power",
        "source.evt",
        "--segment",
        "16",
        "--rebin-log",
        "0.1",
        "--out",
        "power.fits",
    ]);
    let found = run(&[
        "timing",
        "export",
        "power.fits",
        "--subtract-noise",
        "--out",
        "power.pha",
    ]);
    let table = &read_tables(folder.path().join("power.fits")).unwrap()[0];
    let spectrum = &read_tables(folder.path().join("power.pha")).unwrap()[0];
    assert_eq!(found["bins"], table.numbers("POWER").unwrap().len());
    let (power, width) = (
        table.numbers("POWER").unwrap(),
        table.numbers("WIDTH").unwrap(),
    );
    let noise = table.number("NOISE").unwrap();
    let rate = spectrum.numbers("RATE").unwrap();
    for bin in 0..rate.len() {
        let expected = (power[bin] - noise) * width[bin];
        assert!((rate[bin] - expected).abs() < 1e-9 * expected.abs());
    }
    assert_eq!(spectrum.text("RESPFILE"), Some("power.rsp"));
    assert!(folder.path().join("power.rsp").exists());
    // Tables there and back.
    run(&["timing", "export", "power.fits", "--out", "power.ecsv"]);
    run(&["timing", "export", "power.ecsv", "--out", "back.fits"]);
    let back = &read_tables(folder.path().join("back.fits")).unwrap()[0];
    assert_eq!(back.numbers("POWER").unwrap(), power);
    assert_eq!(
        (back.text("NORM"), back.unit("FREQUENCY")),
        (Some("frac"), Some("Hz"))
    );
    run(&["timing", "export", "power.ecsv", "--out", "power.npz"]);
    assert_eq!(
        peak_hz(&folder.path().join("power.npz"), "POWER"),
        peak_hz(&folder.path().join("power.fits"), "POWER")
    );
}

#[test]
fn errors_say_what_to_do() {
    let folder = folder_with_source();
    let events = observation();
    let no_gti = EventList::new(events.times().to_vec(), GoodTimeIntervals::default()).unwrap();
    write(
        &folder.path().join("no-gti.evt"),
        &no_gti
            .with_energies(events.energies_kev().to_vec())
            .unwrap()
            .with_detectors(events.detectors().to_vec())
            .unwrap(),
    );
    std::fs::write(folder.path().join("mine.fits"), "mine").unwrap();
    for (arguments, code, said) in [
        (
            &["power", "source.evt", "--segment", "1000"][..],
            1,
            "longest good time interval (200 s",
        ),
        (&["power", "no-gti.evt"], 1, "good time"),
        (&["power", "source.evt", "--energy", "10:3"], 2, "3:10"),
        (
            &["power", "source.evt", "--gti", "300:100"],
            2,
            "earlier first",
        ),
        (
            &["power", "source.evt", "--gti", "1000:2000"],
            1,
            "leaves no good time",
        ),
        (&["power", "source.evt", "--segment", "-4"], 2, "> 0"),
        (
            &["power", "source.evt", "--out", "mine.fits"],
            1,
            "--overwrite",
        ),
        (&["power", "source.evt", "--out", "power.txt"], 2, ".ecsv"),
        (&["power", "source.evt", "--channels", "1:5"], 1, "channels"),
        (&["power", "absent.evt"], 1, "absent.evt"),
        (&["lags", "source.evt"], 2, "--reference-file"),
        (
            &[
                "lags",
                "source.evt",
                "--subject",
                "2:10",
                "--reference",
                "1:5",
            ],
            2,
            "share 2 to 5 keV",
        ),
        (&["lightcurve", "source.evt", "--dt", "500"], 1, "shorter"),
        (
            &[
                "energy",
                "source.evt",
                "--bands",
                "3,1",
                "--frequencies",
                "1:2",
            ],
            2,
            "ascending",
        ),
        (&["export", "source.evt", "--out", "a.pha"], 2, "FREQUENCY"),
    ] {
        let output = astro(folder.path(), &[&["timing"], arguments].concat());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
    assert_eq!(
        std::fs::read_to_string(folder.path().join("mine.fits")).unwrap(),
        "mine"
    );
    astro_ok(
        folder.path(),
        &[
            "timing",
            "power",
            "source.evt",
            "--out",
            "mine.fits",
            "--overwrite",
        ],
    );
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let folder = folder_with_source();
    for (out, threads) in [("one.ecsv", "1"), ("four.ecsv", "4")] {
        astro_ok(
            folder.path(),
            &[
                "timing",
                "power",
                "source.evt",
                "--segment",
                "8",
                "--threads",
                threads,
                "--out",
                out,
            ],
        );
    }
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(read("one.ecsv") == read("four.ecsv"));
}
