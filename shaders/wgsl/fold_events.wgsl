// Profiles of events at trials: a workgroup counts a part of the events in the phase bins of one trial,
// and adds its counts to profiles[trial][bin]. Sums of integers do not depend on their order.

struct Params {
    events: u32,
    first_trial: u32,
    trials: u32,
    // Frequencies of each derivative.
    frequencies: u32,
    part_events: u32,
    // Bins of a profile, at most 1024.
    bins: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> phases: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read> steps: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read> curves: array<vec2<u32>>;
@group(0) @binding(4) var<storage, read_write> profiles: array<atomic<u32>>;

var<workgroup> counts: array<atomic<u32>, 1024>;

// The integer part of phase · bins.
fn bin_of(phase: vec2<u32>, bins: u32) -> u32 {
    let low = mul_wide(phase.x, bins);
    return add_wide(mul_wide(phase.y, bins), vec2<u32>(low.y, 0u)).y;
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let number = group_number(group, groups);
    let part = number / params.trials;
    let trial = number % params.trials;
    for (var b = local; b < params.bins; b += 256u) {
        atomicStore(&counts[b], 0u);
    }
    workgroupBarrier();
    let first = part * params.part_events;
    let end = min(first + params.part_events, params.events);
    for (var e = first + local; e < end; e += 256u) {
        let phase = trial_phase(phases[e], steps[e], curves[e], params.first_trial + trial, params.frequencies);
        atomicAdd(&counts[bin_of(phase, params.bins)], 1u);
    }
    workgroupBarrier();
    for (var b = local; b < params.bins; b += 256u) {
        let count = atomicLoad(&counts[b]);
        if count > 0u {
            atomicAdd(&profiles[trial * params.bins + b], count);
        }
    }
}
