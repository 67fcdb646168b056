// Sums of blocks of 2048 numbers: each thread adds eight, then the workgroup pairwise.

struct Params { count: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> values: array<real>;
@group(0) @binding(2) var<storage, read_write> totals: array<real>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    let block = group_number(group, groups);
    var sum = r_of(0.0);
    for (var i = 0u; i < 8u; i++) {
        let k = block * 2048u + i * 256u + local;
        if k < params.count {
            sum = r_add(sum, values[k]);
        }
    }
    let total = group_sum(local, sum);
    if local == 0u && block * 2048u < params.count {
        totals[block] = total;
    }
}
