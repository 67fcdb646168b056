// Radix sort, second half of a pass: each workgroup sorts 256 keys by their digit with four
// stable splits, then moves keys and values to where the scanned counts put them.

struct Params { count: u32, shift: u32, blocks: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read> values: array<u32>;
@group(0) @binding(3) var<storage, read> offsets: array<u32>;
@group(0) @binding(4) var<storage, read_write> sorted_keys: array<u32>;
@group(0) @binding(5) var<storage, read_write> sorted_values: array<u32>;

var<workgroup> zeros: array<u32, 256>;
var<workgroup> block_keys: array<u32, 256>;
var<workgroup> block_values: array<u32, 256>;
var<workgroup> starts: array<u32, 16>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let block = group_number(group, groups);
    let k = block * 256u + local;
    // Past the end: the largest key, which stays last.
    var key = 0xffffffffu;
    var value = 0u;
    if k < params.count {
        key = keys[k];
        value = values[k];
    }
    for (var bit = 0u; bit < 4u; bit++) {
        let is_zero = select(1u, 0u, ((key >> (params.shift + bit)) & 1u) == 1u);
        zeros[local] = is_zero;
        for (var step = 1u; step < 256u; step = step << 1u) {
            workgroupBarrier();
            var before = 0u;
            if local >= step {
                before = zeros[local - step];
            }
            workgroupBarrier();
            zeros[local] += before;
        }
        workgroupBarrier();
        let rank = zeros[local] - is_zero;
        let place = select(zeros[255] + local - rank, rank, is_zero == 1u);
        block_keys[place] = key;
        block_values[place] = value;
        workgroupBarrier();
        key = block_keys[local];
        value = block_values[local];
        workgroupBarrier();
    }
    let digit = (key >> params.shift) & 15u;
    if local == 0u || ((block_keys[local - 1u] >> params.shift) & 15u) != digit {
        starts[digit] = local;
    }
    workgroupBarrier();
    // The padding sorts behind the keys of its digit, since the splits are stable.
    let inside = min(params.count - min(params.count, block * 256u), 256u);
    let rank = local - starts[digit];
    let padding_digit = 15u;
    let real_in_last = select(256u, inside - min(inside, starts[15]), digit == padding_digit);
    if block < params.blocks && (digit != padding_digit || rank < real_in_last) {
        let to = offsets[digit * params.blocks + block] + rank;
        sorted_keys[to] = key;
        sorted_values[to] = value;
    }
}
