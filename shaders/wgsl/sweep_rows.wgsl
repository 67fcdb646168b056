// The image of an inclined disc, drawn from its radial profile straight into the rows of a transform;
// see place_rows for their layout.
//
// With radii in steps of the profile, pixel [i, j] lies at x = √(east²[j]/cos² i + north²[i]) − first,
// and its value is linear between profile[⌊x⌋] and the next, zero past the last. The central pixel
// is given.

struct Params {
    rows: u32,
    columns: u32,
    length: u32,
    spacing: u32,
    weighted: u32,
    // Number of radii, and which of a batch of models.
    count: u32,
    model: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// Factors of the rows and of the columns, then north² of the rows and east² of the columns.
@group(0) @binding(1) var<storage, read> tables: array<real>;
@group(0) @binding(2) var<storage, read> weights: array<real>;
// For each model 1/cos² i, the first radius, and the central pixel.
@group(0) @binding(3) var<storage, read> numbers: array<real>;
// For each model a profile times the solid angle of a pixel.
@group(0) @binding(4) var<storage, read> profiles: array<real>;
@group(0) @binding(5) var<storage, read_write> output: array<real>;

fn brightness(i: u32, j: u32) -> real {
    if i == params.rows / 2u && j == params.columns / 2u {
        return numbers[3u * params.model + 2u];
    }
    let at = ring_of(i, j);
    if at.whole < 0 {
        return r_of(0.0);
    }
    let first = params.model * params.count + bitcast<u32>(at.whole);
    let inner = profiles[first];
    return r_add(inner, r_mul(at.rest, r_sub(profiles[first + 1u], inner)));
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
    let blocks = (params.length + 255u) / 256u;
    let i = number / blocks;
    let k = (number % blocks) * 256u + local;
    if i >= params.rows || k >= params.length {
        return;
    }
    let center = params.columns / 2u;
    let j = select(k + center, k + center - params.length, k + center >= params.length);
    var value = r_of(0.0);
    if j < params.columns {
        value = r_mul(brightness(i, j), r_mul(tables[i], tables[params.rows + j]));
        if params.weighted == 1u {
            value = r_mul(value, weights[i * params.columns + j]);
        }
    }
    let at = (i * params.length + k) * params.spacing;
    output[at] = value;
    if params.spacing == 2u {
        output[at + 1u] = r_of(0.0);
    }
}
