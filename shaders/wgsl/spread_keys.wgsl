// Where the kernels of points fall: the tile of 16 × 16 nodes with the first node of each, as the key
// of a sort whose values are the numbers of the points.
//
// Columns are those of an array that begins `width` columns before the plane, so that no kernel wraps.

struct Params {
    count: u32,
    rows: u32,
    length: u32,
    width: u32,
    // Tiles along a row.
    tile_columns: u32,
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
    let at = place_of(baselines[k], params.rows, params.length, params.width);
    keys[k] = (at.row / 16u) * params.tile_columns + at.column / 16u;
    numbers[k] = k;
}
