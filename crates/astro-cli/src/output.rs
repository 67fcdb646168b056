//! What a command says and writes: a summary or one JSON object on standard
//! output, remarks on standard error, files that appear whole or not at all.

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use astro_core::Communicator;
use astro_io::{IfExists, write_atomically};
use astro_mpi::World;
use serde_json::Value;

use crate::args::{OverwriteOption, RunOptions};
use crate::plot::Figure;
use crate::progress::Stopped;

/// How much is said, and in which form; of many ranks the first speaks for all.
#[derive(Clone, Debug)]
pub(crate) struct Console {
    json: bool,
    quiet: bool,
    verbose: bool,
    ranks: Arc<World>,
}

impl Console {
    pub(crate) fn new(run: &RunOptions, ranks: &Arc<World>) -> Self {
        Self {
            json: run.json,
            quiet: run.quiet,
            verbose: run.verbose,
            ranks: Arc::clone(ranks),
        }
    }

    /// The ranks that share the work, one as a rule.
    pub(crate) fn ranks(&self) -> &dyn Communicator {
        &*self.ranks
    }

    fn is_first(&self) -> bool {
        self.ranks.rank() == 0
    }

    /// The result: `text` for readers, `value` with `--json`.
    pub(crate) fn result(&self, text: &str, value: &Value) {
        // A closed pipe (`astro … | head`) is no failure of the command.
        if self.json {
            let _ = writeln!(std::io::stdout(), "{value:#}");
        } else if !self.quiet {
            let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
        }
    }

    /// Something that the reader should know although the command goes on.
    pub(crate) fn warn(&self, text: impl fmt::Display) {
        if self.is_first() {
            let _ = writeln!(std::io::stderr(), "warning: {text}");
        }
    }

    /// A line that only `-v` shows.
    pub(crate) fn detail(&self, text: impl fmt::Display) {
        if self.verbose && self.is_first() {
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    /// Whether a progress bar is welcome.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && self.is_first()
    }
}

/// A call that does not make sense, found after the arguments were parsed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// Prints the error with its chain of causes; gives the exit code.
pub(crate) fn report_error(error: &anyhow::Error) -> u8 {
    if error.chain().any(|cause| cause.is::<Stopped>()) {
        let _ = writeln!(std::io::stderr(), "stopped: {error}");
        return 130;
    }
    let _ = writeln!(std::io::stderr(), "error: {error}");
    let mut said = error.to_string();
    for cause in error.chain().skip(1) {
        let text = cause.to_string();
        // Transparent wrappers repeat their cause.
        if !said.ends_with(&text) {
            let _ = writeln!(std::io::stderr(), "  because: {text}");
        }
        said = text;
    }
    if error.is::<Usage>() { 2 } else { 1 }
}

/// Whether existing files may be replaced, checked before work begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Files {
    pub(crate) if_exists: IfExists,
}

impl Files {
    pub(crate) fn new(options: OverwriteOption) -> Self {
        Self {
            if_exists: if options.overwrite {
                IfExists::Replace
            } else {
                IfExists::Refuse
            },
        }
    }

    /// Refuses early what could not be written at the end.
    pub(crate) fn claim<'a>(&self, paths: impl IntoIterator<Item = &'a Path>) -> Result<()> {
        for path in paths {
            if self.if_exists == IfExists::Refuse && path.exists() {
                anyhow::bail!(
                    "{} exists; choose another name or allow it to be replaced with --overwrite",
                    path.display()
                );
            }
        }
        Ok(())
    }

    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        write_atomically(path, self.if_exists, |file| Ok(file.write_all(bytes)?))?;
        Ok(())
    }

    /// Writes a figure as its extension says.
    pub(crate) fn figure(&self, path: &Path, figure: &Figure) -> Result<()> {
        let bytes = match figure_format(path)? {
            FigureFormat::Svg => figure.svg()?.into_bytes(),
            FigureFormat::Png => figure.png()?,
        };
        self.write(path, &bytes)
    }

    /// Writes a figure in both formats; gives the two names.
    pub(crate) fn figure_pair(&self, stem: &Path, figure: &Figure) -> Result<[PathBuf; 2]> {
        let paths = pair_of(stem);
        for path in &paths {
            self.figure(path, figure)?;
        }
        Ok(paths)
    }
}

/// `stem.svg` and `stem.png`.
pub(crate) fn pair_of(stem: &Path) -> [PathBuf; 2] {
    ["svg", "png"].map(|extension| stem.with_extension(extension))
}

/// Makes a folder for results.
pub(crate) fn make_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path)
        .with_context(|| format!("while making the folder {}", path.display()))
}

enum FigureFormat {
    Svg,
    Png,
}

fn figure_format(path: &Path) -> Result<FigureFormat> {
    match extension(path).as_deref() {
        Some("svg") => Ok(FigureFormat::Svg),
        Some("png") => Ok(FigureFormat::Png),
        _ => Err(Usage(format!(
            "{} does not say what kind of figure it is; end its name in .png or .svg",
            path.display()
        ))
        .into()),
    }
}

/// Requires the name of a figure, before anything is computed.
pub(crate) fn check_figure_name(path: &Path) -> Result<()> {
    figure_format(path).map(|_| ())
}

/// The extension in lower case.
pub(crate) fn extension(path: &Path) -> Option<String> {
    path.extension()
        .map(|text| text.to_string_lossy().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_known_by_their_extension() {
        assert!(check_figure_name(Path::new("a/b.PNG")).is_ok());
        assert!(check_figure_name(Path::new("b.svg")).is_ok());
        let error = check_figure_name(Path::new("b.pdf")).unwrap_err();
        assert!(error.is::<Usage>());
    }

    #[test]
    fn existing_files_are_refused_before_the_work() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "mine").unwrap();
        let files = |overwrite| Files::new(OverwriteOption { overwrite });
        assert!(files(false).claim([path.as_path()]).is_err());
        assert!(files(true).claim([path.as_path()]).is_ok());
    }
}
