//! The checkpoint file: one line that names the format, one line of JSON, then
//! little-endian f64: positions, log-likelihoods and log-priors of the walkers,
//! and of the chain its coordinates, log-likelihoods and log-priors.
//!
//! Positions are binary because a chain continues bit for bit only from the
//! very same numbers, and because a chain can be large.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

use super::options::{Checkpoint, EnsembleOptions, WeightedMove};
use super::state::{MoveCount, State};
use super::{Chain, Ensemble};
use crate::error::{Error, Result};
use crate::likelihood::LogLikelihood;
use crate::parameter::Parameter;
use crate::parameter_set::ParameterSet;
use crate::target::Evaluation;

const MAGIC: &str = "astro-infer ensemble 1";

/// The JSON line.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    parameters: ParameterSet,
    walkers: usize,
    steps: usize,
    seed: u64,
    moves: Vec<WeightedMove>,
    autocorrelation_times: f64,
    every_steps: Option<usize>,
    random: Xoshiro256PlusPlus,
    accepted: Vec<u64>,
    offers: Vec<MoveCount>,
    evaluations: u64,
}

pub(super) fn write<L>(ensemble: &Ensemble<L>, path: &Path) -> Result<()> {
    let state = ensemble.state.as_ref().ok_or(Error::NotStarted)?;
    let options = &ensemble.options;
    let header = Header {
        parameters: ensemble.set.clone(),
        walkers: ensemble.checked.walkers,
        steps: ensemble.chain.steps(),
        seed: options.seed,
        moves: options.moves.clone(),
        autocorrelation_times: options.autocorrelation_times,
        every_steps: options.checkpoint.as_ref().map(|c| c.every_steps),
        random: ensemble.rng.clone(),
        accepted: state.accepted.clone(),
        offers: state.moves.clone(),
        evaluations: ensemble.evaluations,
    };
    write_file(&header, state, &ensemble.chain, path).map_err(|source| Error::CheckpointFile {
        action: "writing",
        source,
        path: path.to_owned(),
    })
}

fn write_file(header: &Header, state: &State, chain: &Chain, path: &Path) -> io::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let mut file = BufWriter::new(File::create(&partial)?);
    writeln!(file, "{MAGIC}")?;
    serde_json::to_writer(&mut file, header)?;
    writeln!(file)?;
    let log_likelihood: Vec<f64> = state.evaluations.iter().map(|e| e.log_likelihood).collect();
    let log_prior: Vec<f64> = state.evaluations.iter().map(|e| e.log_prior).collect();
    for values in [
        &state.positions,
        &log_likelihood,
        &log_prior,
        &chain.coordinates,
        &chain.log_likelihood,
        &chain.log_prior,
    ] {
        for value in values {
            file.write_all(&value.to_le_bytes())?;
        }
    }
    // On the disk before the older file is replaced.
    file.into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()?;
    fs::rename(&partial, path)
}

pub(super) fn read<L: LogLikelihood>(
    path: &Path,
    set: &ParameterSet,
    likelihood: L,
) -> Result<Ensemble<L>> {
    let bytes = fs::read(path).map_err(|source| Error::CheckpointFile {
        action: "reading",
        source,
        path: path.to_owned(),
    })?;
    let malformed = |quantity, found: String, expected: String| Error::CheckpointFormat {
        quantity,
        found,
        expected,
        path: path.to_owned(),
    };
    let (magic, rest) = split_line(&bytes);
    if magic != MAGIC.as_bytes() {
        let found = String::from_utf8_lossy(&magic[..magic.len().min(40)]).into_owned();
        return Err(malformed(
            "the first line",
            format!("`{found}`"),
            format!("`{MAGIC}`"),
        ));
    }
    let (json, data) = split_line(rest);
    let header: Header = serde_json::from_slice(json).map_err(|error| {
        malformed(
            "the second line",
            error.to_string(),
            "the JSON header of a checkpoint".to_owned(),
        )
    })?;
    check_same_parameters(&header.parameters, set, path)?;

    let mut ensemble = Ensemble::new(
        set,
        likelihood,
        EnsembleOptions {
            walkers: Some(header.walkers),
            seed: header.seed,
            moves: header.moves,
            checkpoint: header.every_steps.map(|every_steps| Checkpoint {
                path: path.to_owned(),
                every_steps,
            }),
            autocorrelation_times: header.autocorrelation_times,
        },
    )?;
    let kinds = ensemble.options.moves.len();
    if header.accepted.len() != header.walkers || header.offers.len() != kinds {
        return Err(malformed(
            "the number of counters",
            format!("{} and {}", header.accepted.len(), header.offers.len()),
            format!("{} walkers and {kinds} moves", header.walkers),
        ));
    }
    // In u128: the header's counts are not to be trusted with a product.
    let numbers =
        (header.steps as u128 + 1) * header.walkers as u128 * (set.free_count() as u128 + 2);
    if data.len() as u128 != 8 * numbers {
        return Err(malformed(
            "the size after the header",
            format!("{} bytes", data.len()),
            format!(
                "{} (the file is cut short, or longer than it says)",
                8 * numbers
            ),
        ));
    }
    let mut numbers = data
        .as_chunks::<8>()
        .0
        .iter()
        .map(|bytes| f64::from_le_bytes(*bytes));
    let mut take = |count: usize| -> Vec<f64> { numbers.by_ref().take(count).collect() };
    let (walkers, steps, free) = (header.walkers, header.steps, set.free_count());
    let positions = take(walkers * free);
    let log_likelihood = take(walkers);
    let log_prior = take(walkers);
    let evaluations = log_likelihood
        .into_iter()
        .zip(log_prior)
        .map(|(log_likelihood, log_prior)| Evaluation {
            log_likelihood,
            log_prior,
        })
        .collect();
    ensemble.state = Some(State {
        positions,
        evaluations,
        accepted: header.accepted,
        moves: header.offers,
    });
    ensemble.chain.coordinates = take(steps * walkers * free);
    ensemble.chain.log_likelihood = take(steps * walkers);
    ensemble.chain.log_prior = take(steps * walkers);
    ensemble.rng = header.random;
    ensemble.evaluations = header.evaluations;
    Ok(ensemble)
}

/// The bytes before the first line feed, and those after it.
fn split_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|&b| b == b'\n');
    match end {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}

fn check_same_parameters(found: &ParameterSet, expected: &ParameterSet, path: &Path) -> Result<()> {
    let describe = |parameter: Option<&Parameter>| match parameter {
        None => "absent".to_owned(),
        // Data without maps always has a JSON form.
        Some(parameter) => serde_json::to_string(parameter).unwrap_or_default(),
    };
    for index in 0..found.len().max(expected.len()) {
        let (there, here) = (
            found.parameters().get(index),
            expected.parameters().get(index),
        );
        if there != here {
            return Err(Error::CheckpointMismatch {
                index,
                found: describe(there),
                expected: describe(here),
                path: path.to_owned(),
            });
        }
    }
    Ok(())
}
