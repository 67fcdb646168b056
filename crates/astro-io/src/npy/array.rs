//! An array of any of the element types read from NumPy files.

use ndarray::{Array, ArrayD, Dimension};
use num_complex::{Complex32, Complex64};

use crate::{Error, Result};

macro_rules! npy_array {
    ($($variant:ident($type:ty) = $name:literal),* $(,)?) => {
        /// An array from a NumPy file, with the element type the file has.
        ///
        /// ```
        /// use astro_io::NpyArray;
        /// use ndarray::arr2;
        /// let array = NpyArray::from(arr2(&[[1, 2], [3, 4]]));
        /// assert_eq!(array.shape(), [2, 2]);
        /// assert_eq!(array.into_f64("counts")?[[1, 0]], 3.0);
        /// # Ok::<(), astro_io::Error>(())
        /// ```
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum NpyArray {
            $(#[doc = concat!("NumPy `", $name, "`.")] $variant(ArrayD<$type>),)*
        }

        impl NpyArray {
            /// Axis lengths.
            pub fn shape(&self) -> &[usize] {
                match self { $(Self::$variant(array) => array.shape(),)* }
            }

            /// NumPy's name of the element type.
            pub fn element_type(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)* }
            }
        }

        $(impl<D: Dimension> From<Array<$type, D>> for NpyArray {
            fn from(array: Array<$type, D>) -> Self {
                Self::$variant(array.into_dyn())
            }
        })*
    };
}

npy_array! {
    Bool(bool) = "bool",
    I8(i8) = "int8",
    I16(i16) = "int16",
    I32(i32) = "int32",
    I64(i64) = "int64",
    U8(u8) = "uint8",
    U16(u16) = "uint16",
    U32(u32) = "uint32",
    U64(u64) = "uint64",
    F32(f32) = "float32",
    F64(f64) = "float64",
    Complex32(Complex32) = "complex64",
    Complex64(Complex64) = "complex128",
}

impl NpyArray {
    /// The elements as `f64`; integers beyond 2⁵³ are rounded. `name` is for the error.
    ///
    /// # Errors
    /// [`Error::ElementType`] for complex arrays.
    pub fn into_f64(self, name: &str) -> Result<ArrayD<f64>> {
        Ok(match self {
            Self::Bool(a) => a.mapv(|x| f64::from(u8::from(x))),
            Self::I8(a) => a.mapv(f64::from),
            Self::I16(a) => a.mapv(f64::from),
            Self::I32(a) => a.mapv(f64::from),
            Self::I64(a) => a.mapv(|x| x as f64),
            Self::U8(a) => a.mapv(f64::from),
            Self::U16(a) => a.mapv(f64::from),
            Self::U32(a) => a.mapv(f64::from),
            Self::U64(a) => a.mapv(|x| x as f64),
            Self::F32(a) => a.mapv(f64::from),
            Self::F64(a) => a,
            Self::Complex32(_) | Self::Complex64(_) => {
                return Err(Error::ElementType {
                    name: name.to_owned(),
                    found: self.element_type(),
                    expected: "real numbers",
                });
            }
        })
    }

    /// The elements as complex numbers; real arrays get a zero imaginary part.
    ///
    /// # Errors
    /// None today; the result leaves room for element types that are not numbers.
    pub fn into_complex(self, name: &str) -> Result<ArrayD<Complex64>> {
        Ok(match self {
            Self::Complex64(a) => a,
            Self::Complex32(a) => a.mapv(|z| Complex64::new(z.re.into(), z.im.into())),
            real => real.into_f64(name)?.mapv(Complex64::from),
        })
    }
}
