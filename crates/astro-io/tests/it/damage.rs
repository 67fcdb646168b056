//! Damaged files: every reader returns, with an error or what is left, and takes no memory for promises.

use std::io::Cursor;

use astro_core::{EventSource, WantedColumns};
use astro_io::{
    EnergyResponse, EventFile, EventFileOptions, FitsUnit, ResponseMatrix, Table, UvReadOptions,
    UvUnit, read_fits_image_from, read_fits_light_curve_from_bytes, read_npy_from, read_npz_from,
    read_uv_table_from, read_uv_text_from, read_uvfits_from,
};
use proptest::prelude::*;

use crate::data;
use crate::events::{bytes, gti, nustar};
use crate::uvfits::unpacked;

/// Flips and cuts tried on each file.
const DAMAGES: u64 = 2_000;
const SEED: u64 = 0x5eed_f115;

/// A small generator with a fixed seed (SplitMix64), so that a failure repeats.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below as u64) as usize
    }
}

/// Runs `read` on cut and altered copies of `file`.
pub(crate) fn survives(file: &[u8], read: impl Fn(&[u8])) {
    for length in (0..file.len()).step_by((file.len() / 500).max(1)) {
        read(&file[..length]);
    }
    let mut random = Random(SEED);
    for _ in 0..DAMAGES {
        let mut copy = file.to_vec();
        for _ in 0..=random.next(4) {
            let place = random.next(copy.len());
            copy[place] = match random.next(4) {
                0 => random.next(256) as u8,
                1 => b"0123456789-+.'(),=/ \n"[random.next(21)],
                2 => 0xff,
                _ => copy[place] ^ (1 << random.next(8)),
            };
        }
        if random.next(4) == 0 {
            copy.truncate(random.next(copy.len()));
        }
        read(&copy);
    }
}

#[test]
fn damaged_numpy_files() {
    for name in [
        "f8_c.npy",
        "c16_big_fortran.npy",
        "scalar.npy",
        "empty.npy",
        "bool.npy",
    ] {
        let file = std::fs::read(data(name)).unwrap();
        for length in 0..file.len() {
            assert!(
                read_npy_from(&file[..length]).is_err() || length == file.len(),
                "{name} {length}"
            );
        }
        survives(&file, |bytes| drop(read_npy_from(bytes)));
    }
}

#[test]
fn damaged_archives() {
    let options = UvReadOptions::new().unit(UvUnit::Wavelengths);
    for name in ["frank.npz", "mpol.npz", "meters.npz"] {
        let file = std::fs::read(data(name)).unwrap();
        survives(&file, |bytes| {
            drop(read_npz_from(Cursor::new(bytes)));
            drop(read_uv_table_from(Cursor::new(bytes), &options));
        });
    }
}

#[test]
fn damaged_text_tables() {
    let file = std::fs::read(data("uvplot.txt")).unwrap();
    survives(&file, |bytes| {
        drop(read_uv_text_from(bytes, &UvReadOptions::new()));
    });
}

#[test]
fn damaged_images() {
    for name in [
        "scaled.fits",
        "cube.fits.gz",
        "types.fits.gz",
        "rice.fits.gz",
    ] {
        let file = std::fs::read(data(name)).unwrap();
        survives(&file, |bytes| {
            for unit in [FitsUnit::FirstImage, FitsUnit::Number(5)] {
                drop(read_fits_image_from(Cursor::new(bytes), &unit));
            }
        });
    }
    // Damage inside a gzipped file mostly spoils the packing: damage what is in it, too.
    survives(&unpacked("types.fits.gz"), |bytes| {
        drop(read_fits_image_from(
            Cursor::new(bytes),
            &FitsUnit::Number(7),
        ));
    });
}

#[test]
fn damaged_uvfits() {
    for name in ["small.uvfits.gz", "aips.uvfits.gz", "casa.uvfits.gz"] {
        let packed = std::fs::read(data(name)).unwrap();
        let file = unpacked(name);
        let read = |bytes: &[u8]| drop(read_uvfits_from(Cursor::new(bytes), &UvReadOptions::new()));
        survives(&packed, read);
        survives(&file, read);
        // Headers are a small part of the file: damage them alone, too.
        survives(&file, |bytes| {
            let mut copy = file.clone();
            let header = bytes.len().min(2880 * 2);
            copy[..header].copy_from_slice(&bytes[..header]);
            read(&copy);
        });
    }
}

#[test]
fn damaged_event_files() {
    let times: Vec<f64> = (0..50).map(f64::from).collect();
    let file = bytes(&[
        nustar(&times).keyword("TIMEDEL", 0.1, ""),
        gti(&[0.0, 20.0], &[10.0, 50.0]),
    ]);
    let wanted = WantedColumns {
        energies: true,
        channels: true,
        detectors: false,
    };
    let read = |bytes: &[u8]| {
        let options = EventFileOptions::new().skip_bad_times(true).sort_limit(16);
        if let Ok(file) = EventFile::from_bytes(bytes.to_vec(), &options) {
            drop(file.count(5.0, 30.0));
            drop(file.visit(f64::NEG_INFINITY, f64::INFINITY, wanted, &mut |_| {}));
        }
        drop(read_fits_light_curve_from_bytes(bytes.to_vec()));
        drop(ResponseMatrix::read_from(Cursor::new(bytes)));
        drop(EnergyResponse::read_from(Cursor::new(bytes), None));
    };
    survives(&file, read);
    // Rows and headers of the events alone, in turn.
    let data = 3 * 2880;
    survives(&file[..data], |start| {
        let mut copy = file.clone();
        copy[..start.len()].copy_from_slice(start);
        read(&copy);
    });
    let rate = bytes(&[Table::new("RATE")
        .column("TIME", "s", &times)
        .column("RATE", "", &times)]);
    survives(&rate, |bytes| {
        drop(read_fits_light_curve_from_bytes(bytes.to_vec()))
    });
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        drop(read_npy_from(&bytes[..]));
        drop(read_npz_from(Cursor::new(&bytes)));
        drop(read_uv_text_from(&bytes[..], &UvReadOptions::new()));
    }

    #[test]
    fn any_header_text_is_parsed_or_refused(text in "[#0-9a-zA-Z\\[\\](),:= .λ{}'<>-]{0,120}") {
        let mut npy = b"\x93NUMPY\x01\x00".to_vec();
        npy.extend((text.len() as u16).to_le_bytes());
        npy.extend(text.bytes());
        drop(read_npy_from(&npy[..]));
        drop(read_uv_text_from(format!("#{text}\n1 2 3 4 5\n").as_bytes(), &UvReadOptions::new()));
    }
}
