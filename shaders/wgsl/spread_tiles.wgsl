// The sum of kernels at points times their values, node by node: each workgroup gathers one tile of
// 16 × 16 nodes from the points whose kernels begin in it or in the tiles before. No atomics, and
// always in the same order.

struct Params {
    rows: u32,
    length: u32,
    width: u32,
    degree: u32,
    tile_columns: u32,
    // Columns of the array: a multiple of 16.
    columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> baselines: array<baseline>;
@group(0) @binding(2) var<storage, read> coefficients: array<coefficient>;
@group(0) @binding(3) var<storage, read> taps: array<real>;
@group(0) @binding(4) var<storage, read> numbers: array<u32>;
@group(0) @binding(5) var<storage, read> starts: array<u32>;
@group(0) @binding(6) var<storage, read> values: array<complex>;
@group(0) @binding(7) var<storage, read_write> spread: array<complex>;

// Points that the workgroup looks at together.
const BATCH: u32 = 16u;

var<workgroup> row_taps: array<real, 384>;
var<workgroup> column_taps: array<real, 384>;
var<workgroup> firsts: array<vec2<u32>, 16>;
var<workgroup> batch: array<complex, 16>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    let tile = group_number(group, groups);
    let tile_rows = params.rows / 16u;
    let tile_row = tile / params.tile_columns;
    let tile_column = tile % params.tile_columns;
    let row = tile_row * 16u + local / 16u;
    let column = tile_column * 16u + local % 16u;
    let before = (params.width + 14u) / 16u;
    var sum = c_zero();
    for (var down = 0u; down <= before; down++) {
        for (var along = 0u; along <= before; along++) {
            var first = 0u;
            var end = 0u;
            if tile_row < tile_rows && along <= tile_column {
                let from_row = (tile_row + tile_rows - down) % tile_rows;
                let bin = from_row * params.tile_columns + tile_column - along;
                first = starts[bin];
                end = starts[bin + 1u];
            }
            // The same for all threads of the group, as barriers need.
            for (var start = first; start < end; start += BATCH) {
                let count = min(BATCH, end - start);
                workgroupBarrier();
                for (var i = local; i < count * 2u * params.width; i += 256u) {
                    let point = i / (2u * params.width);
                    let tap = i % (2u * params.width);
                    let k = numbers[start + point];
                    let at = place_of(baselines[k], params.rows, params.length, params.width);
                    if tap < params.width {
                        row_taps[point * 24u + tap] = tap_value(tap, params.width, params.degree, at.row_t);
                    } else {
                        let i = tap - params.width;
                        column_taps[point * 24u + i] = tap_value(i, params.width, params.degree, at.column_t);
                    }
                    if tap == 0u {
                        firsts[point] = vec2<u32>(at.row, at.column);
                        batch[point] = c_conj_if(values[k], at.folded);
                    }
                }
                workgroupBarrier();
                for (var point = 0u; point < count; point++) {
                    let i = (row + params.rows - firsts[point].x) % params.rows;
                    let j = column - firsts[point].y;
                    if i < params.width && column >= firsts[point].y && j < params.width {
                        let tap = r_mul(row_taps[point * 24u + i], column_taps[point * 24u + j]);
                        sum = c_add(sum, c_times(batch[point], tap));
                    }
                }
            }
        }
    }
    if tile_row < tile_rows {
        spread[row * params.columns + column] = sum;
    }
}
