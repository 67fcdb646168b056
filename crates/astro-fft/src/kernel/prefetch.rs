//! Asking for cache lines before they are needed.

#![expect(
    unsafe_code,
    reason = "there is no safe prefetch; stores that miss the caches one after the other \
              made the row pass of images beyond the cache 1.5 times slower"
)]

/// Bytes in a cache line.
const LINE: usize = 64;

/// Starts to load `data` into the first-level cache, where the machine has an
/// instruction for it that stable Rust knows. It changes no value.
#[inline(always)]
pub(crate) fn prefetch<T>(data: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for element in data.iter().step_by((LINE / size_of::<T>()).max(1)) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch may be given any address, and this one is valid.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(element).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (data, LINE);
}

/// Reads one number of each cache line, in order: the caches notice such a
/// sequence and fetch ahead, which they do not for the strides of a stage.
#[inline(always)]
pub(super) fn touch<T: Copy>(data: &[T]) {
    for element in data.iter().step_by((LINE / size_of::<T>()).max(1)) {
        std::hint::black_box(*element);
    }
}
