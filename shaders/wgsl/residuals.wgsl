// What each point adds to χ² = Σ w|V − D|² and to its derivatives, from the half-plane of an image or from
// a radial table (rules 2 and 3 of sample_plane, which says where points lie).
//
// V = P F(s, r) with the phase P of the offset. Written are c = 2 w (V − D)* P of each point, by which
// dχ² = Re Σ c dF, and seven sums over each workgroup, with u and v in units of the longest baseline:
//   w|V − D|²,  −Im(c F) u,  −Im(c F) v,
// then for a kernel, t its place between two nodes,
//   Re(c ∂F/∂t_s) u,  Re(c ∂F/∂t_s) v,  Re(c ∂F/∂t_r) u,  Re(c ∂F/∂t_r) v,
// and for a table, F = a H(x), q = √(s² + r²), x in intervals,
//   Re(c) H,  Re(c) H′ s²/q,  Re(c) H′ s r/q,  0.

struct Params {
    // Points of this dispatch.
    count: u32,
    rows: u32,
    length: u32,
    keep: u32,
    rule: u32,
    width: u32,
    degree: u32,
    // 1 if there is an offset.
    shifted: u32,
    // The first workgroup's number among all.
    first_group: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> baselines: array<baseline>;
@group(0) @binding(2) var<storage, read> coefficients: array<coefficient>;
@group(0) @binding(3) var<storage, read> plane: array<pair>;
// Polynomials of the kernel and of its slope, or the radial table and a.
@group(0) @binding(4) var<storage, read> taps: array<real>;
// Real and imaginary part and weight of each point.
@group(0) @binding(5) var<storage, read> data: array<real>;
@group(0) @binding(6) var<storage, read_write> values: array<pair>;
@group(0) @binding(7) var<storage, read_write> sums: array<real>;

// F, and its derivatives along columns and rows, or for a table in the real parts H, H′ s²/q and H′ s r/q.
struct Sloped { value: complex, first: complex, second: complex, third: complex }

fn by_kernel(row: floored, column: floored) -> Sloped {
    let width = params.width;
    let down = footprint(row, width);
    let along = footprint(column, width);
    var column_taps: array<real, 24>;
    var column_slopes: array<real, 24>;
    for (var j = 0u; j < width; j++) {
        column_taps[j] = tap_value(j, width, params.degree, along.t);
        column_slopes[j] = tap_slope(j, width, params.degree, along.t);
    }
    var value = c_zero();
    var by_column = c_zero();
    var by_row = c_zero();
    // Along rows inside: neighbours in memory one after the other.
    for (var i = 0u; i < width; i++) {
        let row = wrapped(down.first + bitcast<i32>(i), params.rows);
        var inner = c_zero();
        var sloped = c_zero();
        for (var j = 0u; j < width; j++) {
            let y = node(row, along.first + bitcast<i32>(j));
            inner = c_add(inner, c_times(y, column_taps[j]));
            sloped = c_add(sloped, c_times(y, column_slopes[j]));
        }
        let tap = tap_value(i, width, params.degree, down.t);
        value = c_add(value, c_times(inner, tap));
        by_column = c_add(by_column, c_times(sloped, tap));
        by_row = c_add(by_row, c_times(inner, tap_slope(i, width, params.degree, down.t)));
    }
    return Sloped(value, by_column, by_row, c_zero());
}

fn by_radial_table(s: turn, r: turn) -> Sloped {
    let at = radius_of(s, r, params.length);
    let first = 8u * bitcast<u32>(at.whole);
    var value = taps[first + 7u];
    var slope = r_of(0.0);
    for (var power = 7u; power > 0u; power--) {
        slope = r_add(r_mul(slope, at.rest), value);
        value = r_add(r_mul(value, at.rest), taps[first + power - 1u]);
    }
    let x = turn_real(s);
    let y = turn_real(r);
    let q = r_sqrt(r_add(r_mul(x, x), r_mul(y, y)));
    var along = r_of(0.0);
    if r_less(r_of(0.0), q) {
        along = r_div(r_mul(slope, x), q);
    }
    let scaled = r_mul(value, taps[8u * params.rows]);
    let none = r_of(0.0);
    return Sloped(
        complex(scaled, none),
        complex(value, none),
        complex(r_mul(along, x), none),
        complex(r_mul(along, y), none),
    );
}

// Re(a b)
fn real_product(a: complex, b: complex) -> real { return r_sub(r_mul(a.re, b.re), r_mul(a.im, b.im)); }

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    let number = group_number(group, groups);
    let k = number * 256u + local;
    var terms: array<real, 7>;
    for (var i = 0u; i < 7u; i++) {
        terms[i] = r_of(0.0);
    }
    if k < params.count {
        let uv = baselines[k];
        var s = turns_of(uv, coefficients[0], coefficients[1]);
        var r = turns_of(uv, coefficients[2], coefficients[3]);
        let folded = turn_is_negative(s);
        if folded {
            s = turn_neg(s);
            r = turn_neg(r);
        }
        var f: Sloped;
        if params.rule == 3u {
            f = by_radial_table(s, r);
        } else {
            f = by_kernel(cells_of(r, params.rows), cells_of(s, params.length));
            if folded {
                // F(−s, −r) = F*(s, r).
                f.value = c_conj(f.value);
                f.first = c_neg(c_conj(f.first));
                f.second = c_neg(c_conj(f.second));
            }
        }
        var phase = complex(r_of(1.0), r_of(0.0));
        if params.shifted == 1u {
            phase = phase_of(turns_of(uv, coefficients[4], coefficients[5]));
        }
        let value = c_mul(f.value, phase);
        let weight = data[3u * k + 2u];
        let rest = complex(r_sub(value.re, data[3u * k]), r_sub(value.im, data[3u * k + 1u]));
        let c = c_mul(c_times(c_conj(rest), r_scale(weight, 2.0)), phase);
        values[k] = c_pair(c);
        let u = baseline_u(uv);
        let v = baseline_v(uv);
        let turning = r_neg(r_add(r_mul(c.re, f.value.im), r_mul(c.im, f.value.re)));
        terms[0] = r_mul(weight, c_norm2(rest));
        terms[1] = r_mul(turning, u);
        terms[2] = r_mul(turning, v);
        if params.rule == 3u {
            terms[3] = r_mul(c.re, f.first.re);
            terms[4] = r_mul(c.re, f.second.re);
            terms[5] = r_mul(c.re, f.third.re);
        } else {
            let along = real_product(c, f.first);
            let down = real_product(c, f.second);
            terms[3] = r_mul(along, u);
            terms[4] = r_mul(along, v);
            terms[5] = r_mul(down, u);
            terms[6] = r_mul(down, v);
        }
    }
    for (var i = 0u; i < 7u; i++) {
        let total = group_sum(local, terms[i]);
        if local == 0u && number * 256u < params.count {
            sums[7u * (params.first_group + number) + i] = total;
        }
    }
}
