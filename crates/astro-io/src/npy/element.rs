//! The element types of NumPy arrays and their bytes.

use num_complex::Complex;

/// What an element is, whatever its byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
    C32,
    C64,
}

impl Kind {
    /// From `descr` without its byte-order character.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "b1" | "?" => Self::Bool,
            "i1" => Self::I8,
            "i2" => Self::I16,
            "i4" => Self::I32,
            "i8" => Self::I64,
            "u1" => Self::U8,
            "u2" => Self::U16,
            "u4" => Self::U32,
            "u8" => Self::U64,
            "f4" => Self::F32,
            "f8" => Self::F64,
            "c8" => Self::C32,
            "c16" => Self::C64,
            _ => return None,
        })
    }

    pub(crate) fn bytes(self) -> u64 {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 | Self::C32 => 8,
            Self::C64 => 16,
        }
    }
}

/// An element that is stored in `.npy` files.
pub(crate) trait Element: Copy {
    /// `descr` of the little-endian type.
    const DESCR: &'static str;
    /// Elements of little- or big-endian bytes; a rest shorter than one element is dropped.
    fn decode(bytes: &[u8], little_endian: bool) -> Vec<Self>;
    /// Appends the little-endian bytes.
    fn encode(self, out: &mut Vec<u8>);
}

macro_rules! number {
    ($($type:ty => $descr:literal),*) => {$(
        impl Element for $type {
            const DESCR: &'static str = $descr;

            fn decode(bytes: &[u8], little_endian: bool) -> Vec<Self> {
                let (elements, _) = bytes.as_chunks();
                if little_endian {
                    elements.iter().map(|b| Self::from_le_bytes(*b)).collect()
                } else {
                    elements.iter().map(|b| Self::from_be_bytes(*b)).collect()
                }
            }

            fn encode(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}

number!(i8 => "|i1", i16 => "<i2", i32 => "<i4", i64 => "<i8");
number!(u8 => "|u1", u16 => "<u2", u32 => "<u4", u64 => "<u8");
number!(f32 => "<f4", f64 => "<f8");

impl Element for bool {
    const DESCR: &'static str = "|b1";

    fn decode(bytes: &[u8], _: bool) -> Vec<Self> {
        bytes.iter().map(|&b| b != 0).collect()
    }

    fn encode(self, out: &mut Vec<u8>) {
        out.push(u8::from(self));
    }
}

macro_rules! complex {
    ($($part:ty => $descr:literal),*) => {$(
        impl Element for Complex<$part> {
            const DESCR: &'static str = $descr;

            fn decode(bytes: &[u8], little_endian: bool) -> Vec<Self> {
                let parts = <$part>::decode(bytes, little_endian);
                parts.as_chunks().0.iter().map(|&[re, im]| Self::new(re, im)).collect()
            }

            fn encode(self, out: &mut Vec<u8>) {
                self.re.encode(out);
                self.im.encode(out);
            }
        }
    )*};
}

complex!(f32 => "<c8", f64 => "<c16");
