// Real numbers as the unevaluated sum of two f32: 48 bits of fraction, the range of f32.
//
// WGSL lets a compiler reassociate sums, which destroys the error terms. Every intermediate
// therefore passes through an exclusive or with a zero that no compiler can know: one less than the
// number of workgroups along z, of which there is always one. (A uniform will not do: drivers put
// uniforms into the code as constants where a branch depends on one, Mesa's lavapipe for example.)
// Algorithms: Dekker 1971; Joldes, Muller & Popescu 2017, ACM TOMS 44, 15.

alias real = vec2<f32>;

var<private> guard_zero: u32;

// To be called first in every kernel, with that zero.
fn guard_with(zero: u32) { guard_zero = zero; }

fn guarded(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ guard_zero); }

fn two_sum(x: f32, y: f32) -> real {
    let s = guarded(x + y);
    let b = guarded(s - x);
    return real(s, guarded(guarded(x - guarded(s - b)) + guarded(y - b)));
}

// For |x| >= |y|.
fn quick_two_sum(x: f32, y: f32) -> real {
    let s = guarded(x + y);
    return real(s, guarded(y - guarded(s - x)));
}

// Two halves of 12 bits each, by mask: no product of halves rounds.
fn halves(x: f32) -> real {
    let high = bitcast<f32>(bitcast<u32>(x) & 0xfffff000u);
    return real(high, guarded(x - high));
}

fn two_product(x: f32, y: f32) -> real {
    let p = guarded(x * y);
    let s = halves(x);
    let t = halves(y);
    let first = guarded(guarded(s.x * t.x) - p);
    let second = guarded(guarded(first + guarded(s.x * t.y)) + guarded(s.y * t.x));
    return real(p, guarded(second + guarded(s.y * t.y)));
}

// Two numbers as memory holds them: one access instead of two.
alias pair = vec4<f32>;

fn pair_of(a: real, b: real) -> pair { return pair(a, b); }
fn first_of(p: pair) -> real { return p.xy; }
fn second_of(p: pair) -> real { return p.zw; }

fn r_of(x: f32) -> real { return real(x, 0.0); }
fn r_f32(a: real) -> f32 { return a.x; }

fn r_add(a: real, b: real) -> real {
    let s = two_sum(a.x, b.x);
    let t = two_sum(a.y, b.y);
    let v = quick_two_sum(s.x, guarded(s.y + t.x));
    return quick_two_sum(v.x, guarded(t.y + v.y));
}

fn r_neg(a: real) -> real { return -a; }
fn r_sub(a: real, b: real) -> real { return r_add(a, -b); }

fn r_mul(a: real, b: real) -> real {
    let p = two_product(a.x, b.x);
    let cross = guarded(guarded(a.x * b.y) + guarded(a.y * b.x));
    return quick_two_sum(p.x, guarded(p.y + cross));
}

fn times_f32(a: real, b: f32) -> real {
    let p = two_product(a.x, b);
    return quick_two_sum(p.x, guarded(p.y + guarded(a.y * b)));
}

fn r_div(a: real, b: real) -> real {
    let first = guarded(a.x / b.x);
    let rest = r_sub(a, times_f32(b, first));
    let second = guarded(rest.x / b.x);
    let last = r_sub(rest, times_f32(b, second));
    return r_add(quick_two_sum(first, second), r_of(guarded(last.x / b.x)));
}

// Karp & Markstein 1997, ACM TOMS 23, 561.
fn r_sqrt(a: real) -> real {
    if !(a.x > 0.0) {
        return real(0.0, 0.0);
    }
    let inverse = guarded(1.0 / guarded(sqrt(a.x)));
    let root = guarded(a.x * inverse);
    let rest = r_sub(a, two_product(root, root));
    let once = quick_two_sum(root, guarded(guarded(rest.x * inverse) * 0.5));
    // One f32 step reaches 2^-45; the second removes what the f32 root left.
    let left = r_sub(a, r_mul(once, once));
    return r_add(once, r_of(guarded(guarded(left.x * inverse) * 0.5)));
}

fn r_less(a: real, b: real) -> bool { return a.x < b.x || (a.x == b.x && a.y < b.y); }

// a times a power of two.
fn r_scale(a: real, power: f32) -> real { return a * power; }

struct floored { whole: i32, rest: real }

// The integer below, and the rest in [0, 1); for |a| < 2^24.
fn r_floor(a: real) -> floored {
    let below = floor(a.x);
    var whole = i32(below);
    // For a small negative number the integer is -1, and the rest needs both words.
    var rest = r_add(two_sum(a.x, -below), r_of(a.y));
    if rest.x < 0.0 {
        whole -= 1;
        rest = r_add(rest, r_of(1.0));
    } else if rest.x >= 1.0 {
        whole += 1;
        rest = r_sub(rest, r_of(1.0));
    }
    return floored(whole, rest);
}
