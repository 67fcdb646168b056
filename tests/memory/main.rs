//! Spectra of a file of 10⁷ events in less memory than the file has bytes. A process of its own,
//! which the system refuses more.
#![cfg(target_os = "linux")]

use std::io::{BufWriter, Write as _};

use astro_core::{
    EventColumns, EventSource, GoodTimeIntervals, NoProgress, TimeReference, WantedColumns,
};
use astro_io::{EventFile, EventListLabels, IfExists, write_event_file};
use astro_timing::{Normalization, PowerSpectrumPlan};
use rustix::process::{Resource, Rlimit, setrlimit};

const EVENTS: u64 = 10_000_000;
const RATE: f64 = 1000.0;
/// The file has 120 MB, the dynamical spectrum 82 MB.
const MOST_MEMORY_BYTES: u64 = 72 << 20;
/// Each needs its own buffers.
const THREADS: usize = 2;

/// One event in every millisecond, somewhere in it.
struct Generated(GoodTimeIntervals, TimeReference);

fn time(index: u64) -> f64 {
    let mixed = (index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let scatter = (mixed ^ (mixed >> 27)) >> 11;
    (index as f64 + scatter as f64 / (1_u64 << 53) as f64) / RATE
}

impl EventSource for Generated {
    type Error = std::convert::Infallible;

    fn reference(&self) -> &TimeReference {
        &self.1
    }

    fn gti(&self) -> &GoodTimeIntervals {
        &self.0
    }

    fn count(&self, _: f64, _: f64) -> Result<u64, Self::Error> {
        Ok(EVENTS)
    }

    fn visit(
        &self,
        _: f64,
        _: f64,
        _: WantedColumns,
        visit: &mut dyn FnMut(EventColumns<'_>),
    ) -> Result<(), Self::Error> {
        const BLOCK: u64 = 10_000;
        let channels = vec![100; BLOCK as usize];
        for block in 0..EVENTS / BLOCK {
            let times: Vec<f64> = (block * BLOCK..(block + 1) * BLOCK).map(time).collect();
            visit(EventColumns {
                times: &times,
                channels: &channels,
                ..EventColumns::default()
            });
        }
        Ok(())
    }
}

#[test]
fn spectra_of_a_file_larger_than_memory() {
    let limit = Rlimit {
        current: Some(MOST_MEMORY_BYTES),
        maximum: Some(MOST_MEMORY_BYTES),
    };
    setrlimit(Resource::Data, limit).unwrap();
    let mut too_much: Vec<u8> = Vec::new();
    let refused = too_much.try_reserve_exact(MOST_MEMORY_BYTES as usize);
    assert!(refused.is_err(), "the limit holds");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.evt");
    let good = GoodTimeIntervals::single(0.0, EVENTS as f64 / RATE).unwrap();
    let source = Generated(good, TimeReference::default());
    let wanted = WantedColumns {
        channels: true,
        ..WantedColumns::default()
    };
    let labels = EventListLabels::default();
    write_event_file(&path, &source, wanted, &labels, IfExists::Refuse).unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() > MOST_MEMORY_BYTES);
    let file = EventFile::open(&path).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build();

    pool.unwrap().install(|| {
        let plan = PowerSpectrumPlan::<f64>::new(256.0, 1.0 / 2048.0).unwrap();
        let plan = plan.normalization(Normalization::Leahy);
        let spectrum = plan.execute(&file).unwrap();
        assert_eq!(spectrum.segments, 39);
        // One event in each millisecond: 2 − 2 sinc²(πf/RATE) in place of Poisson's 2.
        let mean = |low: f64, high: f64| {
            let bins = spectrum.bins.between(low, high);
            let count = bins.len() as f64;
            spectrum.power[bins].iter().sum::<f64>() / count
        };
        assert!(mean(0.1, 10.0) < 0.01, "{}", mean(0.1, 10.0));
        assert!(
            (1.0..3.0).contains(&mean(600.0, 1000.0)),
            "{}",
            mean(600.0, 1000.0)
        );

        // Larger than memory: every row goes to disk when it is made.
        let rows = std::fs::File::create(folder.path().join("rows.bin")).unwrap();
        let mut rows = BufWriter::new(rows);
        let plan = PowerSpectrumPlan::<f64>::new(16.0, 1.0 / 2048.0).unwrap();
        let mut written = 0;
        let shape = plan.stream_rows(&file, &NoProgress, |row| {
            for value in row.values {
                rows.write_all(&value.to_le_bytes()).unwrap();
                written += 8;
            }
            Ok(())
        });
        let shape = shape.unwrap();
        assert_eq!((shape.rows, shape.bins.len()), (625, 16_383));
        assert_eq!(written, 625 * 16_383 * 8);
        assert!(written > MOST_MEMORY_BYTES);
    });
}
