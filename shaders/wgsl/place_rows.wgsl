// An image to rows of real numbers for a transform of `length` columns, with the centre of each row
// in column 0 and zeros between: rows[i, (j − ⌊columns/2⌋) mod length] = image[i, j] · row_factors[i]
// · column_factors[j] · weight. Or back: image[i, j] from those rows, with the same factors.

struct Params {
    rows: u32,
    columns: u32,
    length: u32,
    // Numbers from one sample of a row to the next: 1, or 2 with zeros between.
    spacing: u32,
    // 1 if `weights` multiplies the image, pixel by pixel.
    weighted: u32,
    // 1 for the way back.
    backward: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// Of the rows, then of the columns.
@group(0) @binding(1) var<storage, read> factors: array<real>;
@group(0) @binding(2) var<storage, read> weights: array<real>;
@group(0) @binding(3) var<storage, read> source: array<real>;
@group(0) @binding(4) var<storage, read_write> output: array<real>;

fn weighted(value: real, i: u32, j: u32) -> real {
    let scaled = r_mul(value, r_mul(factors[i], factors[params.rows + j]));
    if params.weighted == 1u {
        return r_mul(scaled, weights[i * params.columns + j]);
    }
    return scaled;
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    // A workgroup stays within a row: no thread divides.
    let number = group_number(group, groups);
    let width = select(params.length, params.columns, params.backward == 1u);
    let blocks = (width + 255u) / 256u;
    let i = number / blocks;
    let k = (number % blocks) * 256u + local;
    if i >= params.rows || k >= width {
        return;
    }
    let center = params.columns / 2u;
    if params.backward == 1u {
        let at = i * params.length + select(k - center, k + params.length - center, k < center);
        output[i * width + k] = weighted(source[at * params.spacing], i, k);
        return;
    }
    let j = select(k + center, k + center - params.length, k + center >= params.length);
    var value = r_of(0.0);
    if j < params.columns {
        value = weighted(source[i * params.columns + j], i, j);
    }
    let at = (i * width + k) * params.spacing;
    output[at] = value;
    if params.spacing == 2u {
        output[at + 1u] = r_of(0.0);
    }
}
