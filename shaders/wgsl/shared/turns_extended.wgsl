// Angles of guarded pairs of f32.

alias baseline = vec4<f32>;
alias coefficient = vec2<f32>;
alias turn = vec2<f32>;

// u·a + v·b in turns.
fn turns_of(uv: baseline, a: coefficient, b: coefficient) -> turn {
    return r_add(r_mul(uv.xy, a), r_mul(uv.zw, b));
}
fn turn_neg(t: turn) -> turn { return -t; }
fn turn_is_negative(t: turn) -> bool { return t.x < 0.0; }

// The same baselines and angles as real numbers: of the longest baseline, and turns.
fn baseline_u(uv: baseline) -> real { return uv.xy; }
fn baseline_v(uv: baseline) -> real { return uv.zw; }
fn turn_real(t: turn) -> real { return t; }

// t · length as a whole number of cells, possibly negative, and a rest.
fn cells_of(t: turn, length: u32) -> floored { return r_floor(times_f32(t, f32(length))); }

// exp(2πit), by the polynomials of fdlibm (Sun Microsystems, 1993) within an eighth of a turn.
fn phase_of(t: turn) -> complex {
    let nearest = r_floor(r_add(t, r_of(0.5)));
    let near = r_sub(nearest.rest, r_of(0.5));
    let quarter = floor(4.0 * near.x + 0.5);
    let x = r_mul(real(6.28318548f, -1.74845553e-07f), r_sub(near, r_of(0.25 * quarter)));
    let z = r_mul(x, x);
    var s = real(1.58969102e-10f, -2.25000075e-18f);
    var c = real(-1.13596476e-11f, 3.9787045e-20f);
    s = r_add(r_mul(z, s), real(-2.50507597e-08f, -5.64568582e-16f));
    c = r_add(r_mul(z, c), real(2.08757234e-09f, -1.59189503e-17f));
    s = r_add(r_mul(z, s), real(2.75573143e-06f, -5.90085164e-14f));
    c = r_add(r_mul(z, c), real(-2.75573143e-07f, -5.4235419e-16f));
    s = r_add(r_mul(z, s), real(-0.000198412701f, 2.83971566e-12f));
    c = r_add(r_mul(z, c), real(2.48015876e-05f, -3.52810175e-13f));
    s = r_add(r_mul(z, s), real(0.00833333377f, -4.34628056e-10f));
    c = r_add(r_mul(z, c), real(-0.00138888892f, 3.36325724e-11f));
    s = r_add(r_mul(z, s), real(-0.166666672f, 4.96705388e-09f));
    c = r_add(r_mul(z, c), real(0.0416666679f, -1.24176347e-09f));
    let sine = r_add(x, r_mul(r_mul(z, x), s));
    let cosine = r_add(r_sub(r_of(1.0), r_scale(z, 0.5)), r_mul(r_mul(z, z), c));
    return turned_by_quarters(complex(cosine, sine), i32(quarter));
}

// √(s² + r²) · length as the nearest integer and a rest in [−1/2, 1/2].
fn radius_of(s: turn, r: turn, length: u32) -> floored {
    let x = times_f32(r_sqrt(r_add(r_mul(s, s), r_mul(r, r))), f32(length));
    let near = r_floor(r_add(x, r_of(0.5)));
    return floored(near.whole, r_sub(near.rest, r_of(0.5)));
}

// A turn in units of 2^-64, of which the highest 48 are kept.
fn turn_of_wide(t: vec2<u32>) -> turn {
    let high = f32(t.y >> 16u) * 1.52587890625e-5;
    let middle = f32(t.y & 0xffffu) * 2.3283064365386963e-10;
    let low = f32(t.x >> 16u) * 3.552713678800501e-15;
    return r_add(two_sum(high, middle), r_of(low));
}
