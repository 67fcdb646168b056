// What an adapter's arithmetic is worth: each thread computes, from one pair of numbers, their
// sum, difference, product and quotient, the root of the first one's magnitude, and the integer
// below their product.

struct Params { guard: u32, count: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<real>;
@group(0) @binding(2) var<storage, read> b: array<real>;
@group(0) @binding(3) var<storage, read_write> results: array<real>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    guard_with(params.guard);
    let k = group_number(group, groups) * 256u + local;
    if k >= params.count {
        return;
    }
    let x = a[k];
    let y = b[k];
    results[6u * k] = r_add(x, y);
    results[6u * k + 1u] = r_sub(x, y);
    results[6u * k + 2u] = r_mul(x, y);
    results[6u * k + 3u] = r_div(x, y);
    results[6u * k + 4u] = r_sqrt(r_mul(x, x));
    results[6u * k + 5u] = r_floor(r_scale(r_mul(x, y), 0.0625)).rest;
}
