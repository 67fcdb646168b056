//! Timings of one side, from several turns.

use serde_json::{Map, Value};

/// Which time counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Clock {
    /// The clock on the wall.
    #[default]
    Wall,
    /// Processor time, which other programs hardly lengthen: for a busy machine.
    Cpu,
}

impl Clock {
    fn key(self) -> &'static str {
        match self {
            Self::Wall => "min_s",
            Self::Cpu => "cpu_min_s",
        }
    }
}

/// The best of each operation over all turns.
#[derive(Debug, Default)]
pub(super) struct Best {
    clock: Clock,
    report: Map<String, Value>,
}

impl Best {
    /// Nothing measured yet.
    pub(super) fn by(clock: Clock) -> Self {
        Self {
            clock,
            report: Map::new(),
        }
    }

    /// Takes in the report of one more turn.
    pub(super) fn add(&mut self, turn: Value) {
        let key = self.clock.key();
        let Value::Object(turn) = turn else { return };
        if self.report.is_empty() {
            self.report = turn;
            return;
        }
        let old = self
            .report
            .get_mut("timings")
            .and_then(Value::as_object_mut);
        let new = turn.get("timings").and_then(Value::as_object);
        let (Some(old), Some(new)) = (old, new) else {
            return;
        };
        for (name, timing) in new {
            let better = match old.get(name) {
                Some(known) => timing[key].as_f64() < known[key].as_f64(),
                None => true,
            };
            if better {
                old.insert(name.clone(), timing.clone());
            }
        }
    }

    /// The shortest time of an operation, seconds.
    pub(super) fn seconds(&self, operation: &str) -> Option<f64> {
        self.report.get("timings")?[operation][self.clock.key()].as_f64()
    }

    /// χ² as the operation computed it.
    pub(super) fn chi2(&self, operation: &str) -> Option<f64> {
        self.report.get("chi2")?[operation].as_f64()
    }

    /// The numbers that the operation computed.
    pub(super) fn results(&self, operation: &str) -> Option<Vec<f64>> {
        let numbers = self.report.get("results")?[operation].as_array()?;
        Some(numbers.iter().filter_map(Value::as_f64).collect())
    }

    /// What is missing, and why.
    pub(super) fn missing(&self) -> Vec<String> {
        let missing = self.report.get("missing").and_then(Value::as_object);
        missing
            .map(|missing| {
                missing
                    .iter()
                    .map(|(name, why)| format!("{name}: {why}"))
                    .collect()
            })
            .unwrap_or_default()
    }

    /// The whole, for the file of results.
    pub(super) fn into_json(self) -> Value {
        Value::Object(self.report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_shortest_of_all_turns_counts() {
        let turn = |a: f64, b: f64| {
            json!({"timings": {"a": {"min_s": a, "median_s": a}, "b": {"min_s": b, "median_s": b}},
                   "chi2": {"a": 7.0}, "missing": {"c": "no module"}})
        };
        let mut best = Best::default();
        best.add(turn(1.0, 2.0));
        best.add(turn(1.5, 0.5));
        assert_eq!(
            (best.seconds("a"), best.seconds("b")),
            (Some(1.0), Some(0.5))
        );
        assert_eq!((best.seconds("c"), best.chi2("a")), (None, Some(7.0)));
        assert_eq!(best.missing(), ["c: \"no module\""]);
    }
}
