//! What a cluster leaves on the machine as long as it is not gone: nothing of it may be found after a test run.

use std::fs;

use crate::processes::{self, CLUSTER};
use crate::sandbox;

/// Each trace of the clusters whose names begin so, in words: processes, and with them their namespaces; mounts; cgroups.
/// A namespace can't outlive its processes here, because nothing keeps one by a mount outside a sandbox.
pub fn traces(begin: &str) -> Vec<String> {
    let marked = processes::marked().into_iter().filter(|found| found.name.starts_with(begin));
    let sandboxes = marked.map(|found| format!("process {} holds cluster `{}`", found.process, found.name));
    let called = processes::carrying(&format!("{CLUSTER}={begin}"));
    let called =
        called.into_iter().map(|process| format!("process {process} was called for a cluster `{begin}…`"));
    let path = format!("/target/testbed/{begin}");
    let mounted_here = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let here =
        mounted_here.lines().filter(|line| line.contains(&path)).map(|line| format!("the mount {line}"));
    let mounts = processes::mounting_apart(&path).into_iter();
    let mounts = mounts.map(|process| format!("process {process} sees a mount of a cluster `{begin}…`"));
    let cgroups = sandbox::cgroups().into_iter().filter(|(name, _)| name.starts_with(begin));
    let cgroups = cgroups.map(|(_, folder)| format!("the cgroup {}", folder.display()));
    sandboxes.chain(called).chain(here).chain(mounts).chain(cgroups).collect()
}
