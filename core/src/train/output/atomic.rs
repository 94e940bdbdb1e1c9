//! Files and folders that are replaced as a whole, or stay as they are.
//!
//! The new one is written beside the old under a hidden name, sent to the disk, and only then
//! renamed. Hidden, because other programs list a run's folder while it is written.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::OutputError;
use super::error::{PARTIAL, replacing};

/// How the hidden name of a folder ends that is about to be removed.
const REPLACED: &str = ".replaced";

/// Writes a file whole: after a failure or a kill at any moment the previous one is there.
///
/// # Errors
/// When it cannot be written, such as on a full disk; nothing of it is left then.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    replace_file(path, |file| file.write_all(bytes))
}

/// As [`write_atomic`], with the bytes written by `fill`.
fn replace_file(
    path: &Path,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), OutputError> {
    let failed = replacing(path);
    if path.is_dir() {
        let (expected, found) = ("a file", "a folder");
        return Err(OutputError::Kind { path: path.to_owned(), expected, found });
    }
    // Jobs that a cluster starts at once may write the same file: each has a name of its own.
    let aside = beside(path, &format!(".{}{PARTIAL}", std::process::id()))?;
    let write = || {
        remove(&aside)?;
        let mut file = File::create_new(&aside)?;
        fill(&mut file)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&aside, path)?;
        sync_names(parent(path));
        Ok(())
    };
    write().map_err(|error| {
        discard(&aside);
        failed(error)
    })
}

/// Removes what writers that were killed have left aside in a folder, where it is at least so old.
///
/// # Errors
/// When the folder cannot be read, or a leftover cannot be removed.
pub fn clear_aside(folder: &Path, age: Duration) -> Result<(), OutputError> {
    let failed = |error| OutputError::Recover { path: folder.to_owned(), error };
    let clear = || {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_aside = name.starts_with('.') && name.ends_with(PARTIAL);
            // One that is being written may be renamed at any moment.
            let Ok(found) = entry.metadata() else { continue };
            let old = found.modified()?.elapsed().unwrap_or_default() >= age;
            if is_aside && old && found.is_file() {
                remove(&entry.path())?;
            }
        }
        Ok(())
    };
    clear().map_err(failed)
}

/// Replaces a folder by what `fill` writes into the empty folder that it is given.
///
/// A kill between the two renames at its end leaves the previous folder under a hidden name,
/// whence [`recover_folder`] brings it back.
///
/// # Errors
/// When `fill` fails, or the folder cannot be written, such as on a full disk: the previous one
/// stays, and nothing of the new one is left.
pub fn replace_folder<T, E: From<OutputError>>(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<T, E>,
) -> Result<T, E> {
    recover_folder(path)?;
    if path.exists() && !path.is_dir() {
        let (expected, found) = ("a folder", "a file");
        return Err(OutputError::Kind { path: path.to_owned(), expected, found }.into());
    }
    let (aside, old) = (beside(path, PARTIAL)?, beside(path, REPLACED)?);
    let wrap = |result: io::Result<()>| result.map_err(|error| replacing(path)(error));
    let write = || -> Result<T, E> {
        wrap(fs::create_dir(&aside))?;
        let value = fill(&aside)?;
        wrap(sync_tree(&aside).and_then(|()| swap(path, &aside, &old)))?;
        Ok(value)
    };
    let value = write().inspect_err(|_| discard(&aside))?;
    // The new folder is in place; what stays of the old one is cleared away by the next start.
    discard(&old);
    Ok(value)
}

/// Renames `path` to `old`, if it is there, and `new` to `path`.
fn swap(path: &Path, new: &Path, old: &Path) -> io::Result<()> {
    let had = path.exists();
    if had {
        fs::rename(path, old)?;
    }
    if let Err(error) = fs::rename(new, path) {
        if had {
            fs::rename(old, path)?;
        }
        return Err(error);
    }
    sync_names(parent(path));
    Ok(())
}

/// Brings back a folder whose replacement was cut short, and clears what else was left; to be
/// called before the folder is read.
///
/// # Errors
/// When a leftover can be neither renamed nor removed.
pub fn recover_folder(path: &Path) -> Result<(), OutputError> {
    let (aside, old) = (beside(path, PARTIAL)?, beside(path, REPLACED)?);
    let failed = |path: &Path| {
        let path = path.to_owned();
        |error| OutputError::Recover { path, error }
    };
    if old.exists() && !path.exists() {
        fs::rename(&old, path).map_err(failed(&old))?;
    }
    remove(&old).map_err(failed(&old))?;
    remove(&aside).map_err(failed(&aside))
}

/// `folder/.NAME` and the ending for `folder/NAME`.
fn beside(path: &Path, ending: &str) -> Result<PathBuf, OutputError> {
    let name = path.file_name().ok_or_else(|| OutputError::NoName { path: path.to_owned() })?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(ending);
    Ok(path.with_file_name(hidden))
}

/// The folder around a path; the working folder for a bare name.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes a file or folder, if there is one.
fn remove(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if found.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

/// Removes what is no longer needed, after the outcome is settled.
fn discard(path: &Path) {
    if let Err(error) = remove(path) {
        log::warn!("{}: cannot be removed: {error}", path.display());
    }
}

/// Sends all files of a folder, and the folder itself, to the disk.
fn sync_tree(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_tree(&entry.path())?;
        } else {
            // Windows syncs only what is open for writing.
            File::options().write(true).open(entry.path())?.sync_all()?;
        }
    }
    sync_names(folder);
    Ok(())
}

/// Sends a folder's list of names to the disk, so that a rename outlasts a power cut.
///
/// Some file systems cannot; the rename has happened nonetheless, so that is no failure.
fn sync_names(folder: &Path) {
    if cfg!(unix)
        && let Err(error) = File::open(folder).and_then(|folder| folder.sync_all())
    {
        log::warn!("{}: its list of files cannot be synced: {error}", folder.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string();
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|e| name(e).unwrap()).collect();
        names.sort();
        names
    }

    fn full() -> io::Error {
        io::Error::from(io::ErrorKind::StorageFull)
    }

    #[test]
    fn a_file_is_replaced_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        write_atomic(&path, b"one").unwrap();
        write_atomic(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(names(folder.path()), ["config.toml"]);
    }

    #[test]
    fn what_a_kill_left_is_cleared_once_it_is_old() {
        let folder = tempfile::tempdir().unwrap();
        for name in [".config.toml.77.partial", ".other", "x.partial"] {
            fs::write(folder.path().join(name), "torn").unwrap();
        }
        clear_aside(folder.path(), Duration::from_secs(60)).unwrap();
        assert_eq!(names(folder.path()).len(), 3);
        clear_aside(folder.path(), Duration::ZERO).unwrap();
        assert_eq!(names(folder.path()), [".other", "x.partial"]);
        assert!(clear_aside(&folder.path().join("none"), Duration::ZERO).is_err());
    }

    #[test]
    fn a_full_disk_keeps_the_previous_file_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        write_atomic(&path, b"before").unwrap();
        let error = replace_file(&path, |file| {
            file.write_all(b"half")?;
            Err(full())
        });
        let said = error.unwrap_err().to_string();
        assert!(said.starts_with(&format!("{}: cannot be written: ", path.display())), "{said}");
        assert!(said.ends_with("; what was there before is kept"), "{said}");
        assert_eq!(fs::read(&path).unwrap(), b"before");
        assert_eq!(names(folder.path()), ["state"]);
    }

    #[test]
    fn a_folder_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        let fill = |names: &'static [&str]| {
            move |folder: &Path| {
                for name in names {
                    write_atomic(&folder.join(name), name.as_bytes())?;
                }
                Ok::<_, OutputError>(names.len())
            }
        };
        assert_eq!(replace_folder(&path, fill(&["a", "b"])).unwrap(), 2);
        assert_eq!(replace_folder(&path, fill(&["c"])).unwrap(), 1);
        assert_eq!(names(&path), ["c"]);
        assert_eq!(names(folder.path()), ["checkpoint"]);
    }

    #[test]
    fn a_failure_while_a_folder_is_filled_keeps_the_previous_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        let write = |inner: &Path| write_atomic(&inner.join("a"), b"before");
        replace_folder(&path, write).unwrap();
        let result: Result<(), OutputError> = replace_folder(&path, |inner| {
            write_atomic(&inner.join("b"), b"half")?;
            Err(replacing(&inner.join("c"))(full()))
        });
        // The message has the name that the user knows.
        let said = result.unwrap_err().to_string();
        let start = format!("{}: cannot be written: ", path.join("c").display());
        assert!(said.starts_with(&start), "{said}");
        assert_eq!(names(&path), ["a"]);
        assert_eq!(names(folder.path()), ["checkpoint"]);
    }

    #[test]
    fn a_kill_at_any_moment_leaves_one_whole_folder() {
        // Which of the three folders are there, and which one must be found afterwards.
        let cases = [
            (["checkpoint", ".checkpoint.partial"].as_slice(), "checkpoint"),
            (&[".checkpoint.partial", ".checkpoint.replaced"], ".checkpoint.replaced"),
            (&["checkpoint", ".checkpoint.replaced"], "checkpoint"),
            (&["checkpoint"], "checkpoint"),
        ];
        for (there, kept) in cases {
            let folder = tempfile::tempdir().unwrap();
            for name in there {
                fs::create_dir(folder.path().join(name)).unwrap();
                fs::write(folder.path().join(name).join("from"), name).unwrap();
            }
            let path = folder.path().join("checkpoint");
            recover_folder(&path).unwrap();
            assert_eq!(fs::read_to_string(path.join("from")).unwrap(), kept, "{there:?}");
            assert_eq!(names(folder.path()), ["checkpoint"], "{there:?}");
        }
        let folder = tempfile::tempdir().unwrap();
        recover_folder(&folder.path().join("checkpoint")).unwrap();
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn files_and_folders_do_not_replace_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::create_dir(&path).unwrap();
        let said = write_atomic(&path, b"").unwrap_err().to_string();
        assert!(said.ends_with("x: expected a file of this name, found a folder"), "{said}");
        let path = folder.path().join("y");
        fs::write(&path, "kept").unwrap();
        let result: Result<(), OutputError> = replace_folder(&path, |_| Ok(()));
        let said = result.unwrap_err().to_string();
        assert!(said.ends_with("y: expected a folder of this name, found a file"), "{said}");
        assert_eq!(fs::read(&path).unwrap(), b"kept");
        assert_eq!(names(folder.path()), ["x", "y"]);
    }

    #[test]
    fn paths_without_a_name_or_a_folder_are_refused() {
        let said = write_atomic(Path::new("/.."), b"").unwrap_err().to_string();
        assert!(said.starts_with("/..: expected a file") || said.contains("not the name"));
        let said = recover_folder(Path::new("..")).unwrap_err().to_string();
        assert_eq!(said, "'..' is not the name of a file or folder");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("no/such/file");
        assert!(matches!(write_atomic(&path, b""), Err(OutputError::Replace { .. })));
    }
}
