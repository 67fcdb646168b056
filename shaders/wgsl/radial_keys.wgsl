// The interval of a radial table that each point reads (see sample_plane), as the key of a sort whose values
// are the numbers of the points.

struct Params {
    count: u32,
    // Intervals of a turn.
    length: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> baselines: array<baseline>;
@group(0) @binding(2) var<storage, read> coefficients: array<coefficient>;
@group(0) @binding(3) var<storage, read_write> keys: array<u32>;
@group(0) @binding(4) var<storage, read_write> numbers: array<u32>;

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
    let at = radial_place(baselines[k], params.length);
    keys[k] = bitcast<u32>(at.whole);
    numbers[k] = k;
}
