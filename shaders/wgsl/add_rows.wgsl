// Sums of columns: totals[k] = Σ_r rows[r][k], one column a thread, in the order of the rows.

struct Params { rows: u32, columns: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<real>;
@group(0) @binding(2) var<storage, read_write> totals: array<real>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    let k = group_number(group, groups) * 256u + local;
    if k >= params.columns {
        return;
    }
    var total = r_of(0.0);
    for (var r = 0u; r < params.rows; r++) {
        total = r_add(total, rows[r * params.columns + k]);
    }
    totals[k] = total;
}
