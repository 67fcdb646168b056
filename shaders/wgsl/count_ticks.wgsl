// Histograms: counts[t] grows by one for every tick t, the number of an event's bin among all bins of
// a batch. Sums of integers do not depend on their order.

struct Params { count: u32, bins: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> ticks: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<atomic<u32>>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let k = group_number(group, groups) * 256u + local;
    if k < params.count && ticks[k] < params.bins {
        atomicAdd(&counts[ticks[k]], 1u);
    }
}
