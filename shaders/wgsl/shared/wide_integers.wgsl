// 64-bit products of 32-bit integers, which WGSL does not have: (low, high) words.

fn mul_wide(a: u32, b: u32) -> vec2<u32> {
    let a0 = a & 0xffffu;
    let a1 = a >> 16u;
    let b0 = b & 0xffffu;
    let b1 = b >> 16u;
    let low = a0 * b0;
    let first = a1 * b0 + (low >> 16u);
    let second = a0 * b1 + (first & 0xffffu);
    return vec2<u32>((second << 16u) | (low & 0xffffu), a1 * b1 + (first >> 16u) + (second >> 16u));
}

fn add_wide(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
    let low = a.x + b.x;
    return vec2<u32>(low, a.y + b.y + select(0u, 1u, low < a.x));
}

fn neg_wide(a: vec2<u32>) -> vec2<u32> {
    return add_wide(~a, vec2<u32>(1u, 0u));
}

// a · k, without what does not fit.
fn wide_times(a: vec2<u32>, k: u32) -> vec2<u32> {
    let low = mul_wide(a.x, k);
    return vec2<u32>(low.x, low.y + a.y * k);
}
