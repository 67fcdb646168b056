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
    // Lines in all: transforms · length / radix. Lines of a workgroup, a power of two.
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
    // Where shared memory holds a point: line · line_step + point · point_step.
    line_step: u32,
    point_step: u32,
}

// Points of shared memory; the transform goes back and forth between its two halves.
override CAPACITY: u32 = 512;

@group(0) @binding(0) var<uniform> params: Params;
// exp(−2πi k/length), k in 0..length.
@group(0) @binding(1) var<storage, read> roots: array<pair>;
@group(0) @binding(2) var<storage, read> source: array<pair>;
@group(0) @binding(3) var<storage, read_write> output: array<pair>;

var<workgroup> shared_points: array<pair, 2u * CAPACITY>;

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
    return c_conj_if(c_of(roots[k]), params.positive == 1u);
}

// The line of the workgroup that a thread serves, and its first point there; its next ones are
// 256/group_lines apart. Neighbouring threads have neighbours in memory.
fn place(local: u32, along: u32) -> vec2<u32> {
    let threads = 256u / params.group_lines;
    if along == 1u {
        return vec2<u32>(local / threads, local % threads);
    }
    return vec2<u32>(local % params.group_lines, local / params.group_lines);
}

// One stage of a line, from one half of the shared points to the other.
fn stage(at: vec2<u32>, from_half: u32, stage_radix: u32, before: u32) {
    let butterflies = params.radix / stage_radix;
    let step = params.length / (before * stage_radix);
    let from_line = from_half + at.x * params.line_step;
    let to_line = CAPACITY - from_half + at.x * params.line_step;
    let from_step = butterflies * params.point_step;
    let to_step = before * params.point_step;
    for (var b = at.y; b < butterflies; b += 256u / params.group_lines) {
        let inside = b % before;
        let source_at = from_line + b * params.point_step;
        let target_at = to_line + ((b - inside) * stage_radix + inside) * params.point_step;
        // The first stage turns nothing.
        let turn = inside * step;
        if stage_radix == 8u {
            by_eight(source_at, from_step, target_at, to_step, turn, before > 1u);
        } else if stage_radix == 4u {
            let x = four(source_at, from_step, turn, before > 1u);
            store_four(x, target_at, to_step);
        } else if stage_radix == 2u {
            by_two(source_at, from_step, target_at, to_step, turn, before > 1u);
        } else {
            by_odd(source_at, from_step, target_at, to_step, turn, stage_radix);
        }
    }
}

fn loaded(at: u32, turn: u32, turned: bool) -> complex {
    let x = c_of(shared_points[at]);
    if turned {
        return c_mul(x, root(turn));
    }
    return x;
}

fn by_two(source_at: u32, from_step: u32, target_at: u32, to_step: u32, turn: u32, turned: bool) {
    let x = c_of(shared_points[source_at]);
    let y = loaded(source_at + from_step, turn, turned);
    shared_points[target_at] = c_pair(c_add(x, y));
    shared_points[target_at + to_step] = c_pair(c_sub(x, y));
}

struct Four { a: complex, b: complex, c: complex, d: complex }

// Transform of four points, each but the first turned by its multiple of `turn`.
fn four(source_at: u32, from_step: u32, turn: u32, turned: bool) -> Four {
    return transform_four(
        c_of(shared_points[source_at]),
        loaded(source_at + from_step, turn, turned),
        loaded(source_at + 2u * from_step, 2u * turn, turned),
        loaded(source_at + 3u * from_step, 3u * turn, turned),
    );
}

fn transform_four(x: complex, y: complex, z: complex, w: complex) -> Four {
    let a = c_add(x, z);
    let b = c_sub(x, z);
    let c = c_add(y, w);
    // −i(y − w), or +i for the other sign.
    let d = c_signed_turn(c_sub(y, w));
    return Four(c_add(a, c), c_add(b, d), c_sub(a, c), c_sub(b, d));
}

fn store_four(x: Four, target_at: u32, to_step: u32) {
    shared_points[target_at] = c_pair(x.a);
    shared_points[target_at + to_step] = c_pair(x.b);
    shared_points[target_at + 2u * to_step] = c_pair(x.c);
    shared_points[target_at + 3u * to_step] = c_pair(x.d);
}

// Transform of eight points from those of the even and of the odd ones.
fn by_eight(source_at: u32, from_step: u32, target_at: u32, to_step: u32, turn: u32, turned: bool) {
    let even = four(source_at, 2u * from_step, 2u * turn, turned);
    let odd = transform_four(
        loaded(source_at + from_step, turn, turned),
        loaded(source_at + 3u * from_step, 3u * turn, turned),
        loaded(source_at + 5u * from_step, 5u * turn, turned),
        loaded(source_at + 7u * from_step, 7u * turn, turned),
    );
    // exp(∓2πi/8), times itself, and cubed.
    let eighth = root(params.length / 8u);
    let b = c_mul(odd.b, eighth);
    let c = c_signed_turn(odd.c);
    let d = c_signed_turn(c_mul(odd.d, eighth));
    store_four(
        Four(c_add(even.a, odd.a), c_add(even.b, b), c_add(even.c, c), c_add(even.d, d)),
        target_at,
        to_step,
    );
    store_four(
        Four(c_sub(even.a, odd.a), c_sub(even.b, b), c_sub(even.c, c), c_sub(even.d, d)),
        target_at + 4u * to_step,
        to_step,
    );
}

fn c_signed_turn(a: complex) -> complex {
    if params.positive == 1u {
        return c_turned(a);
    }
    return complex(a.im, r_neg(a.re));
}

// A transform of p = 3, 5 or 7 points:
// X_k = v_0 + Σ_j cos(2πjk/p) (v_j + v_{p−j}) ∓ i sin(2πjk/p) (v_j − v_{p−j}).
fn by_odd(source_at: u32, from_step: u32, target_at: u32, to_step: u32, turn: u32, p: u32) {
    let half = (p - 1u) / 2u;
    let step = params.length / p;
    var v: array<complex, 7>;
    v[0] = c_of(shared_points[source_at]);
    var sum = v[0];
    for (var j = 1u; j < p; j++) {
        v[j] = loaded(source_at + j * from_step, j * turn, true);
        sum = c_add(sum, v[j]);
    }
    shared_points[target_at] = c_pair(sum);
    for (var k = 1u; k <= half; k++) {
        var even = v[0];
        var odd = c_zero();
        for (var j = 1u; j <= half; j++) {
            let w = c_of(roots[((j * k) % p) * step]);
            even = c_add(even, c_times(c_add(v[j], v[p - j]), w.re));
            // w.im is that of the negative sign.
            odd = c_add(odd, c_times(c_sub(v[p - j], v[j]), w.im));
        }
        let turned = c_signed_turn(odd);
        shared_points[target_at + k * to_step] = c_pair(c_add(even, turned));
        shared_points[target_at + (p - k) * to_step] = c_pair(c_sub(even, turned));
    }
}

// A point on its way in, turned if this is not the first pass.
fn turned_in(x: pair, turn: u32) -> pair {
    if params.done == 1u {
        return x;
    }
    return c_pair(c_mul(c_of(x), root(turn)));
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    let first_line = group_number(group, groups) * params.group_lines;
    let butterflies = params.length / params.radix;
    let threads = 256u / params.group_lines;
    let at = place(local, params.read_along);
    let line = line_of(min(first_line + at.x, params.lines - 1u));
    let turn = (line.butterfly % params.done) * (butterflies / params.done);
    // Four at a time, so that four loads are under way; a point past the last is the last again.
    let last = params.radix - 1u;
    for (var p = at.y; p < params.radix; p += 4u * threads) {
        let p1 = min(p + threads, last);
        let p2 = min(p + 2u * threads, last);
        let p3 = min(p + 3u * threads, last);
        let x0 = source[line.base + (line.butterfly + p * butterflies) * params.element_stride];
        let x1 = source[line.base + (line.butterfly + p1 * butterflies) * params.element_stride];
        let x2 = source[line.base + (line.butterfly + p2 * butterflies) * params.element_stride];
        let x3 = source[line.base + (line.butterfly + p3 * butterflies) * params.element_stride];
        let base = at.x * params.line_step;
        shared_points[base + p * params.point_step] = turned_in(x0, turn * p);
        shared_points[base + p1 * params.point_step] = turned_in(x1, turn * p1);
        shared_points[base + p2 * params.point_step] = turned_in(x2, turn * p2);
        shared_points[base + p3 * params.point_step] = turned_in(x3, turn * p3);
    }
    workgroupBarrier();
    var half = 0u;
    var before = 1u;
    for (var stages = params.stages; stages != 0u; stages = stages >> 4u) {
        let stage_radix = stages & 15u;
        stage(at, half, stage_radix, before);
        before *= stage_radix;
        half = CAPACITY - half;
        workgroupBarrier();
    }
    let to = place(local, params.write_along);
    let number = first_line + to.x;
    if number >= params.lines {
        return;
    }
    let written = line_of(number);
    let b = written.butterfly;
    let first = (b / params.done) * params.done * params.radix + b % params.done;
    for (var p = to.y; p < params.radix; p += threads) {
        output[written.base + (first + p * params.done) * params.element_stride] =
            shared_points[half + to.x * params.line_step + p * params.point_step];
    }
}
