// What an adapter's arithmetic is worth: each thread computes, from one pair of numbers, one of their
// sum, difference, product and quotient, the root of the first one's square, and the fraction of a
// sixteenth of their product.

struct Params { count: u32, operation: u32 }

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
    guard_with(groups.z - 1u);
    let k = group_number(group, groups) * 256u + local;
    if k >= params.count {
        return;
    }
    let x = a[k];
    let y = b[k];
    var result: real;
    // By a uniform, as real kernels branch: what compilers do then is part of the test.
    switch params.operation {
        case 0u: { result = r_add(x, y); }
        case 1u: { result = r_sub(x, y); }
        case 2u: { result = r_mul(x, y); }
        case 3u: { result = r_div(x, y); }
        case 4u: { result = r_sqrt(r_mul(x, x)); }
        default: { result = r_floor(r_scale(r_mul(x, y), 0.0625)).rest; }
    }
    results[6u * k + params.operation] = result;
}
