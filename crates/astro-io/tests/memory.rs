//! Files larger than what may be in memory: written, read, and sorted. A process of its own, whose peak is measured.
#![cfg(target_os = "linux")]

use std::convert::Infallible;

use astro_core::{EventColumns, EventSource, GoodTimeIntervals, TimeReference, WantedColumns};
use astro_io::{
    EventFile, EventFileOptions, EventFileWarning, EventListLabels, IfExists, write_event_file,
};

const EVENTS: u64 = 5_000_000;
const COLUMNS: WantedColumns = WantedColumns {
    energies: true,
    channels: true,
    detectors: false,
};
/// The files have 80 MB each; a test process without them has about 10 MB.
const MOST_MEMORY_BYTES: u64 = 48 << 20;

/// Event `i` at time `i`, or, disordered, in blocks whose order is reversed.
struct Generated {
    disordered: bool,
    gti: GoodTimeIntervals,
    reference: TimeReference,
}

const BLOCK: u64 = 10_000;

impl EventSource for Generated {
    type Error = Infallible;

    fn reference(&self) -> &TimeReference {
        &self.reference
    }

    fn gti(&self) -> &GoodTimeIntervals {
        &self.gti
    }

    fn count(&self, _: f64, _: f64) -> Result<u64, Infallible> {
        Ok(EVENTS)
    }

    fn visit(
        &self,
        _: f64,
        _: f64,
        _: WantedColumns,
        visit: &mut dyn FnMut(EventColumns<'_>),
    ) -> Result<(), Infallible> {
        let blocks = EVENTS / BLOCK;
        for block in 0..blocks {
            let block = if self.disordered {
                blocks - 1 - block
            } else {
                block
            };
            let numbers = block * BLOCK..(block + 1) * BLOCK;
            let times: Vec<f64> = numbers.clone().map(|i| i as f64).collect();
            let energies: Vec<f32> = numbers.clone().map(|i| (i % 10) as f32).collect();
            let channels: Vec<i32> = numbers.map(|i| (i % 1000) as i32).collect();
            visit(EventColumns {
                times: &times,
                energies_kev: &energies,
                channels: &channels,
                detectors: &[],
            });
        }
        Ok(())
    }
}

/// The most memory that this process ever had, bytes.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says");
    let mut lines = status
        .lines()
        .filter_map(|line| line.strip_prefix("VmHWM:"));
    let peak = lines
        .next()
        .and_then(|peak| peak.trim().strip_suffix(" kB"));
    let kib: u64 = peak
        .and_then(|kib| kib.parse().ok())
        .expect("a number of kB");
    kib * 1024
}

#[test]
fn files_larger_than_memory_are_streamed() {
    let folder = tempfile::tempdir().unwrap();
    for disordered in [false, true] {
        let path = folder.path().join(format!("{disordered}.evt"));
        let source = Generated {
            disordered,
            gti: GoodTimeIntervals::single(0.0, EVENTS as f64).unwrap(),
            reference: TimeReference::default(),
        };
        let labels = EventListLabels::default();
        write_event_file(&path, &source, COLUMNS, &labels, IfExists::Refuse).unwrap();
        let size = std::fs::metadata(&path).unwrap().len();
        assert!(size > 16 * EVENTS);

        let options = EventFileOptions::new().sort_limit(200_000);
        let file = EventFile::open_with(&path, &options).unwrap();
        let sorted = file.info().warnings.contains(&EventFileWarning::Sorted);
        assert_eq!(sorted, disordered);
        let mut next = 0u64;
        let mut energies = 0.0;
        file.visit(0.0, f64::INFINITY, COLUMNS, &mut |events| {
            for (time, channel) in events.times.iter().zip(events.channels) {
                assert_eq!((*time, *channel), (next as f64, (next % 1000) as i32));
                next += 1;
            }
            energies += events
                .energies_kev
                .iter()
                .map(|&energy| f64::from(energy))
                .sum::<f64>();
        })
        .unwrap();
        assert_eq!(next, EVENTS);
        assert_eq!(energies, 4.5 * EVENTS as f64);
        let peak = peak_bytes();
        assert!(
            peak < MOST_MEMORY_BYTES,
            "{peak} bytes for a file of {size}"
        );
    }
}
