//! Header and data units: where the data of each lie, plain or gzipped.

use std::io::{self, Read, Seek, SeekFrom};

use flate2::read::MultiGzDecoder;

use super::FitsValue;
use super::header::{BLOCK, FitsHeader, wrong};
use crate::{Error, Result};

/// Element type of image data, from BITPIX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bitpix {
    U8,
    I16,
    I32,
    I64,
    F32,
    F64,
}

impl Bitpix {
    fn from_header(header: &FitsHeader) -> Result<Self> {
        const EXPECTED: &str = "8, 16, 32, 64, -32 or -64";
        let value = header.required("BITPIX", -64..=64, EXPECTED)?;
        Ok(match value {
            8 => Self::U8,
            16 => Self::I16,
            32 => Self::I32,
            64 => Self::I64,
            -32 => Self::F32,
            -64 => Self::F64,
            _ => return Err(wrong("BITPIX", &FitsValue::Integer(value), EXPECTED)),
        })
    }

    pub(crate) fn is_whole(self) -> bool {
        !matches!(self, Self::F32 | Self::F64)
    }

    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::I16 => 2,
            Self::I32 | Self::F32 => 4,
            Self::I64 | Self::F64 => 8,
        }
    }

    /// Appends the elements as `f64` after `convert(raw)`; whole numbers equal to `blank` become NaN.
    pub(crate) fn decode(
        self,
        bytes: &[u8],
        blank: Option<i64>,
        scale: f64,
        zero: f64,
        out: &mut Vec<f64>,
    ) {
        fn whole<const N: usize>(
            bytes: &[u8],
            get: fn([u8; N]) -> i64,
            blank: Option<i64>,
            scale: f64,
            zero: f64,
            out: &mut Vec<f64>,
        ) {
            out.extend(bytes.as_chunks().0.iter().map(|&chunk| {
                let raw = get(chunk);
                if blank == Some(raw) {
                    f64::NAN
                } else {
                    raw as f64 * scale + zero
                }
            }));
        }
        match self {
            Self::U8 => whole(bytes, |[b]: [u8; 1]| i64::from(b), blank, scale, zero, out),
            Self::I16 => whole(
                bytes,
                |b| i64::from(i16::from_be_bytes(b)),
                blank,
                scale,
                zero,
                out,
            ),
            Self::I32 => whole(
                bytes,
                |b| i64::from(i32::from_be_bytes(b)),
                blank,
                scale,
                zero,
                out,
            ),
            Self::I64 => whole(bytes, i64::from_be_bytes, blank, scale, zero, out),
            Self::F32 => out.extend(
                bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|&b| f64::from(f32::from_be_bytes(b)) * scale + zero),
            ),
            Self::F64 => out.extend(
                bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|&b| f64::from_be_bytes(b) * scale + zero),
            ),
        }
    }
}

/// One header and where its data lie.
#[derive(Debug)]
pub(crate) struct Unit {
    /// Number of the unit; 0 is the primary one.
    pub(crate) index: usize,
    pub(crate) header: FitsHeader,
    pub(crate) bitpix: Bitpix,
    /// NAXIS1, NAXIS2, … as written.
    pub(crate) axes: Vec<u64>,
    pub(crate) pcount: u64,
    pub(crate) gcount: u64,
    pub(crate) data_offset: u64,
    /// Bytes of the data without padding.
    pub(crate) data_bytes: u64,
}

impl Unit {
    fn new(index: usize, header: FitsHeader, data_offset: u64) -> Result<Self> {
        let bitpix = Bitpix::from_header(&header)?;
        let naxis = header.required("NAXIS", 0..=999, "0 to 999")?;
        let mut axes = Vec::new();
        for axis in 1..=naxis {
            let keyword = format!("NAXIS{axis}");
            let length = header.required(&keyword, 0..=i64::MAX, "an axis length from 0")?;
            axes.push(length.unsigned_abs());
        }
        let optional = |keyword, default| -> Result<u64> {
            match header.integer(keyword)? {
                None => Ok(default),
                Some(_) => Ok(header
                    .required(keyword, 0..=i64::MAX, "0 or more")?
                    .unsigned_abs()),
            }
        };
        let pcount = optional("PCOUNT", 0)?;
        let gcount = optional("GCOUNT", 1)?;
        // Random groups have NAXIS1 = 0, which is no axis of theirs.
        let groups = header.is_true("GROUPS") && axes.first() == Some(&0);
        let counted = if groups { &axes[1..] } else { &axes[..] };
        let data_bytes = if axes.is_empty() {
            Some(0)
        } else {
            counted
                .iter()
                .try_fold(1u64, |product, &length| product.checked_mul(length))
                .and_then(|elements| elements.checked_add(pcount))
                .and_then(|elements| elements.checked_mul(gcount))
                .and_then(|elements| elements.checked_mul(bitpix.bytes() as u64))
                // Leaves room to add the padding and the offset.
                .filter(|&bytes| bytes < u64::MAX / 4)
        };
        let data_bytes = data_bytes.ok_or_else(|| Error::TooLarge {
            what: "FITS data unit",
            shape: axes.clone(),
            element_bytes: bitpix.bytes() as u64,
        })?;
        Ok(Self {
            index,
            header,
            bitpix,
            axes,
            pcount,
            gcount,
            data_offset,
            data_bytes,
        })
    }

    pub(crate) fn is_random_groups(&self) -> bool {
        self.header.is_true("GROUPS") && self.axes.first() == Some(&0) && self.axes.len() > 1
    }

    /// XTENSION, or nothing for the primary unit.
    pub(crate) fn extension(&self) -> Option<&str> {
        self.header.text("XTENSION")
    }

    /// For lists of what a file has.
    pub(crate) fn describe(&self) -> String {
        let kind = match self.extension() {
            None if self.is_random_groups() => "random groups",
            None => "primary",
            Some(kind) => kind,
        };
        let name = self.header.text("EXTNAME").unwrap_or("");
        format!("{} {kind} {name} {:?}", self.index, self.axes)
    }

    /// The error for data that end too early, from the reader's error and position.
    pub(crate) fn cut<R: Read + Seek>(&self, error: io::Error, units: &Units<R>) -> Error {
        if error.kind() != io::ErrorKind::UnexpectedEof {
            return error.into();
        }
        Error::Truncated {
            what: "FITS data",
            offset: self.data_offset,
            expected: self.data_bytes,
            found: units.position.saturating_sub(self.data_offset),
        }
    }

    /// Names this unit in an error.
    pub(crate) fn wrap(index: usize) -> impl Fn(Error) -> Error {
        move |source| match source {
            Error::Hdu { .. } => source,
            source => Error::Hdu {
                index,
                source: Box::new(source),
            },
        }
    }
}

/// The bytes of a FITS file, unpacked on the way if it is gzipped.
enum Input<R: Read + Seek> {
    Plain { reader: R, length: u64 },
    Gzip(Box<MultiGzDecoder<io::BufReader<R>>>),
}

/// Walks the units of a file in order.
pub(crate) struct Units<R: Read + Seek> {
    input: Input<R>,
    position: u64,
    index: usize,
    /// Where the next header starts.
    next_header: u64,
}

impl<R: Read + Seek> Units<R> {
    pub(crate) fn new(mut reader: R) -> Result<Self> {
        reader.rewind()?;
        let mut magic = Vec::new();
        reader.by_ref().take(2).read_to_end(&mut magic)?;
        let input = if magic == [0x1f, 0x8b] {
            reader.rewind()?;
            Input::Gzip(Box::new(MultiGzDecoder::new(io::BufReader::with_capacity(
                1 << 16,
                reader,
            ))))
        } else {
            let length = reader.seek(SeekFrom::End(0))?;
            reader.rewind()?;
            Input::Plain { reader, length }
        };
        Ok(Self {
            input,
            position: 0,
            index: 0,
            next_header: 0,
        })
    }

    /// Back to the first unit.
    pub(crate) fn restart(self) -> Result<Self> {
        match self.input {
            Input::Plain { reader, .. } => Self::new(reader),
            Input::Gzip(decoder) => Self::new(decoder.into_inner().into_inner()),
        }
    }

    /// The next header; `None` at the end of the file. Skips what is left of the data before it.
    pub(crate) fn next(&mut self) -> Result<Option<Unit>> {
        let index = self.index;
        self.next_unit().map_err(Unit::wrap(index))
    }

    fn next_unit(&mut self) -> Result<Option<Unit>> {
        if !self.skip_to(self.next_header)? {
            return Ok(None);
        }
        let offset = self.position;
        let first: &[u8] = if self.index == 0 {
            b"SIMPLE  "
        } else {
            b"XTENSION"
        };
        let Some((header, length)) = FitsHeader::read(self, offset, first)? else {
            // After the last unit, special records and stray bytes are allowed.
            return match self.index {
                0 => Err(Error::NotFits),
                _ => Ok(None),
            };
        };
        let unit = Unit::new(self.index, header, offset + length)?;
        let padded = unit.data_bytes.next_multiple_of(BLOCK);
        self.next_header = unit.data_offset.saturating_add(padded);
        if let Input::Plain { length, .. } = self.input {
            let found = length.saturating_sub(unit.data_offset);
            if found < unit.data_bytes {
                return Err(Error::Truncated {
                    what: "FITS data",
                    offset: unit.data_offset,
                    expected: unit.data_bytes,
                    found,
                });
            }
        }
        self.index += 1;
        Ok(Some(unit))
    }

    /// Whether data of an announced size may be reserved at once: only where the size has been checked.
    pub(crate) fn length_is_checked(&self) -> bool {
        matches!(self.input, Input::Plain { .. })
    }

    fn skip_to(&mut self, offset: u64) -> Result<bool> {
        let distance = offset.saturating_sub(self.position);
        match &mut self.input {
            Input::Plain { reader, length } => {
                if offset > *length {
                    return Ok(false);
                }
                reader.seek(SeekFrom::Start(offset))?;
            }
            Input::Gzip(decoder) => {
                let skipped = io::copy(&mut decoder.as_mut().take(distance), &mut io::sink())?;
                if skipped < distance {
                    return Ok(false);
                }
            }
        }
        self.position = offset;
        Ok(true)
    }
}

impl<R: Read + Seek> Read for Units<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = match &mut self.input {
            Input::Plain { reader, .. } => reader.read(buffer)?,
            Input::Gzip(decoder) => decoder.read(buffer)?,
        };
        self.position += got as u64;
        Ok(got)
    }
}
