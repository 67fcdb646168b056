// The three multiplications of Bluestein's transform (1970) of lines of `length` points by way of
// lines of `padded` points, padded ≥ 2·length − 1.
//
// step 0: padded line = source · chirp, then zeros; step 1: line · spectrum of the chirp, in place of
// output; step 2: output = line · chirp / padded. The chirp is exp(−πi k²/length).

struct Params {
    length: u32,
    padded: u32,
    lines: u32,
    // The first line of this batch.
    first_line: u32,
    inner: u32,
    element_stride: u32,
    inner_stride: u32,
    outer_stride: u32,
    step: u32,
    // 1 for the exponent +2πi: chirp and its spectrum are conjugated by conjugating the data.
    positive: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// chirp[length], then its spectrum[padded], divided by `padded`.
@group(0) @binding(1) var<storage, read> chirps: array<pair>;
@group(0) @binding(2) var<storage, read> source: array<pair>;
@group(0) @binding(3) var<storage, read_write> output: array<pair>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    let i = group_number(group, groups) * 256u + local;
    let width = select(params.padded, params.length, params.step == 2u);
    if i >= params.lines * width {
        return;
    }
    let line = i / width;
    let k = i % width;
    let number = params.first_line + line;
    let strided = (number % params.inner) * params.inner_stride
        + (number / params.inner) * params.outer_stride
        + k * params.element_stride;
    let conjugate = params.positive == 1u;
    switch params.step {
        case 0u: {
            var x = c_zero();
            if k < params.length {
                x = c_mul(c_conj_if(c_of(source[strided]), conjugate), c_of(chirps[k]));
            }
            output[i] = c_pair(x);
        }
        case 1u: {
            output[i] = c_pair(c_mul(c_of(source[i]), c_of(chirps[params.length + k])));
        }
        default: {
            let x = c_mul(c_of(source[line * params.padded + k]), c_of(chirps[k]));
            output[strided] = c_pair(c_conj_if(x, conjugate));
        }
    }
}
