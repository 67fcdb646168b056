// The image of an inclined disc, drawn from its radial profile straight into the rows of a transform;
// see place_rows for their layout.
//
// With radii in steps of the profile, pixel [i, j] lies at x = √(east²[j]/cos² i + north²[i]) − first,
// and its value is linear between profile[⌊x⌋] and the next, zero past the last. The central pixel
// is given.

struct Params {
    rows: u32,
    columns: u32,
    // The rows of this dispatch: the output begins with the first.
    first_row: u32,
    block_rows: u32,
    length: u32,
    spacing: u32,
    // Number of radii, and which of a batch of models.
    count: u32,
    model: u32,
    // The beam's kind, 0 for none, and its size.
    beam: u32,
    beam_rows: u32,
    beam_columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// Factors of the rows and of the columns, then north² of the rows and east² of the columns.
@group(0) @binding(1) var<storage, read> tables: array<real>;
// For each model where it lies under the beam.
@group(0) @binding(2) var<storage, read> sky: array<real>;
// For each model 1/cos² i, the first radius, and the central pixel.
@group(0) @binding(3) var<storage, read> numbers: array<real>;
// For each model a profile times the solid angle of a pixel.
@group(0) @binding(4) var<storage, read> profiles: array<real>;
@group(0) @binding(5) var<storage, read> beam: array<real>;
@group(0) @binding(6) var<storage, read_write> output: array<real>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    // A workgroup stays within a row: no thread divides.
    let number = group_number(group, groups);
    let blocks = (params.length + 255u) / 256u;
    let line = number / blocks;
    let k = (number % blocks) * 256u + local;
    if line >= params.block_rows || k >= params.length {
        return;
    }
    let i = params.first_row + line;
    let center = params.columns / 2u;
    let j = select(k + center, k + center - params.length, k + center >= params.length);
    var value = r_of(0.0);
    if j < params.columns {
        value = r_mul(brightness(i, j), r_mul(tables[i], tables[params.rows + j]));
        if params.beam != 0u {
            value = r_mul(value, beam_at(params.model, i, j).power);
        }
    }
    let at = (line * params.length + k) * params.spacing;
    output[at] = value;
    if params.spacing == 2u {
        output[at + 1u] = r_of(0.0);
    }
}
