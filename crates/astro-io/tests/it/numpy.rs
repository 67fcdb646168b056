//! NumPy files: those NumPy wrote, and round trips.

use astro_io::{Error, IfExists, NpyArray, NpzArrays, read_npy, read_npz, write_npy, write_npz};
use ndarray::{Array3, ArrayD, IxDyn, arr0, arr1};
use num_complex::{Complex32, Complex64};

use crate::data;

fn grid() -> Array3<f64> {
    Array3::from_shape_fn((2, 3, 4), |(i, j, k)| (12 * i + 4 * j + k) as f64)
}

#[test]
fn files_written_by_numpy_are_read_with_their_types() {
    let half = grid() * 0.5;
    assert_eq!(read_npy(data("f8_c.npy")).unwrap(), half.clone().into());
    assert_eq!(read_npy(data("f8_big.npy")).unwrap(), half.clone().into());
    assert_eq!(
        read_npy(data("f4_fortran.npy")).unwrap(),
        half.mapv(|x| x as f32).into()
    );
    assert_eq!(
        read_npy(data("c16_big_fortran.npy")).unwrap(),
        grid().mapv(|x| Complex64::new(x, 0.25 * x)).into()
    );
    assert_eq!(
        read_npy(data("c8.npy")).unwrap(),
        grid().mapv(|x| Complex32::new(x as f32, -x as f32)).into()
    );
    assert_eq!(
        read_npy(data("i4.npy")).unwrap(),
        grid().mapv(|x| x as i32 - 12).into()
    );
    assert_eq!(
        read_npy(data("u2_big.npy")).unwrap(),
        grid().mapv(|x| x as u16 * 1000).into()
    );
    assert_eq!(
        read_npy(data("bool.npy")).unwrap(),
        grid().mapv(|x| x % 3.0 == 0.0).into()
    );
    assert_eq!(read_npy(data("scalar.npy")).unwrap(), arr0(2.5).into());
    assert_eq!(read_npy(data("empty.npy")).unwrap().shape(), [0, 3]);
}

#[test]
fn every_type_and_shape_round_trips() {
    let folder = tempfile::tempdir().unwrap();
    let arrays: NpzArrays = [
        ("bool", arr1(&[true, false]).into()),
        ("i8", arr1(&[i8::MIN, 3]).into()),
        ("i16", arr1(&[i16::MIN, 3]).into()),
        ("i32", arr1(&[i32::MIN, 3]).into()),
        ("i64", arr1(&[i64::MIN, 3]).into()),
        ("u8", arr1(&[u8::MAX, 3]).into()),
        ("u16", arr1(&[u16::MAX, 3]).into()),
        ("u32", arr1(&[u32::MAX, 3]).into()),
        ("u64", arr1(&[u64::MAX, 3]).into()),
        ("f32", arr1(&[f32::MIN_POSITIVE, f32::INFINITY]).into()),
        ("f64", arr1(&[f64::MIN_POSITIVE, -0.0]).into()),
        ("c64", arr1(&[Complex32::new(1.0, -2.0)]).into()),
        ("c128", arr1(&[Complex64::new(1.0, -2.0)]).into()),
        ("grid", grid().into()),
        ("reversed", grid().reversed_axes().into()),
        ("scalar", arr0(1i64).into()),
        ("empty", ArrayD::<f64>::zeros(IxDyn(&[3, 0, 2])).into()),
    ]
    .into_iter()
    .map(|(name, array): (&str, NpyArray)| (name.to_owned(), array))
    .collect();
    for (name, array) in &arrays {
        let path = folder.path().join(format!("{name}.npy"));
        write_npy(&path, array, IfExists::Refuse).unwrap();
        assert_eq!(&read_npy(&path).unwrap(), array, "{name}");
        assert_eq!(std::fs::metadata(&path).unwrap().len() % 2, 0, "padding");
    }
    let path = folder.path().join("all.npz");
    write_npz(&path, &arrays, IfExists::Refuse).unwrap();
    assert_eq!(read_npz(&path).unwrap(), arrays);
}

#[test]
fn a_shape_larger_than_the_file_is_refused_before_memory_is_taken() {
    // 2^40 doubles: taking that memory would end the test.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.npy");
    let mut bytes = std::fs::read(data("f8_c.npy")).unwrap();
    let text = b"'shape': (1099511627776,), }";
    let start = bytes.windows(7).position(|w| w == b"'shape'").unwrap();
    bytes[start..start + text.len()].copy_from_slice(text);
    std::fs::write(&path, &bytes).unwrap();
    let error = read_npy(&path).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("8796093022208 bytes"), "{cause}");
}

#[test]
fn complex_numbers_do_not_become_real_ones() {
    let array = NpyArray::from(arr1(&[Complex64::new(1.0, 1.0)]));
    assert!(matches!(
        array.into_f64("V"),
        Err(Error::ElementType {
            found: "complex128",
            ..
        })
    ));
}
