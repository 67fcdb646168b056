// Phases of events at trials of a grid of frequencies and their derivatives, in units of 2^-64 turns:
// (low, high) words that wrap, so that no whole turn is ever rounded.

// Of an event with `phase` at the first trial, that gains `step` from one frequency to the next and
// `curve` from one derivative to the next.
fn trial_phase(phase: vec2<u32>, step: vec2<u32>, curve: vec2<u32>, trial: u32, frequencies: u32) -> vec2<u32> {
    let dot = trial / frequencies;
    let along = add_wide(phase, wide_times(step, trial - dot * frequencies));
    return add_wide(along, wide_times(curve, dot));
}
