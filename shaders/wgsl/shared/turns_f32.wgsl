// Angles as fixed-point integers in units of 2^-32 turns: exact where f32 would lose whole turns.
//
// Baselines are integers in units of 2^-31 of the longest one. A coefficient, the turns that the
// longest baseline makes, is (whole turns, fraction in units of 2^-32), both as two's complement.

alias baseline = vec2<i32>;
alias coefficient = vec2<i32>;
alias turn = u32;

fn one_product(x: i32, c: coefficient) -> u32 {
    let magnitude = bitcast<u32>(abs(x));
    let wide = mul_wide(magnitude, bitcast<u32>(c.y));
    // Units of 2^-63 become 2^-32; whole turns of whole baselines are dropped by wrapping.
    let part = ((wide.y << 1u) | (wide.x >> 31u)) + ((wide.x >> 30u) & 1u);
    let fraction = select(part, ~part + 1u, x < 0);
    return fraction + ((bitcast<u32>(x) * bitcast<u32>(c.x)) << 1u);
}

// u·a + v·b in turns.
fn turns_of(uv: baseline, a: coefficient, b: coefficient) -> turn {
    return one_product(uv.x, a) + one_product(uv.y, b);
}
fn turn_neg(t: turn) -> turn { return ~t + 1u; }
fn turn_is_negative(t: turn) -> bool { return bitcast<i32>(t) < 0; }

// The same baselines and angles as real numbers: of the longest baseline, and turns in [−1/2, 1/2).
fn baseline_u(uv: baseline) -> real { return f32(uv.x) * 4.656612873077393e-10; }
fn baseline_v(uv: baseline) -> real { return f32(uv.y) * 4.656612873077393e-10; }
fn turn_real(t: turn) -> real { return f32(bitcast<i32>(t)) * 2.3283064365386963e-10; }

// t · length as a whole number of cells in 0..length, and a rest.
fn cells_of(t: turn, length: u32) -> floored {
    let wide = mul_wide(t, length);
    return floored(bitcast<i32>(wide.y), f32(wide.x) * 2.3283064365386963e-10);
}

// exp(2πit): polynomials of Cephes (Moshier 1989) within an eighth of a turn.
fn phase_of(t: turn) -> complex {
    let quarter = (t + 0x20000000u) >> 30u;
    let near = bitcast<i32>(t - (quarter << 30u));
    let x = f32(near) * 1.4629180792671596e-9;
    let z = x * x;
    let sine = x + z * x * (-1.6666654611e-1 + z * (8.3321608736e-3 - z * 1.9515295891e-4));
    let c = 4.166664568298827e-2 + z * (-1.388731625493765e-3 + z * 2.443315711809948e-5);
    let cosine = (1.0 - 0.5 * z) + z * z * c;
    return turned_by_quarters(complex(cosine, sine), bitcast<i32>(quarter));
}

// √(s² + r²) · length as the nearest integer and a rest in [−1/2, 1/2]: an f32 root, and what it
// lacks from the difference of exact squares.
fn radius_of(s: turn, r: turn, length: u32) -> floored {
    let a = bitcast<u32>(abs(bitcast<i32>(s)));
    let b = bitcast<u32>(abs(bitcast<i32>(r)));
    let square = add_wide(mul_wide(a, a), mul_wide(b, b));
    let guess = u32(min(sqrt(f32(square.y) * 4294967296.0 + f32(square.x)), 4294967040.0));
    var lack = add_wide(square, neg_wide(mul_wide(guess, guess)));
    let below = bitcast<i32>(lack.y) < 0;
    if below {
        lack = neg_wide(lack);
    }
    let size = f32(lack.y) * 4294967296.0 + f32(lack.x);
    let correction = select(1.0, -1.0, below) * size / (2.0 * max(f32(guess), 1.0));
    let whole_correction = floor(correction);
    let fixed = guess + bitcast<u32>(i32(whole_correction));
    let cell = mul_wide(fixed, length);
    let scale = 2.3283064365386963e-10;
    var whole = bitcast<i32>(cell.y);
    // Rounded to the nearest: the upper half belongs to the next integer.
    let upper = cell.x >= 0x80000000u;
    whole += select(0, 1, upper);
    let rest = f32(bitcast<i32>(cell.x)) * scale + (correction - whole_correction) * f32(length) * scale;
    return floored(whole, rest);
}

// A turn in units of 2^-64.
fn turn_of_wide(t: vec2<u32>) -> turn { return t.y + (t.x >> 31u); }
