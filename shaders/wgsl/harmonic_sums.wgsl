// Sums over events of exp(2πikφ) for HARMONICS harmonics k from `first_harmonic` on, a trial a thread:
//   sums[part][harmonic][trial] = Σ_{events of the part} exp(2πikφ(trial)).

struct Params {
    events: u32,
    first_trial: u32,
    trials: u32,
    // Frequencies of each derivative.
    frequencies: u32,
    part_events: u32,
    parts: u32,
    first_harmonic: u32,
}

// 1 to 4.
override HARMONICS: u32 = 4u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> phases: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read> steps: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read> curves: array<vec2<u32>>;
@group(0) @binding(4) var<storage, read_write> sums: array<pair>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    let number = group_number(group, groups);
    let blocks = (params.trials + 255u) / 256u;
    let part = number / blocks;
    let trial = (number % blocks) * 256u + local;
    if part >= params.parts || trial >= params.trials {
        return;
    }
    let first = part * params.part_events;
    let end = min(first + params.part_events, params.events);
    var sum1 = c_zero();
    var sum2 = c_zero();
    var sum3 = c_zero();
    var sum4 = c_zero();
    for (var e = first; e < end; e++) {
        let phase = trial_phase(phases[e], steps[e], curves[e], params.first_trial + trial, params.frequencies);
        let phasor = phase_of(turn_of_wide(phase));
        var z = phasor;
        if params.first_harmonic > 1u {
            z = phase_of(turn_of_wide(wide_times(phase, params.first_harmonic)));
        }
        sum1 = c_add(sum1, z);
        if HARMONICS > 1u {
            z = c_mul(z, phasor);
            sum2 = c_add(sum2, z);
        }
        if HARMONICS > 2u {
            z = c_mul(z, phasor);
            sum3 = c_add(sum3, z);
        }
        if HARMONICS > 3u {
            z = c_mul(z, phasor);
            sum4 = c_add(sum4, z);
        }
    }
    let row = part * HARMONICS * params.trials + trial;
    sums[row] = c_pair(sum1);
    if HARMONICS > 1u {
        sums[row + params.trials] = c_pair(sum2);
    }
    if HARMONICS > 2u {
        sums[row + 2u * params.trials] = c_pair(sum3);
    }
    if HARMONICS > 3u {
        sums[row + 3u * params.trials] = c_pair(sum4);
    }
}
