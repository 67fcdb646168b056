// The transpose of the beam: multiplies an adjoint image g by its power A. Before that, what moves with the beam:
// six sums over each row of an image I, or of a profile that is drawn (sweep_rows), times g. With the slopes of the beam's power along its own coordinates (see shared/beam),
//   Σ I g A_a x,  Σ I g A_a y,  Σ I g A_a,  Σ I g A_b x,  Σ I g A_b y,  Σ I g A_b.

struct Params {
    rows: u32,
    columns: u32,
    // The rows of this dispatch: images and sums begin with the first.
    first_row: u32,
    block_rows: u32,
    // Number of radii, and always 0: which of a batch.
    count: u32,
    model: u32,
    // 1 for a profile.
    drawn: u32,
    // The beam's kind, 0 for none, and its size.
    beam: u32,
    beam_rows: u32,
    beam_columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// As in sweep_rows.
@group(0) @binding(1) var<storage, read> tables: array<real>;
@group(0) @binding(2) var<storage, read> sky: array<real>;
@group(0) @binding(3) var<storage, read> numbers: array<real>;
@group(0) @binding(4) var<storage, read> profiles: array<real>;
@group(0) @binding(5) var<storage, read> beam: array<real>;
@group(0) @binding(6) var<storage, read> image: array<real>;
@group(0) @binding(7) var<storage, read_write> adjoint: array<real>;
@group(0) @binding(8) var<storage, read_write> sums: array<real>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    let line = group_number(group, groups);
    let i = params.first_row + line;
    var terms: array<real, 6>;
    for (var k = 0u; k < 6u; k++) {
        terms[k] = r_of(0.0);
    }
    if line < params.block_rows {
        let y = pixels_up(i);
        for (var j = local; j < params.columns; j += 256u) {
            let at = line * params.columns + j;
            var value: real;
            if params.drawn == 1u {
                value = brightness(i, j);
            } else {
                value = image[at];
            }
            let slopes = beam_at(0u, i, j);
            value = r_mul(value, adjoint[at]);
            adjoint[at] = r_mul(adjoint[at], slopes.power);
            let x = pixels_east(j);
            let by_a = r_mul(value, slopes.by_a);
            let by_b = r_mul(value, slopes.by_b);
            terms[0] = r_add(terms[0], r_mul(by_a, x));
            terms[1] = r_add(terms[1], r_mul(by_a, y));
            terms[2] = r_add(terms[2], by_a);
            terms[3] = r_add(terms[3], r_mul(by_b, x));
            terms[4] = r_add(terms[4], r_mul(by_b, y));
            terms[5] = r_add(terms[5], by_b);
        }
    }
    for (var k = 0u; k < 6u; k++) {
        let total = group_sum(local, terms[k]);
        if local == 0u && line < params.block_rows {
            sums[6u * line + k] = total;
        }
    }
}
