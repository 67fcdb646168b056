// The spectrum of real rows from complex transforms, as rows 0..rows of the half-plane `output`, or
// back. Rows may be fewer than those of the half-plane: row i of it holds row (i + first) mod rows of
// the source where that is below `filled`, and zeros elsewhere. Rows are handled in blocks: of this one
// `block` is the first, where the buffer of rows begins.
//
// An even length n was transformed as n/2 complex numbers z_j = x_2j + i x_2j+1:
//   X_k = (Z_k + Z*_{h−k})/2 − i/2 exp(−2πik/n) (Z_k − Z*_{h−k}),  h = n/2;
// an odd length as n complex numbers with imaginary part zero.

struct Params {
    // Real samples of a row; columns kept of the half-plane.
    length: u32,
    keep: u32,
    rows: u32,
    filled: u32,
    first: u32,
    // The first row of the block, and how many this dispatch handles.
    block: u32,
    block_rows: u32,
    // 1: from the half-plane to lines for the transform back to real rows.
    backward: u32,
    // 1 if the rows were transformed with the exponent +2πi.
    positive: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// exp(−2πi k/length), k in 0..length.
@group(0) @binding(1) var<storage, read> roots: array<pair>;
@group(0) @binding(2) var<storage, read> source: array<pair>;
@group(0) @binding(3) var<storage, read_write> output: array<pair>;

fn root(k: u32) -> complex {
    return c_conj_if(c_of(roots[k]), params.positive == 1u);
}

fn forward(line: u32, k: u32) -> complex {
    if params.block + line >= params.filled {
        return c_zero();
    }
    if params.length % 2u == 1u {
        return c_of(source[line * params.length + k]);
    }
    let half = params.length / 2u;
    // Both ends of the spectrum are the same transform.
    let mirror = select(half - k, 0u, k == 0u || k == half);
    let z = c_of(source[line * half + wrapped_once(k, half)]);
    let mirrored = c_conj(c_of(source[line * half + mirror]));
    let even = c_add(z, mirrored);
    let odd = c_mul(c_turned(c_sub(z, mirrored)), root(k));
    let sum = c_sub(even, odd);
    return complex(r_scale(sum.re, 0.5), r_scale(sum.im, 0.5));
}

// x modulo n, for x < 2n.
fn wrapped_once(x: u32, n: u32) -> u32 {
    return select(x, x - n, x >= n);
}

// The half-plane's value in any column, zero beyond those kept.
fn spectrum(row: u32, k: u32) -> complex {
    if k >= params.keep {
        return c_zero();
    }
    return c_of(source[row * params.keep + k]);
}

// Lines whose transform is Re Σ_k d_k X_k exp(±2πi jk/n), d_k = 1 for k = 0 and n/2, else 2: what the
// half-plane stands for if it is the spectrum of real rows.
fn backward(row: u32, k: u32) -> complex {
    if params.length % 2u == 1u {
        let mirrored = 2u * k > params.length;
        let x = spectrum(row, select(k, params.length - k, mirrored));
        return c_conj_if(x, mirrored);
    }
    let half = params.length / 2u;
    var x = spectrum(row, k);
    var mirrored = c_conj(spectrum(row, half - k));
    if k == 0u {
        // Only the real parts of the first and the last count.
        x = complex(x.re, r_of(0.0));
        mirrored = complex(mirrored.re, r_of(0.0));
    }
    let even = c_add(x, mirrored);
    let odd = c_mul(c_sub(x, mirrored), root(k));
    return c_add(even, c_turned(odd));
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
    let whole = select(params.length / 2u, params.length, params.length % 2u == 1u);
    let width = select(params.keep, whole, params.backward == 1u);
    let blocks = (width + 255u) / 256u;
    let line = number / blocks;
    let k = (number % blocks) * 256u + local;
    if line >= params.block_rows || k >= width {
        return;
    }
    let row = wrapped_once(params.block + line + params.rows - params.first, params.rows);
    if params.backward == 1u {
        output[line * width + k] = c_pair(backward(row, k));
    } else {
        output[row * width + k] = c_pair(forward(line, k));
    }
}
