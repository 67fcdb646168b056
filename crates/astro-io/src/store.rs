//! The bytes of a file, read from any place by any thread.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use tempfile::spooled_tempfile;

use crate::{Error, Result};

/// Gzipped files are unpacked into memory up to this size, else into a temporary file.
const MEMORY_BYTES: usize = 16 << 20;

/// An unpacked file.
#[derive(Debug)]
pub(crate) enum Store {
    File(File),
    Memory(Vec<u8>),
}

impl Store {
    /// Opens a file; a gzipped one is unpacked once, so that any part of it can be read.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let store = Self::File(File::open(path)?);
        if store.is_gzipped()? {
            let mut packed = store.reader();
            return unpack(&mut packed);
        }
        Ok(store)
    }

    /// As [`Store::open`] for a file in memory.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        let store = Self::Memory(bytes);
        if store.is_gzipped()? {
            let mut packed = store.reader();
            return unpack(&mut packed);
        }
        Ok(store)
    }

    fn is_gzipped(&self) -> Result<bool> {
        let mut magic = [0; 2];
        Ok(self.read_some(0, &mut magic)? == 2 && magic == [0x1f, 0x8b])
    }

    /// Fills `buffer` from `offset` on.
    pub(crate) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read_some(offset + filled as u64, &mut buffer[filled..]) {
                Ok(0) => {
                    return Err(Error::Truncated {
                        what: "FITS table",
                        offset,
                        expected: buffer.len() as u64,
                        found: filled as u64,
                    });
                }
                Ok(got) => filled += got,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Reads without a shared position: any thread may, at the same time.
    fn read_some(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            #[cfg(unix)]
            Self::File(file) => std::os::unix::fs::FileExt::read_at(file, buffer, offset),
            #[cfg(windows)]
            Self::File(file) => std::os::windows::fs::FileExt::seek_read(file, buffer, offset),
            Self::Memory(bytes) => {
                let start = usize::try_from(offset)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                let length = buffer.len().min(bytes.len() - start);
                buffer[..length].copy_from_slice(&bytes[start..start + length]);
                Ok(length)
            }
        }
    }

    fn length(&self) -> io::Result<u64> {
        match self {
            Self::File(file) => Ok(file.metadata()?.len()),
            Self::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// Reads on from the start, with a position of its own.
    pub(crate) fn reader(&self) -> StoreReader<'_> {
        StoreReader {
            store: self,
            position: 0,
        }
    }
}

fn unpack(packed: &mut StoreReader<'_>) -> Result<Store> {
    let mut unpacked = spooled_tempfile(MEMORY_BYTES);
    let mut decoder = MultiGzDecoder::new(io::BufReader::with_capacity(1 << 16, packed));
    io::copy(&mut decoder, &mut unpacked)?;
    Ok(match unpacked.into_inner() {
        tempfile::SpooledData::InMemory(bytes) => Store::Memory(bytes.into_inner()),
        tempfile::SpooledData::OnDisk(file) => Store::File(file),
    })
}

/// A position in a [`Store`].
#[derive(Debug)]
pub(crate) struct StoreReader<'a> {
    store: &'a Store,
    position: u64,
}

impl Read for StoreReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.store.read_some(self.position, buffer)?;
        self.position += got as u64;
        Ok(got)
    }
}

impl Seek for StoreReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(distance) => self.store.length()?.checked_add_signed(distance),
            SeekFrom::Current(distance) => self.position.checked_add_signed(distance),
        };
        self.position = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_store_reads_the_same_from_file_and_memory_packed_or_not() {
        let bytes: Vec<u8> = (0..100_000u32).flat_map(u32::to_be_bytes).collect();
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(&bytes).unwrap();
        let packed = packer.finish().unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&packed).unwrap();
        let stores = [
            Store::from_bytes(bytes.clone()).unwrap(),
            Store::from_bytes(packed).unwrap(),
            Store::open(file.path()).unwrap(),
        ];
        for store in &stores {
            let mut part = [0; 1000];
            store.read_at(1234, &mut part).unwrap();
            assert_eq!(part, bytes[1234..2234]);
            assert!(matches!(
                store.read_at(bytes.len() as u64 - 10, &mut part),
                Err(Error::Truncated { found: 10, .. })
            ));
            let mut reader = store.reader();
            assert_eq!(
                reader.seek(SeekFrom::End(-4)).unwrap(),
                bytes.len() as u64 - 4
            );
            let mut last = Vec::new();
            reader.read_to_end(&mut last).unwrap();
            assert_eq!(last, bytes[bytes.len() - 4..]);
        }
    }
}
