//! Files that appear whole or not at all.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::{Error, Result};

/// What to do when the file to be written is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IfExists {
    /// Return [`Error::AlreadyExists`] and leave the file as it is.
    #[default]
    Refuse,
    /// Replace the file once the new one is complete.
    Replace,
}

/// A file under a temporary name, in the folder of its target, until [`AtomicFile::commit`].
///
/// A reader never sees half a file, and a run that is stopped leaves no file
/// under the final name. Dropping without `commit` removes the temporary file.
///
/// ```
/// use std::io::Write;
/// use astro_io::{AtomicFile, IfExists};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("result.txt");
/// let mut file = AtomicFile::create(&path, IfExists::Refuse)?;
/// file.write_all(b"42\n")?;
/// assert!(!path.exists());
/// file.commit()?;
/// assert_eq!(std::fs::read(&path)?, b"42\n");
/// assert!(AtomicFile::create(&path, IfExists::Refuse).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct AtomicFile {
    writer: BufWriter<NamedTempFile>,
    target: PathBuf,
    if_exists: IfExists,
}

impl AtomicFile {
    /// Opens a temporary file beside `path`.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] when the target is there and may not be
    /// replaced; [`Error::Writing`] when the folder cannot be written.
    pub fn create(path: impl AsRef<Path>, if_exists: IfExists) -> Result<Self> {
        let target = path.as_ref().to_path_buf();
        if if_exists == IfExists::Refuse && target.exists() {
            return Err(Error::AlreadyExists { path: target });
        }
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".astro-").suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As for any new file: readable by others as far as the umask allows.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        match builder.tempfile_in(folder) {
            Ok(file) => Ok(Self {
                writer: BufWriter::with_capacity(1 << 18, file),
                target,
                if_exists,
            }),
            Err(source) => Err(Error::writing(target)(source.into())),
        }
    }

    /// Gives the file its final name.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] when another process has made the file
    /// meanwhile; [`Error::Writing`] when the disk refuses.
    pub fn commit(self) -> Result<()> {
        let Self {
            writer,
            target,
            if_exists,
        } = self;
        let file = match writer.into_inner() {
            Ok(file) => file,
            Err(error) => return Err(Error::writing(target)(error.into_error().into())),
        };
        if let Err(source) = file.as_file().sync_all() {
            return Err(Error::writing(target)(source.into()));
        }
        let renamed = match if_exists {
            IfExists::Refuse => file.persist_noclobber(&target),
            IfExists::Replace => file.persist(&target),
        };
        match renamed {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                Err(Error::AlreadyExists { path: target })
            }
            Err(error) => Err(Error::writing(target)(error.error.into())),
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.writer.seek(position)
    }
}

/// Writes a whole file through `fill`, then gives it its name.
///
/// # Errors
/// As [`AtomicFile::create`] and [`AtomicFile::commit`], and what `fill` returns.
pub fn write_atomically(
    path: impl AsRef<Path>,
    if_exists: IfExists,
    fill: impl FnOnce(&mut AtomicFile) -> Result<()>,
) -> Result<()> {
    let path = path.as_ref();
    let mut file = AtomicFile::create(path, if_exists)?;
    fill(&mut file).map_err(Error::writing(path))?;
    file.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_fails_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        let result = write_atomically(&path, IfExists::Refuse, |file| {
            file.write_all(b"half")?;
            Err(Error::NoData)
        });
        assert!(result.is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn overwriting_needs_to_be_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        let write = |bytes: &'static [u8], if_exists| {
            write_atomically(&path, if_exists, |file| Ok(file.write_all(bytes)?))
        };
        write(b"one", IfExists::Refuse).unwrap();
        assert!(matches!(
            write(b"two", IfExists::Refuse),
            Err(Error::AlreadyExists { .. })
        ));
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        write(b"two", IfExists::Replace).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
    }

    #[test]
    fn a_target_made_meanwhile_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        let file = AtomicFile::create(&path, IfExists::Refuse).unwrap();
        std::fs::write(&path, b"theirs").unwrap();
        assert!(matches!(file.commit(), Err(Error::AlreadyExists { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
    }
}
