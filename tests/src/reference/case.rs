//! One folder of numbers: the parameters in `case.json`, the arrays beside it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use astro_core::UvTable;
use astro_io::{NpyArray, read_npy};
use astro_visibility::{Orientation, Origin, Placement};
use ndarray::{Array1, Array2, Ix1, Ix2};
use num_complex::Complex64;
use serde_json::Value;

/// Folder names and the kind they stand for where `case.json` names none; the
/// first that the name begins with counts.
const FOLDER_KINDS: &[(&str, &str)] = &[
    ("image_size", "sizes"),
    ("sizes", "sizes"),
    ("image", "image"),
    ("profile", "profile"),
    ("lowlevel", "lowlevel"),
    ("uvtable", "uvtable"),
];

/// A reference case on disk.
#[derive(Debug)]
pub struct Case {
    folder: PathBuf,
    parameters: Value,
}

impl Case {
    /// Reads `case.json`; arrays are read when asked for.
    ///
    /// # Errors
    /// A file that cannot be read or is not JSON.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("case.json");
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let parameters = serde_json::from_str(&text)
            .with_context(|| format!("{} is not valid JSON", path.display()))?;
        Ok(Self {
            folder: folder.to_path_buf(),
            parameters,
        })
    }

    /// `kind` of `case.json`, else what the folder's name says.
    pub(crate) fn kind(&self) -> Result<&str> {
        if let Some(kind) = self.parameters["kind"].as_str() {
            return Ok(kind);
        }
        let name = self
            .folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        FOLDER_KINDS
            .iter()
            .find(|(start, _)| name.starts_with(start))
            .map(|&(_, kind)| kind)
            .with_context(|| {
                format!("unknown kind: case.json has no `kind` and `{name}` names none")
            })
    }

    /// The whole of `case.json`.
    pub(crate) fn parameters(&self) -> &Value {
        &self.parameters
    }

    /// Whether `case.json` has `key`.
    pub(crate) fn has(&self, key: &str) -> bool {
        !self.parameters[key].is_null()
    }

    /// A number of `case.json`.
    pub(crate) fn number(&self, key: &str) -> Result<f64> {
        number(&self.parameters, key)
    }

    /// A number of `case.json`, or zero where there is none.
    pub(crate) fn number_or_zero(&self, key: &str) -> Result<f64> {
        if self.has(key) {
            self.number(key)
        } else {
            Ok(0.0)
        }
    }

    /// A count of `case.json`.
    pub(crate) fn count(&self, key: &str) -> Result<usize> {
        count(&self.parameters, key)
    }

    /// A text of `case.json`.
    pub(crate) fn text(&self, key: &str) -> Result<&str> {
        let text = self.parameters[key].as_str();
        text.with_context(|| format!("case.json has no text `{key}`"))
    }

    /// Whether the numbers were made in single precision.
    pub(crate) fn is_single(&self) -> Result<bool> {
        match self.parameters["precision"].as_str() {
            None | Some("double") => Ok(false),
            Some("single") => Ok(true),
            Some(other) => bail!("unknown precision `{other}`: single or double"),
        }
    }

    /// Which image row is North; `upper` where nothing is said.
    pub(crate) fn origin(&self) -> Result<Origin> {
        match self.parameters["origin"].as_str() {
            None | Some("upper") => Ok(Origin::Upper),
            Some("lower") => Ok(Origin::Lower),
            Some(other) => bail!("unknown origin `{other}`: upper or lower"),
        }
    }

    /// `PA`, `dRA` and `dDec`.
    pub(crate) fn placement(&self) -> Result<Placement> {
        Ok(self.orientation()?.placement())
    }

    /// `inc`, `PA`, `dRA` and `dDec`.
    pub(crate) fn orientation(&self) -> Result<Orientation> {
        Ok(Orientation {
            inclination_rad: self.number_or_zero("inc")?,
            position_angle_rad: self.number_or_zero("PA")?,
            ra_offset_rad: self.number_or_zero("dRA")?,
            dec_offset_rad: self.number_or_zero("dDec")?,
        })
    }

    /// The folder of the case.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the array file is there.
    pub(crate) fn has_array(&self, name: &str) -> bool {
        self.folder.join(format!("{name}.npy")).is_file()
    }

    fn array(&self, name: &str) -> Result<NpyArray> {
        Ok(read_npy(self.folder.join(format!("{name}.npy")))?)
    }

    /// A real array of one axis.
    pub(crate) fn real(&self, name: &str) -> Result<Vec<f64>> {
        let array = self.array(name)?.into_f64(name)?;
        let array: Array1<f64> = array
            .into_dimensionality::<Ix1>()
            .with_context(|| format!("{name}.npy must have one axis"))?;
        Ok(array.to_vec())
    }

    /// A real array of any number of axes, row by row.
    pub(crate) fn flat(&self, name: &str) -> Result<Vec<f64>> {
        Ok(self.array(name)?.into_f64(name)?.iter().copied().collect())
    }

    /// A real array of two axes.
    pub(crate) fn image(&self, name: &str) -> Result<Array2<f64>> {
        self.array(name)?
            .into_f64(name)?
            .into_dimensionality::<Ix2>()
            .with_context(|| format!("{name}.npy must have two axes"))
    }

    /// A complex array of one axis.
    pub(crate) fn complex(&self, name: &str) -> Result<Vec<Complex64>> {
        let array = self
            .array(name)?
            .into_complex(name)?
            .into_dimensionality::<Ix1>()
            .with_context(|| format!("{name}.npy must have one axis"))?;
        Ok(array.to_vec())
    }

    /// A complex array of two axes.
    pub(crate) fn complex_image(&self, name: &str) -> Result<Array2<Complex64>> {
        self.array(name)?
            .into_complex(name)?
            .into_dimensionality::<Ix2>()
            .with_context(|| format!("{name}.npy must have two axes"))
    }

    /// `u`, `v`, the observed visibilities and their weights.
    pub(crate) fn uv_table(&self) -> Result<UvTable> {
        let (re, im) = (self.real("vis_obs_re")?, self.real("vis_obs_im")?);
        ensure!(
            re.len() == im.len(),
            "vis_obs_re and vis_obs_im differ in length"
        );
        let value = re
            .into_iter()
            .zip(im)
            .map(|(re, im)| Complex64::new(re, im))
            .collect();
        Ok(UvTable::new(
            self.real("u")?,
            self.real("v")?,
            value,
            self.real("weights")?,
        )?)
    }
}

/// The number under `key`.
pub(crate) fn number(value: &Value, key: &str) -> Result<f64> {
    let number = value[key].as_f64();
    number.with_context(|| format!("case.json has no number `{key}`"))
}

/// The count under `key`.
pub(crate) fn count(value: &Value, key: &str) -> Result<usize> {
    let count = value[key].as_u64().and_then(|n| usize::try_from(n).ok());
    count.with_context(|| format!("case.json has no count `{key}`"))
}

/// The list of numbers under `key`.
pub(crate) fn numbers(value: &Value, key: &str) -> Result<Vec<f64>> {
    let list = value[key].as_array();
    list.and_then(|list| list.iter().map(Value::as_f64).collect())
        .with_context(|| format!("case.json has no list of numbers `{key}`"))
}
