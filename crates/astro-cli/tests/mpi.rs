//! `mpirun -n N astro timing …`: the output of one process, bit for bit.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails shall fail its test"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use astro_core::{EventColumns, EventSource, GoodTimeIntervals, TimeReference, WantedColumns};
use astro_io::{EventListLabels, IfExists, write_event_file};

/// One event in every twentieth of a second, somewhere in it.
struct Events(GoodTimeIntervals, TimeReference);

const EVENTS: u32 = 12_000;

fn time(index: u32) -> f64 {
    let scatter = index.wrapping_mul(2_654_435_761) >> 8;
    0.05 * (f64::from(index) + f64::from(scatter) / f64::from(1 << 24))
}

impl EventSource for Events {
    type Error = std::convert::Infallible;

    fn reference(&self) -> &TimeReference {
        &self.1
    }

    fn gti(&self) -> &GoodTimeIntervals {
        &self.0
    }

    fn count(&self, _: f64, _: f64) -> Result<u64, Self::Error> {
        Ok(EVENTS.into())
    }

    fn visit(
        &self,
        _: f64,
        _: f64,
        _: WantedColumns,
        visit: &mut dyn FnMut(EventColumns<'_>),
    ) -> Result<(), Self::Error> {
        let times: Vec<f64> = (0..EVENTS).map(time).collect();
        visit(EventColumns {
            times: &times,
            ..EventColumns::default()
        });
        Ok(())
    }
}

fn write_events(folder: &Path) -> PathBuf {
    let path = folder.join("events.evt");
    let good = GoodTimeIntervals::new([[0.0, 333.0], [350.0, 600.0]]).unwrap();
    let events = Events(good, TimeReference::default());
    let labels = EventListLabels::default();
    write_event_file(
        &path,
        &events,
        WantedColumns::default(),
        &labels,
        IfExists::Refuse,
    )
    .unwrap();
    path
}

/// `astro` by itself, or as ranks.
fn astro(ranks: Option<usize>, folder: &Path, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_astro");
    let mut command = match ranks {
        None => Command::new(program),
        Some(ranks) => {
            let mut command = Command::new("mpirun");
            command.args(["-n", &ranks.to_string(), program]);
            command
        }
    };
    // Open MPI asks for these as root and with more ranks than processors; others do not mind.
    for name in [
        "OMPI_ALLOW_RUN_AS_ROOT",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM",
        "OMPI_MCA_rmaps_base_oversubscribe",
    ] {
        command.env(name, "1");
    }
    let command = command.args(arguments).args(["--threads", "2"]);
    command.current_dir(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn ranks_print_and_write_what_one_process_does() {
    let folder = tempfile::tempdir().unwrap();
    write_events(folder.path());
    // Forty segments, and fewer than there are ranks.
    for segment in ["8", "300"] {
        let power = |ranks: Option<usize>| {
            let arguments = [
                "timing",
                "power",
                "events.evt",
                "--segment",
                segment,
                "--dt",
                "0.01",
                "--json",
                "--out",
                "power.ecsv",
                "--overwrite",
            ];
            let output = astro(ranks, folder.path(), &arguments);
            assert!(
                output.status.success(),
                "{ranks:?}: {}",
                text(&output.stderr)
            );
            let table = std::fs::read(folder.path().join("power.ecsv")).unwrap();
            std::fs::remove_file(folder.path().join("power.ecsv")).unwrap();
            (text(&output.stdout), table)
        };
        let alone = power(None);
        assert!(alone.0.contains("\"segments\""), "{}", alone.0);
        for ranks in 1..=3 {
            assert!(
                power(Some(ranks)) == alone,
                "{ranks} ranks, segments of {segment} s"
            );
        }
    }
}

#[test]
fn ranks_share_out_a_search() {
    let folder = tempfile::tempdir().unwrap();
    write_events(folder.path());
    let search = |ranks: Option<usize>, statistic: &str| {
        let arguments = [
            "timing",
            "search",
            "events.evt",
            "--frequencies",
            "1:1.5",
            "--statistic",
            statistic,
            "--json",
        ];
        let output = astro(ranks, folder.path(), &arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    for statistic in ["folding", "dispersion"] {
        let alone = search(None, statistic);
        assert!(alone.contains("\"trials\""), "{alone}");
        for ranks in [2, 3] {
            assert!(search(Some(ranks), statistic) == alone, "{ranks} ranks");
        }
    }
}

#[test]
fn a_failing_run_says_why_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    write_events(folder.path());
    let arguments = ["timing", "power", "events.evt", "--segment", "1000"];
    let output = astro(Some(3), folder.path(), &arguments);
    assert!(!output.status.success());
    let errors = text(&output.stderr);
    assert!(errors.contains("rank 0 of 3 failed"), "{errors}");
    assert!(
        errors.contains("exceeds the longest good time interval"),
        "{errors}"
    );
}
