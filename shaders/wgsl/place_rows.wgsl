// An image to rows of real numbers for a transform of `length` columns, with the centre of each row
// in column 0 and zeros between: rows[i, (j − ⌊columns/2⌋) mod length] = image[i, j] · row_factors[i]
// · column_factors[j] · beam. Or back: image[i, j] from those rows, with the same factors.

struct Params {
    rows: u32,
    columns: u32,
    // The rows of this dispatch: both buffers begin with the first.
    first_row: u32,
    block_rows: u32,
    length: u32,
    // Numbers from one sample of a row to the next: 1, or 2 with zeros between.
    spacing: u32,
    // 1 for the way back.
    backward: u32,
    // The beam's kind, 0 for none, and its size.
    beam: u32,
    beam_rows: u32,
    beam_columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// Of the rows, then of the columns.
@group(0) @binding(1) var<storage, read> factors: array<real>;
@group(0) @binding(2) var<storage, read> sky: array<real>;
@group(0) @binding(3) var<storage, read> beam: array<real>;
@group(0) @binding(4) var<storage, read> source: array<real>;
@group(0) @binding(5) var<storage, read_write> output: array<real>;

fn weighted(value: real, i: u32, j: u32) -> real {
    let scaled = r_mul(value, r_mul(factors[i], factors[params.rows + j]));
    if params.beam != 0u {
        return r_mul(scaled, beam_at(0u, i, j).power);
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
    let line = number / blocks;
    let k = (number % blocks) * 256u + local;
    if line >= params.block_rows || k >= width {
        return;
    }
    let i = params.first_row + line;
    let center = params.columns / 2u;
    if params.backward == 1u {
        let at = line * params.length + select(k - center, k + params.length - center, k < center);
        output[line * width + k] = weighted(source[at * params.spacing], i, k);
        return;
    }
    let j = select(k + center, k + center - params.length, k + center >= params.length);
    var value = r_of(0.0);
    if j < params.columns {
        value = weighted(source[line * params.columns + j], i, j);
    }
    let at = (line * width + k) * params.spacing;
    output[at] = value;
    if params.spacing == 2u {
        output[at + 1u] = r_of(0.0);
    }
}
