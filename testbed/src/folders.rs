//! Where everything lies: clusters below the build folder, what is costly to build outside it.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::{Result, TestbedError};
use crate::interrupt;

/// The folder of this crate in the checkout it was built from.
pub(crate) fn testbed() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The root of the checkout.
pub fn workspace() -> &'static Path {
    testbed().parent().unwrap_or(testbed())
}

/// Where built programs are kept from one `cargo clean` to the next.
pub fn cache() -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("SC_TESTBED_CACHE").unwrap_or_else(|| {
        variable("XDG_CACHE_HOME")
            .or_else(|| variable("HOME").map(|home| home.join(".cache")))
            .unwrap_or_else(|| workspace().join("target"))
            .join("service-connector")
    })
}

/// Whether a cluster's logs outlive it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logs {
    /// They may tell why it ended.
    Keep,
    /// A new cluster begins with new ones.
    Remove,
}

/// A cluster's folder. From outside it is below the build folder, from inside the sandbox it is `/run`.
#[derive(Debug, Clone)]
pub(crate) struct ClusterFolder {
    name: String,
    path: PathBuf,
}

impl ClusterFolder {
    pub(crate) fn of(name: &str) -> Result<Self> {
        let fits = !name.is_empty()
            && name.len() <= 30
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fits {
            return Err(TestbedError::Name(name.to_owned()));
        }
        Ok(Self { name: name.to_owned(), path: workspace().join("target/testbed").join(name) })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn join(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.path.join(relative)
    }

    pub(crate) fn log(&self, program: &str) -> PathBuf {
        self.path.join("logs").join(format!("{program}.log"))
    }

    /// Writes a file that only root may read: most of what lies here are keys and passwords.
    pub(crate) fn write(&self, relative: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> Result<PathBuf> {
        let path = self.join(relative);
        make_parent(&path)?;
        write_private(&path, contents.as_ref()).map_err(TestbedError::file("write", &path))?;
        Ok(path)
    }

    pub(crate) fn make(&self, relative: &str) -> Result<PathBuf> {
        let path = self.join(relative);
        fs::create_dir_all(&path).map_err(TestbedError::file("make the folder", &path))?;
        Ok(path)
    }

    /// Held while a cluster of this name changes, so that two processes don't start the same thing twice.
    pub(crate) fn lock(&self) -> Result<Lock> {
        Lock::take(&workspace().join("target/testbed/locks").join(&self.name))
    }

    /// Removes everything, or everything but the logs.
    pub(crate) fn clear(&self, logs: Logs) -> Result<()> {
        let Ok(entries) = fs::read_dir(&self.path) else { return Ok(()) };
        for entry in entries.flatten().filter(|entry| logs == Logs::Remove || entry.file_name() != "logs") {
            let path = entry.path();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(TestbedError::file("remove", &path))?;
        }
        // Fails where logs are left.
        let _not_empty = fs::remove_dir(&self.path);
        Ok(())
    }
}

fn write_private(path: &Path, contents: &[u8]) -> std::io::Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path)?.write_all(contents)
}

pub(crate) fn make_parent(path: &Path) -> Result<()> {
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).map_err(TestbedError::file("make the folder", parent))
}

/// A lock between processes, given back when dropped or when the process ends in whatever way.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    pub(crate) fn take(path: &Path) -> Result<Self> {
        make_parent(path)?;
        loop {
            let file = File::create(path).map_err(TestbedError::file("create", path))?;
            let lock = Self { file, path: path.to_path_buf() };
            lock.wait()?;
            if lock.is_current() {
                return Ok(lock);
            }
        }
    }

    fn wait(&self) -> Result<()> {
        loop {
            match flock(&self.file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(()),
                Err(Errno::WOULDBLOCK | Errno::INTR) => interrupt::check()?,
                Err(error) => return Err(TestbedError::file("lock", &self.path)(error.into())),
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Whether the file is still the one that others would lock: its last holder may have discarded it.
    fn is_current(&self) -> bool {
        let current =
            fs::metadata(&self.path).and_then(|there| Ok((there.ino(), self.file.metadata()?.ino())));
        current.is_ok_and(|(there, here)| there == here)
    }

    /// Gives the lock back and removes its file.
    pub(crate) fn discard(self) {
        let _already_gone = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_leave_its_folder_is_refused() {
        for name in ["", "..", "a/b", "UP", "a_b", &"x".repeat(31)] {
            assert!(matches!(ClusterFolder::of(name), Err(TestbedError::Name(_))), "{name}");
        }
        assert!(ClusterFolder::of("demo-2").is_ok());
    }
}
