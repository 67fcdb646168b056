// Angles of a native f64: turns as they are.

alias baseline = vec2<f64>;
alias coefficient = f64;
alias turn = f64;

// u·a + v·b in turns.
fn turns_of(uv: baseline, a: coefficient, b: coefficient) -> turn { return uv.x * a + uv.y * b; }
fn turn_neg(t: turn) -> turn { return -t; }
fn turn_is_negative(t: turn) -> bool { return t < 0.0lf; }

// The same baselines and angles as real numbers: of the longest baseline, and turns.
fn baseline_u(uv: baseline) -> real { return uv.x; }
fn baseline_v(uv: baseline) -> real { return uv.y; }
fn turn_real(t: turn) -> real { return t; }

// t · length as a whole number of cells, possibly negative, and a rest.
fn cells_of(t: turn, length: u32) -> floored { return r_floor(t * f64(length)); }

// exp(2πit), by the polynomials of fdlibm (Sun Microsystems, 1993) within an eighth of a turn.
fn phase_of(t: turn) -> complex {
    let near = t - floor(t + 0.5lf);
    let quarter = floor(4.0lf * near + 0.5lf);
    let x = 6.283185307179586lf * (near - 0.25lf * quarter);
    let z = x * x;
    var s = 1.58969099521155e-10lf;
    var c = -1.1359647557788195e-11lf;
    s = z * s + -2.5050760253406863e-08lf;
    c = z * c + 2.087572321298175e-09lf;
    s = z * s + 2.7557313707070068e-06lf;
    c = z * c + -2.7557314351390663e-07lf;
    s = z * s + -0.0001984126982985795lf;
    c = z * c + 2.480158728947673e-05lf;
    s = z * s + 0.00833333333332249lf;
    c = z * c + -0.001388888888887411lf;
    s = z * s + -0.16666666666666632lf;
    c = z * c + 0.0416666666666666lf;
    let sine = x + z * x * s;
    let cosine = (1.0lf - 0.5lf * z) + z * z * c;
    return turned_by_quarters(complex(cosine, sine), i32(quarter));
}

// √(s² + r²) · length as the nearest integer and a rest in [−1/2, 1/2].
fn radius_of(s: turn, r: turn, length: u32) -> floored {
    let near = r_floor(r_add(r_mul(r_sqrt(s * s + r * r), f64(length)), 0.5lf));
    return floored(near.whole, near.rest - 0.5lf);
}

// A turn in units of 2^-64.
fn turn_of_wide(t: vec2<u32>) -> turn {
    return (f64(t.y) + f64(t.x) * 2.3283064365386962890625e-10lf) * 2.3283064365386962890625e-10lf;
}
