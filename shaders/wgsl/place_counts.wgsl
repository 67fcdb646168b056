// Counts as real numbers, exactly: one a thread, at every `spacing`-th place (zeros between them).

struct Params { count: u32, spacing: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read_write> rows: array<real>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    let k = group_number(group, groups) * 256u + local;
    if k >= params.count {
        return;
    }
    // An f32 holds 24 bits.
    let high = r_of(f32(counts[k] >> 16u));
    let low = r_of(f32(counts[k] & 0xffffu));
    rows[k * params.spacing] = r_add(r_scale(high, 65536.0), low);
    for (var i = 1u; i < params.spacing; i++) {
        rows[k * params.spacing + i] = r_of(0.0);
    }
}
