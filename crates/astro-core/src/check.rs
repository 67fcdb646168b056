//! Checks at the boundary: the first bad number, by name and index.

/// A number that the computation cannot use.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{quantity}[{index}] is {value}; {requirement}")]
pub struct BadValue {
    /// The array or parameter.
    pub quantity: &'static str,
    /// Its first bad element, in row-major order.
    pub index: usize,
    /// What was found there.
    pub value: f64,
    /// What is required, and what to do.
    pub requirement: &'static str,
}

/// Two arrays that must have the same number of elements.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{quantity} has {found} elements but {reference} has {expected}; they describe the same points and must be equally long"
)]
pub struct LengthMismatch {
    /// The array of the wrong length.
    pub quantity: &'static str,
    /// Its length.
    pub found: usize,
    /// The array it is compared with.
    pub reference: &'static str,
    /// The length required.
    pub expected: usize,
}

/// Requires every value to be finite.
///
/// # Errors
/// The first NaN or infinity with its index.
pub fn check_finite(
    quantity: &'static str,
    values: impl IntoIterator<Item = f64>,
) -> Result<(), BadValue> {
    check(
        quantity,
        values,
        f64::is_finite,
        "it must be finite: mask or remove the point",
    )
}

/// Requires every value to be finite and at least zero.
///
/// # Errors
/// The first NaN, infinity or negative value with its index.
pub fn check_non_negative(
    quantity: &'static str,
    values: impl IntoIterator<Item = f64>,
) -> Result<(), BadValue> {
    check(
        quantity,
        values,
        |x| x.is_finite() && x >= 0.0,
        "it must be finite and >= 0: use 0 for a flagged point",
    )
}

/// Requires `found` to equal the length of a reference array.
///
/// # Errors
/// Both names and both lengths.
pub fn check_lengths(
    quantity: &'static str,
    found: usize,
    reference: &'static str,
    expected: usize,
) -> Result<(), LengthMismatch> {
    if found == expected {
        return Ok(());
    }
    Err(LengthMismatch {
        quantity,
        found,
        reference,
        expected,
    })
}

fn check(
    quantity: &'static str,
    values: impl IntoIterator<Item = f64>,
    good: impl Fn(f64) -> bool,
    requirement: &'static str,
) -> Result<(), BadValue> {
    match values.into_iter().enumerate().find(|&(_, x)| !good(x)) {
        None => Ok(()),
        Some((index, value)) => Err(BadValue {
            quantity,
            index,
            value,
            requirement,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bad_value_is_named() {
        let error = check_finite("image", [1.0, f64::NAN, f64::INFINITY]).unwrap_err();
        assert_eq!(error.index, 1);
        assert!(
            error
                .to_string()
                .starts_with("image[1] is NaN; it must be finite")
        );
        assert!(check_non_negative("weight", [0.0, -1.0]).is_err());
    }

    #[test]
    fn lengths_are_named() {
        let error = check_lengths("v", 3, "u", 4).unwrap_err();
        assert!(error.to_string().contains("v has 3 elements but u has 4"));
    }
}
