//! A chain that is interrupted continues as if it had not been.

use std::fs;

use astro_core::NoProgress;
use astro_infer::{
    Checkpoint, Ensemble, EnsembleOptions, Error, Parameter, ParameterSet, Prior, Serial, Threaded,
};

use crate::ensemble::{log_likelihood, options, set};

type Likelihood = Serial<fn(&[f64]) -> f64>;

/// The chain without interruption.
fn whole() -> Ensemble<Likelihood> {
    let mut ensemble = Ensemble::new(
        &set(),
        Serial(log_likelihood as fn(&[f64]) -> f64),
        options(),
    )
    .unwrap();
    ensemble.start_from_prior().unwrap();
    ensemble.run(90, &NoProgress).unwrap();
    ensemble
}

#[test]
fn a_resumed_chain_is_the_uninterrupted_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chain.checkpoint");
    let expected = whole();

    let set = set();
    let mut first = Ensemble::new(&set, Serial(log_likelihood), options()).unwrap();
    first.start_from_prior().unwrap();
    first.save(&path).unwrap();
    for steps in [0, 31, 1, 58] {
        // A new process, threaded this time.
        let mut next = Ensemble::resume(&path, &set, Threaded(log_likelihood)).unwrap();
        next.run(steps, &NoProgress).unwrap();
        next.save(&path).unwrap();
    }
    let found = Ensemble::resume(&path, &set, Serial(log_likelihood)).unwrap();
    assert_eq!(found.chain(), expected.chain());
    assert_eq!(
        found.acceptance_fractions(),
        expected.acceptance_fractions()
    );
    assert_eq!(found.options(), expected.options());
    assert_eq!(
        found.move_acceptance_fractions(),
        expected.move_acceptance_fractions()
    );
}

#[test]
fn checkpoints_are_written_while_running() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chain.checkpoint");
    let options = EnsembleOptions {
        checkpoint: Some(Checkpoint {
            path: path.clone(),
            every_steps: 25,
        }),
        ..options()
    };
    let set = set();
    let looks = std::sync::Mutex::new(Vec::new());
    let watching = Serial(|p: &[f64]| {
        if let Ok(found) = Ensemble::resume(&path, &set, Serial(log_likelihood)) {
            looks.lock().unwrap().push(found.chain().steps());
        }
        log_likelihood(p)
    });
    let mut ensemble = Ensemble::new(&set, watching, options).unwrap();
    ensemble.start_from_prior().unwrap();
    ensemble.run(60, &NoProgress).unwrap();
    let mut looks = looks.into_inner().unwrap();
    looks.dedup();
    assert_eq!(looks, [25, 50]);
    let mut resumed = Ensemble::resume(&path, &set, Serial(log_likelihood)).unwrap();
    assert_eq!(resumed.chain().steps(), 60);
    resumed.run(30, &NoProgress).unwrap();
    assert_eq!(resumed.chain(), whole().chain());
    // The resumed one went on writing to the same file.
    let again = Ensemble::resume(&path, &set, Serial(log_likelihood)).unwrap();
    assert_eq!(again.chain().steps(), 90);
    // Nothing else is left beside it.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn damaged_and_foreign_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chain.checkpoint");
    let resume = |set: &ParameterSet| {
        Ensemble::resume(&path, set, Serial(log_likelihood))
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    assert!(resume(&set()).starts_with("while reading the checkpoint"));

    whole().save(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    assert_eq!(resume(&set()), "");
    for length in [0, 5, 30, 400, bytes.len() - 1, bytes.len() - 8] {
        fs::write(&path, &bytes[..length]).unwrap();
        let message = resume(&set());
        assert!(
            message.contains("of the checkpoint is"),
            "{length}: {message}"
        );
    }
    // A header that claims more than memory holds is refused by its size.
    let text = String::from_utf8_lossy(&bytes[..bytes.len() - 8]).into_owned();
    let end = text.match_indices('\n').nth(1).unwrap().0;
    let huge = text[..=end].replace("\"steps\":90", "\"steps\":18446744073709551615");
    fs::write(&path, huge).unwrap();
    assert!(resume(&set()).contains("the size after the header"));

    fs::write(&path, &bytes).unwrap();
    let mut parameters = set().parameters().to_vec();
    parameters[0] = Parameter::free("x", "m", Prior::uniform(-10.0, 11.0).unwrap());
    let other = ParameterSet::new(parameters).unwrap();
    let error = Ensemble::resume(&path, &other, Serial(log_likelihood)).unwrap_err();
    assert!(
        matches!(error, Error::CheckpointMismatch { index: 0, .. }),
        "{error}"
    );
}
