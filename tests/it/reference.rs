//! The small reference cases of `tests/data/`, and that a wrong number is noticed.

use std::fs;
use std::path::{Path, PathBuf};

use astro_io::{IfExists, read_npy, write_npy};
use astro_tests::reference::{check_case, find_cases};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/reference")
}

#[test]
fn every_small_case_passes() {
    let cases = find_cases(&data()).unwrap();
    assert_eq!(cases.len(), 9, "{cases:?}");
    for case in cases {
        let checks = check_case(&case);
        let failed: Vec<_> = checks.iter().filter(|check| !check.passed).collect();
        assert!(failed.is_empty(), "{failed:#?}");
    }
}

/// A copy of a case to spoil.
fn copy_of(case: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(data().join(case)).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    folder
}

fn failures(folder: &Path) -> Vec<String> {
    let checks = check_case(folder);
    checks
        .iter()
        .filter(|check| !check.passed)
        .map(|check| format!("{} {}", check.name, check.found))
        .collect()
}

#[test]
fn one_wrong_visibility_fails() {
    for array in ["vis_galario", "vis_dft"] {
        let folder = copy_of("image_40_upper_double");
        let path = folder.path().join(format!("{array}.npy"));
        let mut values = read_npy(&path).unwrap().into_complex(array).unwrap();
        // 1e-10 of the total flux, which is 1.
        values[37].im += 1e-10;
        write_npy(&path, &values.into(), IfExists::Replace).unwrap();
        assert_eq!(
            failures(folder.path()).len(),
            if array == "vis_dft" { 2 } else { 1 }
        );
    }
}

#[test]
fn one_wrong_border_or_mask_fails() {
    for array in ["outputs_cross", "outputs_mask", "outputs_seg_start"] {
        let folder = copy_of("gti_operations");
        let path = folder.path().join(format!("{array}.npy"));
        let mut values = read_npy(&path).unwrap().into_f64(array).unwrap();
        let third = values.iter_mut().nth(3).unwrap();
        *third += (*third * 1e-11).max(1e-9);
        write_npy(&path, &values.into(), IfExists::Replace).unwrap();
        assert_eq!(failures(folder.path()).len(), 1, "{array}");
    }
}

#[test]
fn an_unknown_kind_and_an_empty_case_fail() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("spectrum_1");
    fs::create_dir(&case).unwrap();
    fs::write(case.join("case.json"), "{}").unwrap();
    assert!(failures(&case)[0].contains("unknown kind"));
    fs::write(case.join("case.json"), r#"{"kind": "sizes"}"#).unwrap();
    assert!(failures(&case)[0].contains("no numbers to compare with"));
    fs::write(case.join("case.json"), "{").unwrap();
    assert!(failures(&case)[0].contains("not valid JSON"));
    fs::write(
        case.join("case.json"),
        r#"{"peer": "stingray", "case": "tea"}"#,
    )
    .unwrap();
    assert!(failures(&case)[0].contains("no check for a timing case named `tea`"));
    assert_eq!(find_cases(folder.path()).unwrap(), [case]);
}

#[test]
fn the_kind_may_come_from_the_name_of_the_folder() {
    let folder = copy_of("image_size_and_meshgrid");
    let named = folder.path().join("image_size_again");
    fs::create_dir(&named).unwrap();
    let text = fs::read_to_string(folder.path().join("case.json")).unwrap();
    let without_kind = text.replace(r#""kind": "sizes","#, "");
    assert_ne!(text, without_kind);
    fs::write(named.join("case.json"), without_kind).unwrap();
    assert_eq!(failures(&named), Vec::<String>::new());
}
