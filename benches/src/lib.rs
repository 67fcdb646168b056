//! Criterion benches live in `benches/`; this library holds the workloads they share.
