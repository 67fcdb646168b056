//! Typed memory of a device.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use astro_shaders::Precision;
use bytemuck::Pod;

/// Elements of one type in the memory of a device. Clones share the memory.
///
/// A buffer made by [`Buffer::described`] has a size but no memory: command lists can be recorded with
/// it and looked at, but not executed.
#[derive(Debug)]
pub struct Buffer<T> {
    pub(crate) raw: Raw,
    len: usize,
    element: PhantomData<T>,
}

/// The bytes of a buffer.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) label: String,
    pub(crate) bytes: u64,
    pub(crate) memory: Option<wgpu::Buffer>,
}

impl<T> Clone for Buffer<T> {
    fn clone(&self) -> Self {
        Self {
            raw: self.raw.clone(),
            len: self.len,
            element: PhantomData,
        }
    }
}

impl<T: Pod> Buffer<T> {
    pub(crate) fn new(label: &str, len: usize, memory: Option<wgpu::Buffer>) -> Self {
        let inner = Inner {
            label: label.to_owned(),
            bytes: (len * size_of::<T>()) as u64,
            memory,
        };
        Self {
            raw: Raw {
                inner: Arc::new(inner),
            },
            len,
            element: PhantomData,
        }
    }

    /// A buffer without memory.
    #[must_use]
    pub fn described(label: &str, len: usize) -> Self {
        Self::new(label, len, None)
    }

    /// Number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What it was called.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.raw.inner.label
    }

    /// All of it, to bind.
    #[must_use]
    pub fn all(&self) -> Slice {
        self.raw.bytes(0..self.raw.inner.bytes)
    }

    /// Some elements, to bind. The first must lie at a multiple of 256 bytes.
    #[must_use]
    pub fn slice(&self, elements: Range<usize>) -> Slice {
        let size = size_of::<T>() as u64;
        self.raw
            .bytes(elements.start as u64 * size..elements.end as u64 * size)
    }
}

impl Raw {
    fn bytes(&self, range: Range<u64>) -> Slice {
        Slice {
            raw: self.clone(),
            range,
        }
    }
}

/// A part of a buffer.
#[derive(Clone, Debug)]
pub struct Slice {
    pub(crate) raw: Raw,
    pub(crate) range: Range<u64>,
}

impl Slice {
    /// The buffer's name.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.raw.inner.label
    }

    /// Its bytes within the buffer.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.range.clone()
    }
}

/// Real numbers in a precision, or pairs of them: the element type is known at run time.
#[derive(Clone, Debug)]
pub struct Reals {
    pub(crate) words: Buffer<u32>,
    precision: Precision,
}

impl Reals {
    pub(crate) fn new(words: Buffer<u32>, precision: Precision) -> Self {
        Self { words, precision }
    }

    /// Numbers without memory, as [`Buffer::described`].
    #[must_use]
    pub fn described(label: &str, len: usize, precision: Precision) -> Self {
        Self::new(
            Buffer::described(label, len * precision.bytes() / 4),
            precision,
        )
    }

    /// Number of real numbers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.len() * 4 / self.precision.bytes()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How each number is held.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// All of it, to bind.
    #[must_use]
    pub fn all(&self) -> Slice {
        self.words.all()
    }

    /// Some numbers, to bind. The first must lie at a multiple of 256 bytes.
    #[must_use]
    pub fn slice(&self, numbers: Range<usize>) -> Slice {
        let words = self.precision.bytes() / 4;
        self.words.slice(numbers.start * words..numbers.end * words)
    }
}
