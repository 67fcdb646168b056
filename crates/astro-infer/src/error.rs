//! The one error type of the crate.

use std::fmt;
use std::path::PathBuf;

use astro_core::BadValue;

/// The result of every fallible call here.
pub type Result<T> = std::result::Result<T, Error>;

/// What a likelihood may return as its own failure.
pub type LikelihoodError = Box<dyn std::error::Error + Send + Sync>;

/// Parameter values with their names, as an error shows them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NamedValues(pub Vec<(String, f64)>);

impl fmt::Display for NamedValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{name} = {value}")?;
        }
        Ok(())
    }
}

/// Why a prior, a fit or a chain could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A prior whose numbers describe no distribution.
    #[error("{prior} prior: {quantity} is {found}; {requirement}")]
    InvalidPrior {
        /// The family of the prior.
        prior: &'static str,
        /// Which of its numbers is wrong.
        quantity: &'static str,
        /// What was found.
        found: f64,
        /// What is required.
        requirement: &'static str,
    },
    /// A parameter that contradicts itself.
    #[error("parameter `{name}`: {quantity} is {found}; {requirement}")]
    InvalidParameter {
        /// The parameter.
        name: String,
        /// Which of its numbers is wrong.
        quantity: &'static str,
        /// What was found.
        found: f64,
        /// What is required.
        requirement: &'static str,
    },
    /// A parameter without a name.
    #[error("parameter {index} has an empty name; every parameter needs a name of its own")]
    EmptyName {
        /// Its place in the list.
        index: usize,
    },
    /// A free parameter without a prior.
    #[error("parameter `{name}` has neither a prior nor a fixed value; give it one of them")]
    MissingPrior {
        /// The parameter.
        name: String,
    },
    /// Two parameters of one name.
    #[error("parameters {first} and {second} are both named `{name}`; every name may be used once")]
    DuplicateName {
        /// The name.
        name: String,
        /// The first place.
        first: usize,
        /// The second place.
        second: usize,
    },
    /// There is nothing to fit.
    #[error("all {count} parameters are fixed; free at least one of them")]
    NoFreeParameters {
        /// How many parameters there are.
        count: usize,
    },
    /// An array of the wrong length.
    #[error("{quantity} has {found} elements; {expected} are required")]
    WrongLength {
        /// The array.
        quantity: &'static str,
        /// Its length.
        found: usize,
        /// The length required.
        expected: usize,
    },
    /// An array with a NaN, an infinity or a negative value.
    #[error(transparent)]
    BadValue(#[from] BadValue),
    /// A setting out of its range.
    #[error("{option} is {found}; {requirement}")]
    InvalidOption {
        /// The setting.
        option: &'static str,
        /// What was found.
        found: f64,
        /// What is required.
        requirement: &'static str,
    },
    /// A log-likelihood that is NaN or +∞.
    #[error(
        "the log-likelihood is {found} at {point}; it must be a number below +inf (-inf excludes a point): check the model there, or narrow the priors"
    )]
    BadLogLikelihood {
        /// NaN or +∞.
        found: f64,
        /// All parameters of the point.
        point: NamedValues,
    },
    /// A derivative of the log-likelihood that is not finite.
    #[error(
        "the derivative of the log-likelihood with respect to `{parameter}` is {found} at {point}; it must be finite where the log-likelihood is: check `log_likelihood_gradient` there"
    )]
    BadGradient {
        /// The parameter.
        parameter: String,
        /// NaN or an infinity.
        found: f64,
        /// All parameters of the point.
        point: NamedValues,
    },
    /// The likelihood itself failed.
    #[error("the likelihood failed at {point}")]
    Likelihood {
        /// The first point of the batch that failed (of one point, where the
        /// likelihood works point by point).
        point: NamedValues,
        /// Its own error.
        #[source]
        source: LikelihoodError,
    },
    /// The caller asked to stop before there was a result.
    #[error("stopped by the caller after {evaluations} likelihood evaluations")]
    Stopped {
        /// How many points had been evaluated.
        evaluations: u64,
    },
    /// A starting point that the prior or the likelihood excludes.
    #[error(
        "the starting point {point} has log-prior {log_prior} and log-likelihood {log_likelihood}; start where both are finite"
    )]
    ExcludedStart {
        /// The point, all parameters.
        point: NamedValues,
        /// Its log-prior.
        log_prior: f64,
        /// Its log-likelihood.
        log_likelihood: f64,
    },
    /// Random starting points were nearly all excluded.
    #[error(
        "only {found} of {required} walkers found a starting point of finite log-posterior in {draws} draws; start from a smaller ball, or narrow the priors"
    )]
    NoStart {
        /// Walkers placed.
        found: usize,
        /// Walkers wanted.
        required: usize,
        /// Points drawn.
        draws: usize,
    },
    /// Walkers that lie in a subspace, which the moves can never leave.
    #[error(
        "the starting walkers do not spread in `{parameter}` independently of the parameters before it; start from a ball of full rank"
    )]
    DegenerateStart {
        /// The first parameter that depends on those before it.
        parameter: String,
    },
    /// A call that needs walkers came before they were placed.
    #[error("the ensemble has no walkers yet; call start_ball, start_from_prior or start_at first")]
    NotStarted,
    /// Walkers were placed twice.
    #[error("the ensemble already has {steps} steps; make a new one to start elsewhere")]
    AlreadyStarted {
        /// Steps in its chain.
        steps: usize,
    },
    /// A matrix that is no covariance or information matrix.
    #[error(
        "{matrix} is not positive definite at `{parameter}` (pivot {pivot:.3e} of 1); {remedy}"
    )]
    NotPositiveDefinite {
        /// The matrix.
        matrix: &'static str,
        /// The first parameter at which the factorization failed.
        parameter: String,
        /// What was left of its unit diagonal element.
        pivot: f64,
        /// What to do.
        remedy: &'static str,
    },
    /// A parameter that the log-likelihood does not feel.
    #[error(
        "the log-likelihood changes by {change:.3e} over a step of {step:.3e} in `{parameter}`, which does not constrain it; fix it, or give the data that constrain it"
    )]
    Unconstrained {
        /// The parameter.
        parameter: String,
        /// The widest step tried, in the parameter's coordinate.
        step: f64,
        /// The change of the log-likelihood over it.
        change: f64,
    },
    /// A point without room for a second derivative.
    #[error(
        "`{parameter}` = {coordinate} lies at the edge of its prior or of the region of finite likelihood, where errors have no meaning; widen the prior or fix the parameter"
    )]
    AtEdge {
        /// The parameter.
        parameter: String,
        /// Its coordinate.
        coordinate: f64,
    },
    /// A chain too short for what was asked.
    #[error("{quantity} needs at least {required} samples; there are {found}")]
    TooFewSamples {
        /// What was asked.
        quantity: &'static str,
        /// Samples there are.
        found: usize,
        /// Samples needed.
        required: usize,
    },
    /// An optimizer refused its set-up.
    #[error("the {method} search could not be set up")]
    Search {
        /// The method.
        method: &'static str,
        /// The error of the optimizer.
        #[source]
        source: LikelihoodError,
    },
    /// A checkpoint could not be read or written.
    #[error("while {action} the checkpoint {}", path.display())]
    CheckpointFile {
        /// Reading or writing.
        action: &'static str,
        /// What went wrong.
        #[source]
        source: std::io::Error,
        /// The file.
        path: PathBuf,
    },
    /// A file that is no whole checkpoint of this version.
    #[error("{quantity} of the checkpoint is {found}, expected {expected}: {}", path.display())]
    CheckpointFormat {
        /// What was read.
        quantity: &'static str,
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
        /// The file.
        path: PathBuf,
    },
    /// A checkpoint of another fit.
    #[error(
        "the checkpoint was written for other parameters: parameter {index} is {found} there and {expected} here; resume with the parameters of the checkpoint: {}", path.display()
    )]
    CheckpointMismatch {
        /// The first parameter that differs.
        index: usize,
        /// The parameter in the checkpoint.
        found: String,
        /// The parameter here.
        expected: String,
        /// The file.
        path: PathBuf,
    },
}
