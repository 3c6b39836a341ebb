//! The room a cluster lives in: mount, pid, network and ipc namespaces of its own, held by one process.
//!
//! ```text
//!   machine                         sandbox `demo`
//!   unshare … sc-testbed:demo ────▶ pause sc-testbed:demo     process 1
//!                                     ├ etcd, kube-apiserver, kubelet, …
//!                                     └ containerd ─ shims ─ pods
//! ```
//! Ending process 1 ends every process in it, and with the last of them go its mounts and its network. So
//! there is nothing to write down: whether a cluster runs is seen from the process list, by the mark in the
//! arguments, also after a crash. Only cgroups have to be removed by name.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::error::{Result, TestbedError, last_lines_of};
use crate::folders::{self, ClusterFolder};
use crate::processes::{self, MARK, Marked, kill, marked};
use crate::{interrupt, network, toolchain};

/// A room that exists.
#[derive(Debug, Clone)]
pub(crate) struct Sandbox {
    name: String,
    /// Process 1 of the sandbox, by its number outside.
    first: u32,
}

impl Sandbox {
    /// Makes a new one in the cluster's empty folder.
    pub(crate) fn make(folder: &ClusterFolder, programs: &Path) -> Result<Self> {
        let pause = folder.join("pause");
        fs::copy(toolchain::pause()?, &pause).map_err(TestbedError::file("write", &pause))?;
        folder.make("logs")?;
        folder.make("pids")?;
        let log = folder.log("sandbox");
        let output = || File::options().create(true).append(true).open(&log);
        let mark = format!("{MARK}{}", folder.name());

        let mut unshare = Command::new("setsid");
        unshare.args([
            "unshare",
            "--mount",
            "--pid",
            "--net",
            "--ipc",
            "--fork",
            "--kill-child",
            "--mount-proc",
        ]);
        unshare.arg("sh").arg(folders::testbed().join("sandbox/setup.sh"));
        unshare.arg(folder.path()).arg(programs).arg(toolchain::npm_folder()?);
        unshare.args([network::NODE, &mark]);
        unshare.stdin(Stdio::null());
        unshare.stdout(output().map_err(TestbedError::file("open", &log))?);
        unshare.stderr(output().map_err(TestbedError::file("open", &log))?);
        let mut child = interrupt::spawn(&mut unshare, "make a sandbox")?;

        let furnished = folder.join("furnished");
        let start = Instant::now();
        loop {
            if furnished.exists()
                && let Some(sandbox) = Self::find(folder.name())
            {
                return Ok(sandbox);
            }
            let ended = child.try_wait().is_ok_and(|status| status.is_some());
            if ended || start.elapsed() > Duration::from_secs(10) {
                let said = last_lines_of(&log);
                return Err(TestbedError::Died { program: "the sandbox".to_owned(), log, said });
            }
            interrupt::check()?;
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The running one of that name.
    pub(crate) fn find(name: &str) -> Option<Self> {
        let first =
            marked().into_iter().find(|found| found.name == name && found.program == "pause")?.process;
        Some(Self { name: name.to_owned(), first })
    }

    /// The names of all that run, or are half made.
    pub(crate) fn names() -> Vec<String> {
        let mut names: Vec<String> = marked().into_iter().map(|found| found.name).collect();
        names.extend(cgroups().into_iter().map(|(name, _)| name));
        names.sort();
        names.dedup();
        names
    }

    /// A program that sees what the cluster sees: its processes, mounts and network.
    pub(crate) fn inside(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.first.to_string(), "--mount", "--pid", "--net", "--ipc", "--"]);
        command.arg(program);
        command
    }

    /// A program of the machine with the cluster's network.
    pub(crate) fn on_network(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net={}", self.network().display())).arg("--").arg(program);
        command.env(processes::CLUSTER, &self.name);
        command
    }

    fn network(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/ns/net", self.first))
    }

    /// Whether a process inside, by its number there, still runs.
    pub(crate) fn runs(&self, process: u32) -> bool {
        let process = format!("/proc/{}/root/proc/{process}", self.first);
        let stat = fs::read_to_string(format!("{process}/stat"));
        let has_ended =
            stat.map_or(true, |stat| stat.rsplit(") ").next().is_none_or(|rest| rest.starts_with('Z')));
        // A dead process keeps its ports until the last of its threads is gone.
        let threads = || fs::read_dir(format!("{process}/task")).map_or(0, Iterator::count);
        !has_ended || threads() > 1
    }

    /// Moves the calling thread, and threads that it starts from now on, into the cluster's network.
    pub(crate) fn enter_network(&self) -> Result<()> {
        let path = self.network();
        let file = File::open(&path).map_err(TestbedError::file("open", &path))?;
        move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
            .map_err(|error| TestbedError::file("enter", &path)(error.into()))
    }

    /// A connection into the cluster's network from where the caller is.
    pub(crate) fn connect(&self, port: u16) -> std::io::Result<TcpStream> {
        let address = SocketAddr::new(network::NODE_ADDRESS, port);
        let sandbox = self.clone();
        let dialling = move || {
            sandbox.enter_network().map_err(std::io::Error::other)?;
            TcpStream::connect_timeout(&address, Duration::from_secs(1))
        };
        thread::spawn(dialling).join().unwrap_or_else(|_| Err(std::io::Error::other("the dialler panicked")))
    }

    /// Ends every process of that name's sandbox, however far it was made, and removes its cgroups.
    pub(crate) fn end(name: &str) -> Result<()> {
        let start = Instant::now();
        let mut grace = Instant::now();
        loop {
            let left: Vec<Marked> = marked().into_iter().filter(|found| found.name == name).collect();
            if left.is_empty() {
                break;
            }
            // Process 1 first: `unshare` then collects it and ends by itself. Ended together, process 1 would be
            // left to the machine's own, and not every one of those collects orphans.
            let is_first = |found: &&Marked| ["sh", "pause"].contains(&found.program.as_str());
            let overdue = grace.elapsed() > Duration::from_millis(500);
            if left.iter().any(|found| is_first(&found)) {
                grace = Instant::now();
            }
            for found in left.iter().filter(|found| overdue || is_first(found)) {
                kill(found.process);
            }
            if start.elapsed() > Duration::from_secs(20) {
                let how = "its processes do not end".to_owned();
                return Err(TestbedError::Command {
                    doing: format!("end `{name}`"),
                    how,
                    said: String::new(),
                });
            }
            thread::sleep(Duration::from_millis(5));
        }
        processes::called_for(name).into_iter().for_each(kill);
        remove_cgroups(name, start)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// The cgroup that holds the pods of a cluster, as kubelet names it.
pub(crate) fn cgroup(name: &str) -> String {
    format!("/sc-testbed/{name}")
}

/// `sc-testbed` in every hierarchy: many with cgroup v1, one with v2.
fn cgroup_folders() -> impl Iterator<Item = PathBuf> {
    let root = Path::new("/sys/fs/cgroup");
    let hierarchies = if root.join("cgroup.controllers").exists() {
        vec![root.to_path_buf()]
    } else {
        fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
    };
    hierarchies.into_iter().map(|hierarchy| hierarchy.join("sc-testbed"))
}

/// The cgroups of all clusters, in every hierarchy, by the cluster's name.
pub(crate) fn cgroups() -> Vec<(String, PathBuf)> {
    let entries = cgroup_folders().flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path()))).collect()
}

/// Makes the cluster's cgroup in every hierarchy; kubelet does not make its own root.
pub(crate) fn make_cgroups(name: &str) -> Result<()> {
    for ours in cgroup_folders() {
        let Some(root) = ours.parent() else { continue };
        fs::create_dir_all(&ours).map_err(TestbedError::file("make the cgroup", &ours))?;
        // v1: a new cpuset has neither processors nor memory unless it is told to copy its parent's.
        let clone = ours.join("cgroup.clone_children");
        if root.ends_with("cpuset") && clone.exists() {
            for file in ["cpuset.cpus", "cpuset.mems"] {
                let whole = fs::read(root.join(file)).unwrap_or_default();
                fs::write(ours.join(file), whole).map_err(TestbedError::file("write", &ours.join(file)))?;
            }
            fs::write(&clone, "1").map_err(TestbedError::file("write", &clone))?;
        }
        let cluster = ours.join(name);
        fs::create_dir_all(&cluster).map_err(TestbedError::file("make the cgroup", &cluster))?;
        // v2: a controller reaches a child only if every parent passes it on.
        if let Ok(controllers) = fs::read_to_string(root.join("cgroup.controllers")) {
            for controller in controllers.split_whitespace() {
                for folder in [root, &ours, &cluster] {
                    let _not_delegable =
                        fs::write(folder.join("cgroup.subtree_control"), format!("+{controller}"));
                }
            }
        }
    }
    Ok(())
}

fn remove_cgroups(name: &str, start: Instant) -> Result<()> {
    for ours in cgroup_folders().filter(|folder| folder.exists()) {
        let cluster = ours.join(name);
        // The kernel lets a cgroup go only after the last of its dying processes.
        while let Err(error) = remove_tree(&cluster) {
            if start.elapsed() > Duration::from_secs(20) {
                return Err(TestbedError::file("remove the cgroup", &cluster)(error));
            }
            thread::sleep(Duration::from_millis(5));
        }
        let _others_remain = fs::remove_dir(&ours);
    }
    Ok(())
}

fn remove_tree(cgroup: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(cgroup).into_iter().flatten().flatten() {
        if entry.file_type()?.is_dir() {
            remove_tree(&entry.path())?;
        }
    }
    match fs::remove_dir(cgroup) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
