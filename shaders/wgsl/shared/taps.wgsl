// Kernel values under a point: polynomials of t in [−1, 1], one a tap, from the highest power down.

// The value at node first + i: the taps are numbered from the far end.
fn tap_value(i: u32, width: u32, degree: u32, t: real) -> real {
    let tap = width - 1u - i;
    var sum = taps[tap];
    for (var power = 1u; power <= degree; power++) {
        sum = r_add(r_mul(sum, t), taps[power * width + tap]);
    }
    return sum;
}
