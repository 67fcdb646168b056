// Sums over a workgroup of 256 threads, pairwise: in a fixed order, with the error of 8 roundings.

var<workgroup> partial: array<real, 256>;

// The sum of the values of all threads, in thread 0. All threads of the group must call it.
fn group_sum(local: u32, value: real) -> real {
    partial[local] = value;
    for (var half = 128u; half > 0u; half = half >> 1u) {
        workgroupBarrier();
        if local < half {
            partial[local] = r_add(partial[local], partial[local + half]);
        }
    }
    workgroupBarrier();
    return partial[0];
}
