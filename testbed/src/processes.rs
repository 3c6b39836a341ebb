//! The machine's processes that belong to a cluster, found by what they carry, so that nothing has to be written down.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

/// What a sandbox's own processes have as the beginning of their last argument.
pub(crate) const MARK: &str = "sc-testbed:";

/// What a program on a cluster's network, and everything it starts, has in its environment.
pub(crate) const CLUSTER: &str = "SC_TESTBED_CLUSTER";

/// A process that holds a sandbox, or is about to.
pub(crate) struct Marked {
    /// Its number.
    pub(crate) process: u32,
    /// The name of its program.
    pub(crate) program: String,
    /// The name of the cluster.
    pub(crate) name: String,
}

/// Those of every sandbox.
pub(crate) fn marked() -> Vec<Marked> {
    let marked = |process: u32| {
        let line = fs::read(format!("/proc/{process}/cmdline")).ok()?;
        let mut arguments = line.split(|byte| *byte == 0).filter(|argument| !argument.is_empty());
        let program =
            Path::new(std::str::from_utf8(arguments.next()?).ok()?).file_name()?.to_str()?.to_owned();
        let name = std::str::from_utf8(arguments.next_back()?).ok()?.strip_prefix(MARK)?.to_owned();
        let ours = ["setsid", "unshare", "sh", "pause"].contains(&program.as_str());
        ours.then_some(Marked { process, program, name })
    };
    all().filter_map(marked).collect()
}

/// Programs that were called on that cluster's network and still run, but not the caller and what it was called by.
pub(crate) fn called_for(name: &str) -> Vec<u32> {
    let variable = format!("{CLUSTER}={name}");
    with_variable(|entry| entry == variable.as_bytes())
}

/// Programs with a variable in their environment that begins so, but not the caller and what it was called by.
pub(crate) fn carrying(begin: &str) -> Vec<u32> {
    with_variable(|entry| entry.starts_with(begin.as_bytes()))
}

fn with_variable(is_it: impl Fn(&[u8]) -> bool) -> Vec<u32> {
    let callers: Vec<u32> =
        std::iter::successors(Some(std::process::id()), |process| parent(*process)).collect();
    let called = |process: &u32| {
        let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(&is_it)
    };
    all().filter(called).filter(|process| !callers.contains(process)).collect()
}

/// Processes of other mount namespaces than this one's, in which a path with that part is mounted or mounted upon.
pub(crate) fn mounting_apart(part: &str) -> Vec<u32> {
    let namespace = |process: &str| fs::read_link(format!("/proc/{process}/ns/mnt")).ok();
    let here = namespace("self");
    let mounts = |process: &u32| {
        let mounts = fs::read_to_string(format!("/proc/{process}/mountinfo")).unwrap_or_default();
        mounts.contains(part) && namespace(&process.to_string()) != here
    };
    all().filter(mounts).collect()
}

/// Ends a process at once; one that is gone already is no matter.
pub(crate) fn kill(process: u32) {
    if let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        let _already_gone = kill_process(process, Signal::KILL);
    }
}

fn all() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn parent(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The program's name stands in parentheses and may hold any character.
    let after_name = stat.rsplit_once(')')?.1;
    after_name.split_whitespace().nth(1)?.parse().ok().filter(|parent| *parent != 0)
}
