// For each baseline the angle u·a + v·b: its cosine and sine, and the cell of a period of `length`
// that it falls in, with the place in it. It shows what coordinates are worth on a device.

struct Params { count: u32, length: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> baselines: array<baseline>;
@group(0) @binding(2) var<storage, read> coefficients: array<coefficient>;
@group(0) @binding(3) var<storage, read_write> results: array<real>;
@group(0) @binding(4) var<storage, read_write> cells: array<i32>;

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
    let turns = turns_of(baselines[k], coefficients[0], coefficients[1]);
    let phase = phase_of(turns);
    let cell = cells_of(turns, params.length);
    results[3u * k] = phase.re;
    results[3u * k + 1u] = phase.im;
    results[3u * k + 2u] = cell.rest;
    cells[k] = cell.whole;
}
