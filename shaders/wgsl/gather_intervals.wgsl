// The transpose of reading a radial table: sums[b, j] = Σ Re(c) t^j over the points in interval b, j in 0..8,
// t their places. A workgroup gathers an interval from its sorted points: no atomics, always in the same order.

struct Params {
    // Intervals of a turn.
    length: u32,
    intervals: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> baselines: array<baseline>;
@group(0) @binding(2) var<storage, read> coefficients: array<coefficient>;
@group(0) @binding(3) var<storage, read> numbers: array<u32>;
@group(0) @binding(4) var<storage, read> starts: array<u32>;
@group(0) @binding(5) var<storage, read> values: array<pair>;
@group(0) @binding(6) var<storage, read_write> sums: array<real>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    let interval = group_number(group, groups);
    var terms: array<real, 8>;
    for (var j = 0u; j < 8u; j++) {
        terms[j] = r_of(0.0);
    }
    if interval < params.intervals {
        for (var i = starts[interval] + local; i < starts[interval + 1u]; i += 256u) {
            let k = numbers[i];
            let t = radial_place(baselines[k], params.length).rest;
            var power = first_of(values[k]);
            for (var j = 0u; j < 8u; j++) {
                terms[j] = r_add(terms[j], power);
                power = r_mul(power, t);
            }
        }
    }
    for (var j = 0u; j < 8u; j++) {
        let total = group_sum(local, terms[j]);
        if local == 0u && interval < params.intervals {
            sums[8u * interval + j] = total;
        }
    }
}
