// Where each key begins among sorted keys: starts[b] is the number of keys below b, b in 0..=bins.

struct Params { count: u32, bins: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read_write> starts: array<u32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let b = group_number(group, groups) * 256u + local;
    if b > params.bins {
        return;
    }
    var low = 0u;
    var high = params.count;
    while low < high {
        let middle = (low + high) / 2u;
        if keys[middle] < b {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    starts[b] = low;
}
