//! How long work tells its caller how far it is, and learns that it should stop.

/// A listener for long calls, which may also ask them to stop.
///
/// Libraries never print; the `astro` command draws a bar from these calls and
/// sets the stop request on Ctrl-C.
pub trait Progress: Sync {
    /// A stage of `total` units of work begins.
    fn begin(&self, stage: &str, total: u64) {
        let _ = (stage, total);
    }

    /// `units` more of the current stage are done.
    fn advance(&self, units: u64) {
        let _ = units;
    }

    /// One line about the current state, such as an acceptance fraction.
    fn message(&self, text: &str) {
        let _ = text;
    }

    /// The current stage is over.
    fn end(&self) {}

    /// Whether the caller wants the work to stop at the next safe point.
    fn should_stop(&self) -> bool {
        false
    }
}

/// The listener that hears nothing and never asks to stop.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl Progress for NoProgress {}
