// One pass of Stockham's transform (Cochran & al. 1967): lines of `radix` points that lie
// length/radix apart are transformed in shared memory and stored in sorted order. A length that fits
// is one pass; a longer one takes several, and is in natural order after the last.
//
// Transform t = (inner, outer) has its element e at inner·inner_stride + outer·outer_stride +
// e·element_stride of `source`, and of `output` with the strides of the output.

struct Params {
    // Points of the transform, and of a line of this pass.
    length: u32,
    radix: u32,
    // Product of the radices of earlier passes.
    done: u32,
    // Lines in all: transforms · length / radix. Lines of a workgroup.
    lines: u32,
    group_lines: u32,
    // Transforms side by side.
    inner: u32,
    element_stride: u32,
    inner_stride: u32,
    outer_stride: u32,
    // The radix of each stage, four bits each, the first lowest.
    stages: u32,
    // 1 for the exponent +2πi.
    positive: u32,
    // 1 where the points of a line are neighbours in memory, for reading and for writing.
    read_along: u32,
    write_along: u32,
}

override CAPACITY: u32 = 512;

@group(0) @binding(0) var<uniform> params: Params;
// exp(−2πi k/length), k in 0..length.
@group(0) @binding(1) var<storage, read> roots: array<complex>;
@group(0) @binding(2) var<storage, read> source: array<complex>;
@group(0) @binding(3) var<storage, read_write> output: array<complex>;

var<workgroup> shared_points: array<complex, 2u * CAPACITY>;

struct Line { base: u32, butterfly: u32 }

fn line_of(number: u32) -> Line {
    let butterflies = params.length / params.radix;
    let inner = number % params.inner;
    let rest = number / params.inner;
    return Line(
        inner * params.inner_stride + (rest / butterflies) * params.outer_stride,
        rest % butterflies,
    );
}

fn root(k: u32) -> complex {
    return c_conj_if(roots[k], params.positive == 1u);
}

// The line and the point of an element of the workgroup.
fn place(i: u32, along: u32) -> vec2<u32> {
    if along == 1u {
        return vec2<u32>(i / params.radix, i % params.radix);
    }
    return vec2<u32>(i % params.group_lines, i / params.group_lines);
}

// One stage over all lines of the workgroup: from one half of the shared points to the other.
fn stage(local: u32, from_half: u32, stage_radix: u32, before: u32) {
    let to_half = CAPACITY - from_half;
    let butterflies = params.radix / stage_radix;
    let step = params.length / (before * stage_radix);
    for (var i = local; i < params.group_lines * butterflies; i += 256u) {
        let line = i / butterflies;
        let b = i % butterflies;
        let inside = b % before;
        let from_base = from_half + line * params.radix + b;
        let to_base = to_half + line * params.radix + (b / before) * before * stage_radix + inside;
        var v: array<complex, 7>;
        for (var r = 0u; r < stage_radix; r++) {
            let x = shared_points[from_base + r * butterflies];
            if inside == 0u || r == 0u {
                v[r] = x;
            } else {
                v[r] = c_mul(x, root(inside * r * step));
            }
        }
        if stage_radix == 2u {
            shared_points[to_base] = c_add(v[0], v[1]);
            shared_points[to_base + before] = c_sub(v[0], v[1]);
        } else if stage_radix == 4u {
            let a = c_add(v[0], v[2]);
            let c = c_sub(v[0], v[2]);
            let d = c_add(v[1], v[3]);
            // −i(v1 − v3), or +i for the other sign.
            let turned = c_conj_turn(c_sub(v[1], v[3]));
            shared_points[to_base] = c_add(a, d);
            shared_points[to_base + before] = c_add(c, turned);
            shared_points[to_base + 2u * before] = c_sub(a, d);
            shared_points[to_base + 3u * before] = c_sub(c, turned);
        } else {
            odd_butterfly(&v, stage_radix, to_base, before);
        }
    }
}

fn c_conj_turn(a: complex) -> complex {
    if params.positive == 1u {
        return c_turned(a);
    }
    return complex(a.im, r_neg(a.re));
}

// A transform of 3, 5 or 7 points: X_k = v_0 + Σ_j cos(2πjk/p) (v_j + v_{p−j}) ∓ i sin(2πjk/p) (v_j − v_{p−j}).
fn odd_butterfly(v: ptr<function, array<complex, 7>>, p: u32, to_base: u32, before: u32) {
    let half = (p - 1u) / 2u;
    let step = params.length / p;
    var sum = (*v)[0];
    for (var j = 1u; j < p; j++) {
        sum = c_add(sum, (*v)[j]);
    }
    shared_points[to_base] = sum;
    for (var k = 1u; k <= half; k++) {
        var even = (*v)[0];
        var odd = c_zero();
        for (var j = 1u; j <= half; j++) {
            let w = roots[((j * k) % p) * step];
            even = c_add(even, c_times(c_add((*v)[j], (*v)[p - j]), w.re));
            odd = c_add(odd, c_times(c_sub((*v)[j], (*v)[p - j]), w.im));
        }
        // w.im is that of the negative sign.
        let turned = c_conj_if_turned(odd);
        shared_points[to_base + k * before] = c_add(even, turned);
        shared_points[to_base + (p - k) * before] = c_sub(even, turned);
    }
}

fn c_conj_if_turned(a: complex) -> complex {
    let turned = c_turned(a);
    if params.positive == 1u {
        return complex(r_neg(turned.re), r_neg(turned.im));
    }
    return turned;
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    let first_line = group_number(group, groups) * params.group_lines;
    let points = params.group_lines * params.radix;
    let butterflies = params.length / params.radix;
    let step = butterflies / params.done;
    for (var i = local; i < points; i += 256u) {
        let at = place(i, params.read_along);
        let number = first_line + at.x;
        var x = c_zero();
        if number < params.lines {
            let line = line_of(number);
            x = source[line.base + (line.butterfly + at.y * butterflies) * params.element_stride];
            let inside = line.butterfly % params.done;
            if inside != 0u && at.y != 0u {
                x = c_mul(x, root(inside * at.y * step));
            }
        }
        shared_points[at.x * params.radix + at.y] = x;
    }
    workgroupBarrier();
    var half = 0u;
    var before = 1u;
    for (var stages = params.stages; stages != 0u; stages = stages >> 4u) {
        let stage_radix = stages & 15u;
        stage(local, half, stage_radix, before);
        before *= stage_radix;
        half = CAPACITY - half;
        workgroupBarrier();
    }
    for (var i = local; i < points; i += 256u) {
        let at = place(i, params.write_along);
        let number = first_line + at.x;
        if number < params.lines {
            let line = line_of(number);
            let b = line.butterfly;
            let e = (b / params.done) * params.done * params.radix + b % params.done + at.y * params.done;
            output[line.base + e * params.element_stride] = shared_points[half + at.x * params.radix + at.y];
        }
    }
}
