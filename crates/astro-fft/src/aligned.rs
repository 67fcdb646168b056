//! Buffers that start at a cache line.

use std::ops::{Deref, DerefMut};

/// Bytes in a cache line, and in the widest vector register.
const ALIGNMENT: usize = 64;

/// A buffer of fixed length whose first element lies at a cache line, so that
/// no vector load straddles two lines.
#[derive(Debug, Default)]
pub(crate) struct AlignedVec<T> {
    storage: Vec<T>,
    start: usize,
    len: usize,
}

impl<T: Copy> AlignedVec<T> {
    /// `len` copies of `value`.
    pub(crate) fn new(value: T, len: usize) -> Self {
        let spare = ALIGNMENT / size_of::<T>().max(1);
        let storage = vec![value; len + spare];
        // `align_offset` may decline (usize::MAX); alignment is only for speed.
        let offset = storage.as_ptr().align_offset(ALIGNMENT);
        Self {
            start: if offset <= spare { offset } else { 0 },
            storage,
            len,
        }
    }

    /// Bytes of memory held.
    pub(crate) fn bytes(&self) -> usize {
        self.storage.capacity() * size_of::<T>()
    }
}

impl<T: Copy> Clone for AlignedVec<T> {
    fn clone(&self) -> Self {
        match self.first() {
            Some(&first) => {
                let mut copy = Self::new(first, self.len);
                copy.copy_from_slice(self);
                copy
            }
            None => Self {
                storage: Vec::new(),
                start: 0,
                len: 0,
            },
        }
    }
}

impl<T> Deref for AlignedVec<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.storage[self.start..self.start + self.len]
    }
}

impl<T> DerefMut for AlignedVec<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.storage[self.start..self.start + self.len]
    }
}
