// Exclusive prefix sums of blocks of 1024 integers; each workgroup scans one block, writes it back
// in place and the block's total to `totals`.

struct Params { count: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> values: array<u32>;
@group(0) @binding(2) var<storage, read_write> totals: array<u32>;

var<workgroup> sums: array<u32, 256>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let block = group_number(group, groups);
    let first = block * 1024u + local * 4u;
    var four: array<u32, 4>;
    var sum = 0u;
    for (var i = 0u; i < 4u; i++) {
        if first + i < params.count {
            four[i] = values[first + i];
        }
        sum += four[i];
    }
    // Hillis & Steele 1986.
    sums[local] = sum;
    for (var step = 1u; step < 256u; step = step << 1u) {
        workgroupBarrier();
        var before = 0u;
        if local >= step {
            before = sums[local - step];
        }
        workgroupBarrier();
        sums[local] += before;
    }
    workgroupBarrier();
    var running = sums[local] - sum;
    for (var i = 0u; i < 4u; i++) {
        if first + i < params.count {
            values[first + i] = running;
        }
        running += four[i];
    }
    if local == 255u && block * 1024u < params.count {
        totals[block] = running;
    }
}
