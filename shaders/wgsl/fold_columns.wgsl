// An array of whole kernels to the half-plane whose real transform is its own real part: columns left
// of the first and right of the middle are those of conjugates at −(row, column).

struct Params {
    rows: u32,
    length: u32,
    keep: u32,
    width: u32,
    columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> spread: array<complex>;
@group(0) @binding(2) var<storage, read_write> plane: array<complex>;

// The array at a column of the plane, zero where it has none.
fn at(row: u32, column: i32) -> complex {
    let j = column + bitcast<i32>(params.width);
    if j < 0 || j >= bitcast<i32>(params.columns) {
        return c_zero();
    }
    return spread[row * params.columns + bitcast<u32>(j)];
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    let i = group_number(group, groups) * 256u + local;
    if i >= params.rows * params.keep {
        return;
    }
    let row = i / params.keep;
    let k = bitcast<i32>(i % params.keep);
    let mirrored_row = (params.rows - row) % params.rows;
    let length = bitcast<i32>(params.length);
    var sum = at(row, k);
    if k != 0 && 2 * k != length {
        sum = c_add(sum, c_conj(c_add(at(mirrored_row, -k), at(mirrored_row, length - k))));
        sum = complex(r_scale(sum.re, 0.5), r_scale(sum.im, 0.5));
    }
    plane[i] = sum;
}
