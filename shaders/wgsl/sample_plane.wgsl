// Values of a spectrum at points of the plane, from its half-plane or from a radial table; then the
// phase of an offset; then either the values, or the weighted square of their distance from data,
// summed over the workgroup.
//
// Point (u, v) lies at s = u·c0 + v·c1 turns a column and r = u·c2 + v·c3 turns a row; its phase is
// exp(2πi(u·c4 + v·c5)). A real image has F(−r, −s) = F*(r, s): points are folded to s ≥ 0.
//
// Rules: 0, the mean of four nodes; 1, the mean of their moduli with the phase of that mean; 2, a
// kernel of width × width nodes; 3, the radial table: a polynomial of degree 7 on each unit of
// √(s² + r²)·length, times numbers[3·model].

struct Params {
    // Points of this dispatch.
    count: u32,
    rows: u32,
    length: u32,
    keep: u32,
    rule: u32,
    width: u32,
    degree: u32,
    // Which of a batch of models.
    model: u32,
    // 1 if there is an offset.
    shifted: u32,
    // 1: sums over workgroups, 0: values.
    compared: u32,
    // Where the first result goes.
    first_result: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> baselines: array<baseline>;
@group(0) @binding(2) var<storage, read> coefficients: array<coefficient>;
@group(0) @binding(3) var<storage, read> plane: array<pair>;
// Polynomials of the kernel, or the radial table.
@group(0) @binding(4) var<storage, read> taps: array<real>;
// Real and imaginary part and weight of each point.
@group(0) @binding(5) var<storage, read> data: array<real>;
@group(0) @binding(6) var<storage, read_write> results: array<real>;

fn by_four_nodes(row: floored, column: floored) -> complex {
    let i = wrapped(row.whole, params.rows);
    let next = wrapped(row.whole + 1, params.rows);
    let t = row.rest;
    let q = column.rest;
    let one = r_of(1.0);
    let y0 = node(i, column.whole);
    let y1 = node(next, column.whole);
    let y2 = node(next, column.whole + 1);
    let y3 = node(i, column.whole + 1);
    let w0 = r_mul(r_sub(one, t), r_sub(one, q));
    let w1 = r_mul(t, r_sub(one, q));
    let w2 = r_mul(t, q);
    let w3 = r_mul(r_sub(one, t), q);
    let mean = c_add(c_add(c_times(y0, w0), c_times(y1, w1)), c_add(c_times(y2, w2), c_times(y3, w3)));
    if params.rule == 0u {
        return mean;
    }
    let amplitude = r_add(
        r_add(r_mul(r_sqrt(c_norm2(y0)), w0), r_mul(r_sqrt(c_norm2(y1)), w1)),
        r_add(r_mul(r_sqrt(c_norm2(y2)), w2), r_mul(r_sqrt(c_norm2(y3)), w3)),
    );
    let modulus = r_sqrt(c_norm2(mean));
    if !r_less(r_of(0.0), modulus) {
        return complex(amplitude, r_of(0.0));
    }
    return c_times(mean, r_div(amplitude, modulus));
}

fn by_kernel(row: floored, column: floored) -> complex {
    let width = params.width;
    let down = footprint(row, width);
    let along = footprint(column, width);
    var column_taps: array<real, 24>;
    for (var j = 0u; j < width; j++) {
        column_taps[j] = tap_value(j, width, params.degree, along.t);
    }
    var sum = c_zero();
    // Along rows inside: neighbours in memory one after the other.
    for (var i = 0u; i < width; i++) {
        let row = wrapped(down.first + bitcast<i32>(i), params.rows);
        var inner = c_zero();
        for (var j = 0u; j < width; j++) {
            inner = c_add(inner, c_times(node(row, along.first + bitcast<i32>(j)), column_taps[j]));
        }
        sum = c_add(sum, c_times(inner, tap_value(i, width, params.degree, down.t)));
    }
    return sum;
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(groups.z - 1u);
    let number = group_number(group, groups);
    let k = number * 256u + local;
    var distance = r_of(0.0);
    if k < params.count {
        let uv = baselines[k];
        let first = 6u * params.model;
        var s = turns_of(uv, coefficients[first], coefficients[first + 1u]);
        var r = turns_of(uv, coefficients[first + 2u], coefficients[first + 3u]);
        let folded = turn_is_negative(s);
        if folded {
            s = turn_neg(s);
            r = turn_neg(r);
        }
        var value: complex;
        if params.rule == 3u {
            value = by_radial_table(s, r);
        } else {
            let row = cells_of(r, params.rows);
            let column = cells_of(s, params.length);
            if params.rule == 2u {
                value = by_kernel(row, column);
            } else {
                value = by_four_nodes(row, column);
            }
        }
        value = c_conj_if(value, folded);
        if params.shifted == 1u {
            value = c_mul(value, phase_of(turns_of(uv, coefficients[first + 4u], coefficients[first + 5u])));
        }
        if params.compared == 1u {
            let re = r_sub(value.re, data[3u * k]);
            let im = r_sub(value.im, data[3u * k + 1u]);
            distance = r_mul(data[3u * k + 2u], r_add(r_mul(re, re), r_mul(im, im)));
        } else {
            results[2u * (params.first_result + k)] = value.re;
            results[2u * (params.first_result + k) + 1u] = value.im;
        }
    }
    if params.compared == 1u {
        let total = group_sum(local, distance);
        if local == 0u && number * 256u < params.count {
            results[params.first_result + number] = total;
        }
    }
}

fn by_radial_table(s: turn, r: turn) -> complex {
    let at = radius_of(s, r, params.length);
    let first = 8u * (params.model * params.rows + bitcast<u32>(at.whole));
    var sum = taps[first + 7u];
    for (var power = 7u; power > 0u; power--) {
        sum = r_add(r_mul(sum, at.rest), taps[first + power - 1u]);
    }
    return complex(sum, r_of(0.0));
}
