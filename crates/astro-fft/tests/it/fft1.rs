//! One-dimensional transforms and panels.

use astro_fft::{ColumnFft, ComplexFft1, Error, FftReal, PANEL_COLUMNS, RealFft1, Sign};
use num_complex::Complex;

use crate::direct::{Random, direct_sum, error_bound, relative_error, widen};

const SEED: u64 = 20_180_419;

/// Powers of two, mixed radices, odd lengths, primes below and above the radix
/// limit, and twice a large prime.
const LENGTHS: [usize; 34] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 20, 21, 25, 27, 32, 35, 49, 60, 64,
    97, 100, 127, 128, 194, 210, 256, 1000,
];

fn complex_against_direct_sum<T: FftReal>() {
    let mut random = Random(SEED);
    for n in LENGTHS {
        for sign in [Sign::Negative, Sign::Positive] {
            let samples = random.complexes::<T>(n);
            let wide: Vec<_> = samples.iter().copied().map(widen).collect();
            let mut found = samples.clone();
            ComplexFft1::new(n)
                .unwrap()
                .process(&mut found, sign)
                .unwrap();
            let error = relative_error(found, direct_sum(&wide, sign.value()));
            assert!(error < error_bound::<T>(&[n]), "n = {n}: {error:e}");
        }
    }
}

#[test]
fn complex_lines_agree_with_direct_sums() {
    complex_against_direct_sum::<f32>();
    complex_against_direct_sum::<f64>();
}

fn real_against_direct_sum<T: FftReal>() {
    let mut random = Random(SEED);
    for n in LENGTHS {
        let samples = random.reals::<T>(n);
        let wide: Vec<_> = samples
            .iter()
            .map(|x| Complex::new(x.as_f64(), 0.0))
            .collect();
        let fft = RealFft1::new(n).unwrap();
        let spectrum = fft.forward(&samples).unwrap();
        let expected = direct_sum(&wide, -1.0);
        let bound = error_bound::<T>(&[n]);
        let error = relative_error(spectrum.clone(), expected.into_iter().take(n / 2 + 1));
        assert!(error < bound, "n = {n}: {error:e}");

        let back = fft.inverse(&spectrum).unwrap();
        let scaled = wide.iter().map(|x| x * n as f64);
        let error = relative_error(back.iter().map(|x| Complex::new(*x, T::zero())), scaled);
        assert!(error < 2.0 * bound, "n = {n} and back: {error:e}");
    }
}

#[test]
fn real_lines_agree_with_direct_sums() {
    real_against_direct_sum::<f32>();
    real_against_direct_sum::<f64>();
}

#[test]
fn the_inverse_ignores_imaginary_parts_that_no_real_signal_has() {
    let fft = RealFft1::new(4).unwrap();
    let given = [
        Complex::new(4.0, 9.0),
        Complex::new(0.0, 0.0),
        Complex::new(0.0, 7.0),
    ];
    assert_eq!(fft.inverse(&given).unwrap(), [4.0; 4]);
}

fn panels_against_direct_sum<T: FftReal>() {
    let mut random = Random(SEED);
    for n in LENGTHS
        .into_iter()
        .chain([1024, 1100, 1155, 1728, 2048, 2187, 3125, 2401])
    {
        let fft = ColumnFft::<T>::new(n).unwrap();
        let mut scratch = fft.scratch();
        for (start, end) in [
            (0, n),
            (n / 4, n - n / 4),
            (n / 2, n),
            (0, n.div_ceil(2)),
            (n / 3, n / 3 + 1),
        ] {
            for sign in [Sign::Negative, Sign::Positive] {
                let mut panel = random.complexes::<T>(fft.panel_len());
                // lanes to check: each for short columns, else three
                let lanes: &[usize] = if n < 300 {
                    &[0, 1, 2, 3, 4, 5, 6, 7]
                } else {
                    &[0, 5]
                };
                let columns: Vec<Vec<_>> = (0..PANEL_COLUMNS)
                    .map(|lane| {
                        let column = panel.iter().skip(lane).step_by(PANEL_COLUMNS);
                        let masked = column.enumerate().map(|(row, value)| {
                            if (start..end).contains(&row) {
                                widen(*value)
                            } else {
                                Complex::ZERO
                            }
                        });
                        masked.collect()
                    })
                    .collect();
                fft.process(&mut panel, sign, start..end, &mut scratch)
                    .unwrap();
                for lane in lanes {
                    let found = panel.iter().skip(*lane).step_by(PANEL_COLUMNS).copied();
                    let expected = direct_sum(&columns[*lane], sign.value());
                    let error = relative_error(found, expected);
                    assert!(
                        error < error_bound::<T>(&[n]),
                        "n = {n}, rows {start}..{end}, lane {lane}, {sign:?}: {error:e}"
                    );
                }
            }
        }
    }
}

#[test]
fn panels_agree_with_direct_sums() {
    panels_against_direct_sum::<f32>();
    panels_against_direct_sum::<f64>();
}

#[test]
fn a_panel_without_any_nonzero_row_is_zero() {
    let fft = ColumnFft::<f64>::new(12).unwrap();
    let mut panel = vec![Complex::new(f64::NAN, 1.0); fft.panel_len()];
    fft.process(&mut panel, Sign::Negative, 5..5, &mut fft.scratch())
        .unwrap();
    assert!(panel.iter().all(|value| *value == Complex::ZERO));
}

#[test]
fn wrong_lengths_are_errors_that_say_the_numbers() {
    assert_eq!(
        RealFft1::<f64>::new(0).unwrap_err(),
        Error::Empty { quantity: "length" }
    );
    assert_eq!(
        ComplexFft1::<f64>::new(0).unwrap_err(),
        Error::Empty { quantity: "length" }
    );
    assert_eq!(
        ColumnFft::<f64>::new(0).unwrap_err(),
        Error::Empty { quantity: "rows" }
    );

    let error = RealFft1::new(8).unwrap().forward(&[0.0; 7]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "samples has 7 elements, but this plan needs 8"
    );
    let error = RealFft1::<f64>::new(8)
        .unwrap()
        .inverse(&[Complex::ZERO; 4])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "spectrum has 4 elements, but this plan needs 5"
    );

    let fft = ColumnFft::<f64>::new(4).unwrap();
    let mut panel = vec![Complex::ZERO; 32];
    let error = fft
        .process(&mut panel, Sign::Negative, 2..5, &mut fft.scratch())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "nonzero_rows is 2..5, but must lie within 0..4"
    );
    let mut other = ColumnFft::<f64>::new(5).unwrap().scratch();
    assert!(
        fft.process(&mut panel, Sign::Negative, 0..4, &mut other)
            .is_err()
    );
}
