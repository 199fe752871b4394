//! A folder for output that is whole or not there: made beside it, moved at the end.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::directory::{DirectoryError, at};

/// Its name, inside the folder that the output goes to: on the same file system.
const NAME: &str = ".replay.draft";
/// In it, directories that the output takes the place of, until all has been moved.
const REPLACED: &str = "replaced";

/// Batch directories on their way to a folder. Dropped, it leaves nothing: neither itself nor
/// folders that it made and that are empty.
#[derive(Debug)]
pub(crate) struct Draft {
    out: PathBuf,
    path: PathBuf,
    /// Folders that were not there, the deepest first.
    made: Vec<PathBuf>,
}

impl Draft {
    /// An empty draft inside `out`, which is made if it is not there; one that a killed process left
    /// is removed.
    pub(crate) fn new(out: &Path) -> Result<Self, DirectoryError> {
        let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let draft = Self {
            out: out.to_owned(),
            path: out.join(NAME),
            made: out
                .ancestors()
                .take_while(is_missing)
                .map(Path::to_owned)
                .collect(),
        };
        remove(&draft.path)?;
        fs::create_dir_all(&draft.path).map_err(at(&draft.path))?;
        Ok(draft)
    }

    /// Where to write.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Moves `directories`, all directly inside the draft, to where they belong, in place of those
    /// of the same names; if one can't be moved, all is as before.
    pub(crate) fn publish(self, directories: &[PathBuf]) -> Result<Vec<PathBuf>, DirectoryError> {
        let replaced = self.path.join(REPLACED);
        fs::create_dir_all(&replaced).map_err(at(&replaced))?;
        let mut moves = Vec::new();
        for directory in directories {
            let name = directory.file_name().unwrap_or_default();
            let target = self.out.join(name);
            if target.exists() {
                moves.push((target.clone(), replaced.join(name)));
            }
            moves.push((directory.clone(), target));
        }
        for (done, (from, to)) in moves.iter().enumerate() {
            if let Err(error) = fs::rename(from, to) {
                for (from, to) in moves[..done].iter().rev() {
                    // The first error is the one to tell.
                    let _ = fs::rename(to, from);
                }
                return Err(at(to)(error));
            }
        }
        let name = |directory: &PathBuf| self.out.join(directory.file_name().unwrap_or_default());
        Ok(directories.iter().map(name).collect())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // What can't be removed has a name that nothing reads, and the next draft tries again.
        let _ = remove(&self.path);
        for folder in &self.made {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

fn remove(path: &Path) -> Result<(), DirectoryError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(path)(error)),
        _ => Ok(()),
    }
}
