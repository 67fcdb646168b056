// Radix sort, first half of a pass: each workgroup counts the digits of 256 keys and writes the
// count of digit d to counts[d · blocks + block], so that one scan orders by digit, then block.

struct Params { count: u32, shift: u32, blocks: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<u32>;

var<workgroup> digits: array<atomic<u32>, 16>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let block = group_number(group, groups);
    if local < 16u {
        atomicStore(&digits[local], 0u);
    }
    workgroupBarrier();
    let k = block * 256u + local;
    if k < params.count {
        atomicAdd(&digits[(keys[k] >> params.shift) & 15u], 1u);
    }
    workgroupBarrier();
    if local < 16u && block < params.blocks {
        counts[local * params.blocks + block] = atomicLoad(&digits[local]);
    }
}
