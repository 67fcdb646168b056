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

impl<T: Clone> AlignedVec<T> {
    /// `len` copies of `value`.
    pub(crate) fn new(value: T, len: usize) -> Self {
        let spare = ALIGNMENT / size_of::<T>().max(1);
        let storage = vec![value; len + spare];
        Self {
            start: start(&storage, spare),
            storage,
            len,
        }
    }

    /// Bytes of memory held.
    pub(crate) fn bytes(&self) -> usize {
        self.storage.capacity() * size_of::<T>()
    }
}

impl<T: Clone> Clone for AlignedVec<T> {
    fn clone(&self) -> Self {
        // The copy lies elsewhere, and so does its first cache line.
        let mut storage = self.storage.clone();
        let start = start(&storage, self.storage.len() - self.len);
        storage[start..start + self.len].clone_from_slice(self);
        Self {
            storage,
            start,
            len: self.len,
        }
    }
}

/// The first element at a cache line, if it is among the first `spare`.
fn start<T>(storage: &[T], spare: usize) -> usize {
    // `align_offset` may decline (usize::MAX); alignment is only for speed.
    let offset = storage.as_ptr().align_offset(ALIGNMENT);
    if offset <= spare { offset } else { 0 }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_and_their_copies_start_at_a_cache_line() {
        for len in [1, 100, 1000] {
            let mut buffer = AlignedVec::new(0.0_f64, len);
            let numbers: Vec<f64> = (0..len).map(|i| i as f64).collect();
            buffer.copy_from_slice(&numbers);
            let copy = buffer.clone();
            assert_eq!(*copy, *numbers);
            for buffer in [buffer, copy] {
                assert_eq!(buffer.as_ptr() as usize % ALIGNMENT, 0);
            }
        }
    }
}
