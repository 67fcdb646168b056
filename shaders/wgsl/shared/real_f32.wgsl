// Real numbers as one f32.

alias real = f32;

fn guard_with(zero: u32) {}

// Two numbers as memory holds them: one access instead of two.
alias pair = vec2<f32>;

fn pair_of(a: real, b: real) -> pair { return pair(a, b); }
fn first_of(p: pair) -> real { return p.x; }
fn second_of(p: pair) -> real { return p.y; }

fn r_of(x: f32) -> real { return x; }
fn r_f32(a: real) -> f32 { return a; }
fn r_add(a: real, b: real) -> real { return a + b; }
fn r_sub(a: real, b: real) -> real { return a - b; }
fn r_mul(a: real, b: real) -> real { return a * b; }
fn r_div(a: real, b: real) -> real { return a / b; }
fn r_neg(a: real) -> real { return -a; }
fn r_sqrt(a: real) -> real { return sqrt(a); }
fn r_less(a: real, b: real) -> bool { return a < b; }

// a times a power of two.
fn r_scale(a: real, power: f32) -> real { return a * power; }

struct floored { whole: i32, rest: real }

// The integer below, and the rest in [0, 1).
fn r_floor(a: real) -> floored {
    let below = floor(a);
    return floored(i32(below), a - below);
}
