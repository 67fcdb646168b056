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
    let k = group_number(group, groups) * 256u + local;
    let center = params.columns / 2u;
    if params.backward == 1u {
        if k < params.rows * params.columns {
            let i = k / params.columns;
            let j = k % params.columns;
            let at = i * params.length + (j + params.length - center) % params.length;
            output[k] = weighted(source[at * params.spacing], i, j);
        }
        return;
    }
    if k >= params.rows * params.length {
        return;
    }
    let i = k / params.length;
    let j = (k % params.length + center) % params.length;
    var value = r_of(0.0);
    if j < params.columns {
        value = weighted(source[i * params.columns + j], i, j);
    }
    output[k * params.spacing] = value;
    if params.spacing == 2u {
        output[2u * k + 1u] = r_of(0.0);
    }
}
