// Sums of powers over segments: thread k of row `part` adds column k of its `part_segments` segments,
//   sums[part][0][k] += Σ w |X|²
// and with two series a segment, X1 and X2,
//   sums[part][0..4][k] += Σ w1 |X1|², Σ w2 |X2|², Σ w12 Re(X1* X2), Σ w12 Im(X1* X2).
// Weights are [segments][1] or [segments][3]. The sums of a part start anew where `fresh` is 1.

struct Params {
    keep: u32,
    segments: u32,
    series: u32,
    parts: u32,
    part_segments: u32,
    fresh: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> spectra: array<pair>;
@group(0) @binding(2) var<storage, read> weights: array<real>;
@group(0) @binding(3) var<storage, read_write> sums: array<real>;

fn keep_sum(part: u32, output: u32, k: u32, sum: real) {
    let outputs = select(1u, 4u, params.series == 2u);
    let place = (part * outputs + output) * params.keep + k;
    if params.fresh == 1u {
        sums[place] = sum;
    } else {
        sums[place] = r_add(sums[place], sum);
    }
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    let number = group_number(group, groups);
    let blocks = (params.keep + 255u) / 256u;
    let part = number / blocks;
    let k = (number % blocks) * 256u + local;
    if part >= params.parts || k >= params.keep {
        return;
    }
    let first = part * params.part_segments;
    let end = min(first + params.part_segments, params.segments);
    if params.series == 1u {
        var sum = r_of(0.0);
        for (var s = first; s < end; s++) {
            let x = c_of(spectra[s * params.keep + k]);
            sum = r_add(sum, r_mul(weights[s], c_norm2(x)));
        }
        keep_sum(part, 0u, k, sum);
        return;
    }
    var subject = r_of(0.0);
    var other = r_of(0.0);
    var cross = c_zero();
    for (var s = first; s < end; s++) {
        let x1 = c_of(spectra[2u * s * params.keep + k]);
        let x2 = c_of(spectra[(2u * s + 1u) * params.keep + k]);
        subject = r_add(subject, r_mul(weights[3u * s], c_norm2(x1)));
        other = r_add(other, r_mul(weights[3u * s + 1u], c_norm2(x2)));
        let product = c_mul(c_conj(x1), x2);
        cross = c_add(cross, c_times(product, weights[3u * s + 2u]));
    }
    keep_sum(part, 0u, k, subject);
    keep_sum(part, 1u, k, other);
    keep_sum(part, 2u, k, cross.re);
    keep_sum(part, 3u, k, cross.im);
}
