// Slopes of kernel values: polynomials of t that follow those of the values in `taps`.

// The derivative with respect to t of the value at node first + i.
fn tap_slope(i: u32, width: u32, degree: u32, t: real) -> real {
    let tap = (degree + 2u) * width - 1u - i;
    var sum = taps[tap];
    for (var power = 1u; power <= degree; power++) {
        sum = r_add(r_mul(sum, t), taps[power * width + tap]);
    }
    return sum;
}
