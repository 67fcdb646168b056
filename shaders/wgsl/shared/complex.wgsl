// Complex numbers over the real numbers of the precision.

struct complex { re: real, im: real }

// From memory and back.
fn c_of(p: pair) -> complex { return complex(first_of(p), second_of(p)); }
fn c_pair(c: complex) -> pair { return pair_of(c.re, c.im); }

fn c_zero() -> complex { return complex(r_of(0.0), r_of(0.0)); }
fn c_add(a: complex, b: complex) -> complex { return complex(r_add(a.re, b.re), r_add(a.im, b.im)); }
fn c_sub(a: complex, b: complex) -> complex { return complex(r_sub(a.re, b.re), r_sub(a.im, b.im)); }
fn c_neg(a: complex) -> complex { return complex(r_neg(a.re), r_neg(a.im)); }
fn c_conj(a: complex) -> complex { return complex(a.re, r_neg(a.im)); }

fn c_mul(a: complex, b: complex) -> complex {
    return complex(
        r_sub(r_mul(a.re, b.re), r_mul(a.im, b.im)),
        r_add(r_mul(a.re, b.im), r_mul(a.im, b.re)),
    );
}

fn c_times(a: complex, s: real) -> complex { return complex(r_mul(a.re, s), r_mul(a.im, s)); }

// a times i.
fn c_turned(a: complex) -> complex { return complex(r_neg(a.im), a.re); }

fn c_norm2(a: complex) -> real { return r_add(r_mul(a.re, a.re), r_mul(a.im, a.im)); }

// The conjugate where asked.
fn c_conj_if(a: complex, conjugate: bool) -> complex {
    if conjugate {
        return c_conj(a);
    }
    return a;
}
