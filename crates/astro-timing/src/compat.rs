//! Whose definitions a computation follows where the field's software and statistics disagree.

/// Our definitions, or those of Stingray.
///
/// Results are statistically correct by default. Where Stingray 2.3.2 computes something else,
/// [`Compat::Stingray`] reproduces it, so that older results can be repeated and compared. Each
/// item that takes this option says what differs.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Compat {
    /// The statistically correct definition.
    #[default]
    Correct,
    /// What Stingray 2.3.2 computes.
    Stingray,
}

impl Compat {
    /// Whether Stingray's definition is asked for.
    #[must_use]
    pub fn is_stingray(self) -> bool {
        self == Self::Stingray
    }
}
