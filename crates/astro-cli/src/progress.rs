//! Progress bars on a terminal, and Ctrl-C.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use astro_core::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Console;

static STOP: AtomicBool = AtomicBool::new(false);

/// Work that ended because the user asked for it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Stopped(pub(crate) String);

/// Makes Ctrl-C ask the work to stop at the next safe point; a second one ends the program.
pub(crate) fn catch_interrupts() -> Result<()> {
    ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })?;
    Ok(())
}

/// Whether the user has asked to stop.
pub(crate) fn stop_requested() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// A bar for each stage where standard error is a terminal, else silence.
#[derive(Debug)]
pub(crate) struct Bar {
    visible: bool,
    current: Mutex<Option<ProgressBar>>,
}

impl Bar {
    pub(crate) fn new(console: &Console) -> Self {
        Self {
            visible: console.shows_progress() && std::io::stderr().is_terminal(),
            current: Mutex::new(None),
        }
    }

    fn with_bar(&self, act: impl FnOnce(&ProgressBar)) {
        let bar = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = bar.as_ref() {
            act(bar);
        }
    }
}

impl Progress for Bar {
    fn begin(&self, stage: &str, total: u64) {
        if !self.visible {
            return;
        }
        let style = ProgressStyle::with_template(
            "{prefix:>12} {bar:32.cyan/dim} {pos}/{len} {elapsed} (left {eta}) {wide_msg}",
        )
        .expect("the template is valid");
        let bar = ProgressBar::new(total)
            .with_style(style)
            .with_prefix(stage.to_owned());
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar);
    }

    fn advance(&self, units: u64) {
        self.with_bar(|bar| bar.inc(units));
    }

    fn message(&self, text: &str) {
        self.with_bar(|bar| bar.set_message(text.to_owned()));
    }

    fn end(&self) {
        let bar = self
            .current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
    }

    fn should_stop(&self) -> bool {
        stop_requested()
    }
}
