//! Which drawings are looked at, told among the programs of a machine: a locked file for each, beside
//! the portfolios. The system lets go of a lock when its program ends, however it ends, so that nothing
//! is held by one that was killed.
//!
//! Files come and go only while the portfolios' own lock for writing is held: else one program could
//! lock a file that another has just removed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::Id;

/// What this program holds, and where.
pub(super) struct Claims {
    folder: PathBuf,
    held: RefCell<BTreeMap<Id, File>>,
}

impl Claims {
    /// Beside a file of portfolios.
    pub(super) fn beside(path: &Path) -> Self {
        let mut folder = path.as_os_str().to_owned();
        folder.push(".claims");
        Self { folder: folder.into(), held: RefCell::default() }
    }

    /// Takes a drawing; false where another program has it.
    pub(super) fn take(&self, id: Id) -> io::Result<bool> {
        let mut held = self.held.borrow_mut();
        if held.contains_key(&id) {
            return Ok(true);
        }
        fs::create_dir_all(&self.folder)?;
        let file = File::create(self.file(id))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(false),
            // A file system without locks: at worst a drawing is looked at by two, and kept once.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        held.insert(id, file);
        Ok(true)
    }

    /// Lets go of a drawing, where it is held.
    pub(super) fn leave(&self, id: Id) {
        if let Some(file) = self.held.borrow_mut().remove(&id) {
            drop(file);
            // One that stays is empty and locked by nobody.
            let _ = fs::remove_file(self.file(id));
        }
    }

    /// Removes what programs that were killed have left.
    pub(super) fn sweep(&self) {
        let Ok(files) = fs::read_dir(&self.folder) else { return };
        for path in files.flatten().map(|file| file.path()) {
            if File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
                let _ = fs::remove_file(path);
            }
        }
    }

    fn file(&self, id: Id) -> PathBuf {
        self.folder.join(id.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_a_drawing_until_it_is_let_go_or_its_holder_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("portfolios.sqlite");
        let [first, second] = [Claims::beside(&path), Claims::beside(&path)];
        assert!(first.take(Id(1)).unwrap() && first.take(Id(1)).unwrap());
        assert!(!second.take(Id(1)).unwrap());
        assert!(second.take(Id(2)).unwrap());
        // Not the second's to let go.
        second.leave(Id(1));
        assert!(!second.take(Id(1)).unwrap());
        first.leave(Id(1));
        assert!(second.take(Id(1)).unwrap() && !first.take(Id(1)).unwrap());
        second.leave(Id(1));
        first.sweep();
        assert!(!first.take(Id(2)).unwrap(), "what is held was swept away");
        // As a program that is killed leaves it.
        drop(second);
        let count = || fs::read_dir(&first.folder).unwrap().count();
        assert_eq!(count(), 1);
        first.sweep();
        assert_eq!(count(), 0);
        assert!(first.take(Id(2)).unwrap());
    }
}
