//! Adjoints, threads, rows made on the fly, special inputs, errors.

use astro_fft::{Error, EsKernel, Nufft1, Nufft2, NufftPoints, RealNufft2, Sign};
use ndarray::{Array2, ShapeBuilder, s};
use num_complex::Complex;

use super::truth::{largest_difference, points, samples};
use crate::direct::{Complex64, Random};

const SEED: u64 = 0x0061_646a_6f69;

/// ⟨A f, c⟩ = ⟨f, A* c⟩, to rounding: both run through the same grid.
#[test]
fn type1_is_the_adjoint_of_type2() {
    let mut random = Random(SEED);
    for shape in [[40, 33], [128, 70]] {
        let (row, column) = points(&mut random, 500);
        let f = samples::<f64>(&mut random, shape);
        let c = random.complexes::<f64>(row.len());
        let forward = Nufft2::new(shape, Sign::Positive, 1e-6).unwrap();
        let adjoint = Nufft2::new(shape, Sign::Negative, 1e-6).unwrap();
        let points = forward.points(&row, &column).unwrap();
        let mut af = vec![Complex::default(); row.len()];
        forward
            .uniform_to_points(f.view(), &points, &mut af)
            .unwrap();
        let points = adjoint.points(&row, &column).unwrap();
        let mut ac = Array2::default(shape);
        adjoint
            .points_to_uniform(&c, &points, ac.view_mut())
            .unwrap();
        let left: Complex64 = af.iter().zip(&c).map(|(a, c)| a * c.conj()).sum();
        let right: Complex64 = f.iter().zip(&ac).map(|(f, a)| f * a.conj()).sum();
        let size: f64 = af.iter().zip(&c).map(|(a, c)| (a * c).norm()).sum();
        assert!((left - right).norm() < 1e-13 * size, "{left} {right}");
    }
}

/// Re ⟨A f, c⟩ = ⟨f, Aᵀ c⟩ over the real numbers, type 1 with the other sign.
#[test]
fn real_type1_is_the_adjoint_of_real_type2() {
    let mut random = Random(SEED + 1);
    for shape in [[41, 32], [90, 128]] {
        let (row, column) = points(&mut random, 500);
        let f = samples::<f64>(&mut random, shape).mapv(|x| x.re);
        let c = random.complexes::<f64>(row.len());
        let forward = RealNufft2::new(shape, Sign::Positive, 1e-6).unwrap();
        let adjoint = RealNufft2::new(shape, Sign::Negative, 1e-6).unwrap();
        let points = forward.points(&row, &column).unwrap();
        let mut af = vec![Complex::default(); row.len()];
        forward
            .uniform_to_points(f.view(), &points, &mut af)
            .unwrap();
        let mut ac = Array2::default(shape);
        adjoint
            .points_to_uniform(&c, &points, ac.view_mut())
            .unwrap();
        let left: f64 = af.iter().zip(&c).map(|(a, c)| (a * c.conj()).re).sum();
        let right: f64 = f.iter().zip(&ac).map(|(f, a)| f * a).sum();
        let size: f64 = af.iter().zip(&c).map(|(a, c)| (a * c).norm()).sum();
        assert!((left - right).abs() < 1e-13 * size, "{left} {right}");
    }
}

/// Enough points and columns for several chunks and ranges.
fn large_problem() -> (RealNufft2<f64>, Array2<f64>, Vec<f64>, Vec<f64>) {
    let mut random = Random(SEED + 2);
    let shape = [200, 300];
    let plan = RealNufft2::new(shape, Sign::Positive, 1e-9).unwrap();
    let f = samples::<f64>(&mut random, shape).mapv(|x| x.re);
    let row = (0..100_000).map(|_| 0.3 * random.next()).collect();
    let column = (0..100_000).map(|_| 0.4 * random.next()).collect();
    (plan, f, row, column)
}

fn with_threads<X: Send>(threads: usize, work: impl FnOnce() -> X + Send) -> X {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.unwrap().install(work)
}

#[test]
fn bits_do_not_depend_on_threads() {
    let (plan, f, row, column) = large_problem();
    let run = |threads| {
        with_threads(threads, || {
            let points = plan.points(&row, &column).unwrap();
            let mut c = vec![Complex::default(); row.len()];
            plan.uniform_to_points(f.view(), &points, &mut c).unwrap();
            let mut g = Array2::zeros(f.dim());
            plan.points_to_uniform(&c, &points, g.view_mut()).unwrap();
            (c, g)
        })
    };
    let one = run(1);
    for threads in [2, 3, 7] {
        assert!(run(threads) == one, "{threads} threads");
    }
}

#[test]
fn order_of_points_changes_nothing() {
    let (plan, f, row, column) = large_problem();
    let points = plan.points(&row, &column).unwrap();
    let mut c = vec![Complex::default(); row.len()];
    plan.uniform_to_points(f.view(), &points, &mut c).unwrap();
    let back = |x: &[f64]| x.iter().rev().copied().collect::<Vec<_>>();
    let points = plan.points(&back(&row), &back(&column)).unwrap();
    let mut reversed = vec![Complex::default(); row.len()];
    plan.uniform_to_points(f.view(), &points, &mut reversed)
        .unwrap();
    reversed.reverse();
    assert!(c == reversed);
}

#[test]
fn plans_are_shared_between_threads() {
    fn shared<X: Send + Sync>() {}
    shared::<RealNufft2<f64>>();
    shared::<Nufft2<f32>>();
    shared::<Nufft1<f64>>();
    shared::<NufftPoints>();
    shared::<EsKernel>();

    let (plan, f, row, column) = large_problem();
    let points = plan.points(&row, &column).unwrap();
    let run = || {
        let mut c = vec![Complex::default(); row.len()];
        plan.uniform_to_points(f.view(), &points, &mut c).unwrap();
        c
    };
    let expected = run();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(run)).collect();
        for thread in threads {
            assert!(thread.join().unwrap() == expected);
        }
    });
}

#[test]
fn rows_on_the_fly_equal_a_stored_image() {
    let (plan, mut f, row, column) = large_problem();
    let rows = 37..150;
    f.slice_mut(s![..rows.start, ..]).fill(0.0);
    f.slice_mut(s![rows.end.., ..]).fill(0.0);
    let points = plan.points(&row, &column).unwrap();
    let mut stored = vec![Complex::default(); row.len()];
    plan.uniform_to_points(f.view(), &points, &mut stored)
        .unwrap();
    let fill = |i: usize, samples: &mut [f64]| {
        assert!(rows.contains(&i));
        samples.copy_from_slice(f.row(i).as_slice().unwrap());
    };
    let mut made = vec![Complex::default(); row.len()];
    plan.uniform_to_points_rows(rows.clone(), &fill, &points, &mut made)
        .unwrap();
    assert!(stored == made);
}

#[test]
fn arrays_of_any_layout_are_taken() {
    let mut random = Random(SEED + 3);
    let shape = [30, 44];
    let plan = RealNufft2::<f64>::new(shape, Sign::Negative, 1e-8).unwrap();
    let (row, column) = points(&mut random, 30);
    let points = plan.points(&row, &column).unwrap();
    let f = samples::<f64>(&mut random, shape).mapv(|x| x.re);
    let mut by_columns = Array2::zeros(shape.f());
    by_columns.assign(&f);
    let mut c = [
        vec![Complex::default(); row.len()],
        vec![Complex::default(); row.len()],
    ];
    plan.uniform_to_points(f.view(), &points, &mut c[0])
        .unwrap();
    plan.uniform_to_points(by_columns.view(), &points, &mut c[1])
        .unwrap();
    assert!(c[0] == c[1]);
    let mut out = Array2::zeros(shape);
    plan.points_to_uniform(&c[0], &points, out.view_mut())
        .unwrap();
    plan.points_to_uniform(&c[0], &points, by_columns.view_mut())
        .unwrap();
    assert!(out == by_columns);
}

#[test]
fn real_and_complex_transforms_agree() {
    let mut random = Random(SEED + 4);
    let shape = [45, 52];
    let (row, column) = points(&mut random, 200);
    let f = samples::<f64>(&mut random, shape).mapv(|x| x.re);
    let real = RealNufft2::new(shape, Sign::Positive, 1e-11).unwrap();
    let complex = Nufft2::new(shape, Sign::Positive, 1e-11).unwrap();
    let mut c = vec![Complex::default(); row.len()];
    let points = real.points(&row, &column).unwrap();
    real.uniform_to_points(f.view(), &points, &mut c).unwrap();
    let mut d = c.clone();
    let points = complex.points(&row, &column).unwrap();
    let g = f.mapv(|x| Complex::new(x, 0.0));
    complex
        .uniform_to_points(g.view(), &points, &mut d)
        .unwrap();
    let scale: f64 = f.iter().map(|x| x.abs()).sum();
    assert!(largest_difference(c, d) < 2e-11 * scale);
}

#[test]
fn no_points_give_no_values_and_zero_samples() {
    let plan = RealNufft2::<f64>::new([8, 9], Sign::Positive, 1e-6).unwrap();
    let points = plan.points(&[], &[]).unwrap();
    assert!(points.is_empty());
    plan.uniform_to_points(Array2::zeros((8, 9)).view(), &points, &mut [])
        .unwrap();
    let mut out = Array2::from_elem((8, 9), 3.0);
    plan.points_to_uniform(&[], &points, out.view_mut())
        .unwrap();
    assert!(out.iter().all(|&x| x == 0.0));
}

#[test]
fn errors_name_what_is_wrong() {
    let plan = RealNufft2::<f64>::new([8, 9], Sign::Positive, 1e-6).unwrap();
    let bad = plan.points(&[0.1, 0.2, f64::NAN], &[0.0; 3]).unwrap_err();
    assert!(bad.to_string().contains("row[2] is NaN"), "{bad}");
    let bad = plan.points(&[0.1, 0.2], &[0.0, f64::INFINITY]).unwrap_err();
    assert!(bad.to_string().contains("column[1] is inf"), "{bad}");
    assert!(matches!(
        plan.points(&[0.1], &[]),
        Err(Error::Length { .. })
    ));

    let points = plan.points(&[0.1, 0.2], &[0.3, 0.4]).unwrap();
    let mut c = [Complex::default(); 2];
    let zeros = Array2::zeros((9, 8));
    let bad = plan.uniform_to_points(zeros.view(), &points, &mut c);
    assert!(matches!(bad, Err(Error::Shape { .. })));
    let mut f = Array2::zeros((8, 9));
    let bad = plan.uniform_to_points(f.view(), &points, &mut c[..1]);
    assert!(matches!(
        bad,
        Err(Error::Length {
            found: 1,
            required: 2,
            ..
        })
    ));
    f[[7, 3]] = f64::NAN;
    let bad = plan.uniform_to_points(f.view(), &points, &mut c);
    assert_eq!(bad, Err(Error::NotFinite { row: 7, column: 3 }));
    let bad = plan.uniform_to_points_rows(3..9, &|_, _| (), &points, &mut c);
    assert!(matches!(bad, Err(Error::RowRange { .. })));
    let values = [Complex::default(), Complex::new(0.0, f64::NAN)];
    let bad = plan.points_to_uniform(&values, &points, f.view_mut());
    assert!(bad.unwrap_err().to_string().contains("values[1] is NaN"));

    let other = RealNufft2::<f64>::new([9, 9], Sign::Positive, 1e-6).unwrap();
    let bad = other.uniform_to_points(Array2::zeros((9, 9)).view(), &points, &mut c);
    assert!(matches!(bad, Err(Error::OtherPlan { .. })));
    let complex = Nufft2::<f64>::new([8, 9], Sign::Positive, 1e-6).unwrap();
    let bad = complex.uniform_to_points(Array2::zeros((8, 9)).view(), &points, &mut c);
    assert!(matches!(bad, Err(Error::OtherPlan { .. })));

    assert!(matches!(
        RealNufft2::<f64>::new([0, 9], Sign::Positive, 1e-6),
        Err(Error::Empty { .. })
    ));
    let huge = RealNufft2::<f64>::new([usize::MAX, 2], Sign::Positive, 1e-6);
    assert!(matches!(huge, Err(Error::TooLarge { .. })));
    for bad in [0.0, -1.0, f64::NAN, 1e-16] {
        let refused = RealNufft2::<f64>::new([64, 64], Sign::Positive, bad);
        let Err(Error::RelativeError { smallest, .. }) = refused else {
            panic!("{bad} was accepted");
        };
        assert!(smallest > 1e-15 && smallest <= 1e-13, "{smallest:e}");
        assert_eq!(
            smallest,
            RealNufft2::<f64>::smallest_error([64, 64]).unwrap()
        );
        assert!(RealNufft2::<f64>::new([64, 64], Sign::Positive, smallest).is_ok());
    }
    let refused = Nufft2::<f32>::new([4096, 4096], Sign::Positive, 1e-8);
    let Err(Error::RelativeError { smallest, .. }) = refused else {
        panic!("1e-8 was accepted in f32");
    };
    assert!(smallest > 1e-7 && smallest <= 1e-5, "{smallest:e}");
}

#[test]
fn memory_is_that_of_the_kept_columns() {
    let shape = [1024, 1024];
    let plan = RealNufft2::<f64>::new(shape, Sign::Positive, 1e-10).unwrap();
    let points = plan.points(&[0.2, -0.2], &[0.2, -0.2]).unwrap();
    let bytes = with_threads(1, || plan.memory_bytes(&points).unwrap());
    // 0.2 of a period of columns, and not the whole grid (32 MiB even at σ = 1.4).
    let kept = 1024 * (0.2 * 1.2 * 1024.0) as usize * 16;
    assert!(bytes > kept && bytes < 16 << 20, "{bytes}");
}
