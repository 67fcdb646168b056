//! Repeated timings of one operation.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Timings of one operation, shortest first.
#[derive(Clone, Debug)]
pub struct Timings {
    sorted: Vec<Duration>,
    /// Least processor time of this thread, which other programs hardly lengthen.
    processor: Option<Duration>,
}

impl Timings {
    /// Times `operation` for about `budget`, at least three times, after one call that is not counted.
    pub fn of(budget: Duration, mut operation: impl FnMut()) -> Self {
        operation();
        let start = Instant::now();
        let mut sorted = Vec::new();
        let mut processor = None;
        while sorted.len() < 3 || start.elapsed() < budget {
            let (run, used) = (Instant::now(), thread_time());
            operation();
            sorted.push(run.elapsed());
            let used = thread_time()
                .zip(used)
                .map(|(after, before)| after.saturating_sub(before));
            processor = processor.into_iter().chain(used).min();
        }
        sorted.sort();
        Self { sorted, processor }
    }

    /// The shortest time.
    pub fn shortest(&self) -> Duration {
        self.sorted.first().copied().unwrap_or_default()
    }

    /// `{"min_s", "median_s", "cpu_min_s", "runs"}`.
    pub fn to_json(&self) -> Value {
        let middle = self
            .sorted
            .get(self.sorted.len() / 2)
            .copied()
            .unwrap_or_default();
        json!({
            "min_s": self.shortest().as_secs_f64(),
            "median_s": middle.as_secs_f64(),
            "cpu_min_s": self.processor.map(|time| time.as_secs_f64()),
            "runs": self.sorted.len(),
        })
    }
}

/// Processor time that this thread has used, where the system tells.
fn thread_time() -> Option<Duration> {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::try_from(time).ok()
    }
    #[cfg(not(unix))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_call_is_not_counted() {
        let mut calls = 0;
        let timings = Timings::of(Duration::ZERO, || calls += 1);
        assert_eq!((calls, timings.sorted.len()), (4, 3));
        assert!(timings.sorted.is_sorted());
    }
}
