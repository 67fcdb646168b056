//! Scratch that outlives a call.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// Idle scratch objects of a plan, which keep their memory from call to call: in the
/// end one for each thread that was ever inside.
///
/// A call borrows one for as long as it works and gives it back by dropping it; none
/// is made while an idle one is there.
///
/// ```
/// let pool = astro_core::Pool::new();
/// pool.take(Vec::new).push(1.0);
/// assert_eq!(*pool.take(Vec::new), [1.0]); // the same vector again
/// ```
#[derive(Debug)]
pub struct Pool<S> {
    idle: Mutex<Vec<S>>,
}

impl<S> Default for Pool<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Pool<S> {
    /// A pool without any object.
    #[must_use]
    pub fn new() -> Self {
        Self {
            idle: Mutex::new(Vec::new()),
        }
    }

    /// An idle object, else a new one from `make`.
    pub fn take(&self, make: impl FnOnce() -> S) -> Lent<'_, S> {
        let idle = self.lock().pop();
        Lent {
            pool: self,
            object: Some(idle.unwrap_or_else(make)),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<S>> {
        // Nothing panics between a lock and its release but an allocation.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An object borrowed from a [`Pool`], which returns to its pool when dropped.
#[derive(Debug)]
pub struct Lent<'a, S> {
    pool: &'a Pool<S>,
    object: Option<S>,
}

impl<S> Deref for Lent<'_, S> {
    type Target = S;

    fn deref(&self) -> &S {
        self.object.as_ref().expect("only drop takes the object")
    }
}

impl<S> DerefMut for Lent<'_, S> {
    fn deref_mut(&mut self) -> &mut S {
        self.object.as_mut().expect("only drop takes the object")
    }
}

impl<S> Drop for Lent<'_, S> {
    fn drop(&mut self) {
        if let Some(object) = self.object.take() {
            self.pool.lock().push(object);
        }
    }
}
