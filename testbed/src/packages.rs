//! What the machine must have: root, Debian's packages, Go, a C compiler, and for one service npm.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Result, TestbedError};
use crate::folders::{Lock, cache};
use crate::interrupt;
use crate::progress::{Progress, timed};

/// A Debian package, the file that shows it is there, and the services that must not start by themselves.
struct Package {
    name: &'static str,
    shows: &'static str,
    services: Option<&'static str>,
}

const fn package(name: &'static str, shows: &'static str, services: Option<&'static str>) -> Package {
    Package { name, shows, services }
}

const PACKAGES: [Package; 10] = [
    package("iproute2", "/usr/sbin/ip|/sbin/ip|/bin/ip", None),
    package("containerd", "/usr/bin/containerd", Some("containerd")),
    package("runc", "/usr/sbin/runc|/usr/bin/runc", None),
    package("containernetworking-plugins", "/usr/lib/cni/ptp", None),
    package("nftables", "/usr/sbin/nft", Some("nftables")),
    package("conntrack", "/usr/sbin/conntrack", None),
    package("dnsmasq-base", "/usr/sbin/dnsmasq", None),
    package("postgresql", "/usr/lib/postgresql", Some("postgresql")),
    package("mariadb-server", "/usr/sbin/mariadbd", Some("mariadb")),
    package("redis-server", "/usr/bin/redis-server", Some("redis-server")),
];

/// RabbitMQ, and the Erlang below it, whose port mapper must not start by itself either.
const RABBITMQ: [Package; 2] = [
    package("erlang-base", "/usr/bin/erl", Some("epmd.socket epmd.service")),
    package("rabbitmq-server", "/usr/lib/rabbitmq/bin/rabbitmq-server", Some("rabbitmq-server")),
];

/// Forbids a package's scripts to start or stop services, as Debian's policy has it.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// A compiler that has work to do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Compiler {
    /// For Kubernetes, etcd and Helm.
    Go,
    /// For the program that does nothing.
    C,
}

/// Installs what is missing; everything that can't be installed is named before anything is started.
pub(crate) fn ensure(compilers: &[Compiler], progress: &dyn Progress) -> Result<()> {
    if !rustix::process::geteuid().is_root() {
        return Err(lacks(
            "it needs root",
            "A Kubernetes node makes namespaces and mounts: run this as root.",
        ));
    }
    for compiler in compilers {
        let (program, remedy) = match compiler {
            Compiler::Go => ("go", "Install Go 1.25 or later: Kubernetes and Helm are built from source."),
            Compiler::C => ("cc", "Install a C compiler (Debian: `apt-get install gcc libc6-dev`)."),
        };
        if find(program).is_none() {
            return Err(lacks(&format!("there is no `{program}`"), remedy));
        }
    }
    install_missing(&PACKAGES, progress)
}

/// RabbitMQ, which only its own service needs: it brings all of Erlang.
pub(crate) fn rabbitmq(progress: &dyn Progress) -> Result<()> {
    install_missing(&RABBITMQ, progress)
}

/// Java and Maven, which only the Kafka broker needs.
pub(crate) fn java_and_maven() -> Result<(PathBuf, PathBuf)> {
    find("java").zip(find("mvn")).ok_or_else(|| {
        lacks(
            "there is no Java with Maven",
            "The Kafka broker needs them: install OpenJDK 17 or later and Maven.",
        )
    })
}

fn install_missing(packages: &[Package], progress: &dyn Progress) -> Result<()> {
    let _one_at_a_time = Lock::take(&cache().join("packages.lock"))?;
    let missing: Vec<&Package> = packages.iter().filter(|package| !package.is_there()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    if find("apt-get").is_none() {
        return Err(lacks(
            &format!("it is not Debian and lacks {}", names.join(", ")),
            "Install what these Debian packages hold, with the same paths.",
        ));
    }
    let what = format!("Debian packages installed: {}", names.join(" "));
    progress.begins(&format!("installing Debian packages: {}", names.join(" ")));
    timed(progress, &what, || install(&missing, &names))
}

fn install(missing: &[&Package], names: &[&str]) -> Result<()> {
    let apt = |arguments: &[&str], doing: &str| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
        interrupt::run_whole(&mut command, doing)
    };
    apt(&["update", "-q"], "refresh Debian's package lists")?;
    let policy = Policy::lay_down()?;
    let mut arguments = vec!["install", "-q", "-y", "--no-install-recommends"];
    arguments.extend(names);
    apt(&arguments, &format!("install the Debian packages {}", names.join(" ")))?;
    drop(policy);
    // Nor shall they start with the machine: the testbed starts its own, with their data in its own folder.
    for services in missing.iter().filter_map(|package| package.services) {
        let mut disable = Command::new("systemctl");
        disable
            .args(["disable", "--quiet"])
            .args(services.split(' '))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let _no_systemd_here = disable.status();
    }
    Ok(())
}

/// Our policy file, taken away again when dropped.
struct Policy {
    ours: bool,
}

impl Policy {
    fn lay_down() -> Result<Self> {
        let path = Path::new(POLICY);
        if path.exists() {
            return Ok(Self { ours: false });
        }
        fs::write(path, "#!/bin/sh\nexit 101\n").map_err(TestbedError::file("write", path))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))
            .map_err(TestbedError::file("make executable", path))?;
        Ok(Self { ours: true })
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        if self.ours {
            let _already_gone = fs::remove_file(POLICY);
        }
    }
}

impl Package {
    fn is_there(&self) -> bool {
        self.shows.split('|').any(|path| Path::new(path).exists())
    }
}

/// Node.js and npm, which only the storage emulator needs.
pub(crate) fn node_and_npm() -> Result<(PathBuf, PathBuf)> {
    find("node").zip(find("npm")).ok_or_else(|| {
        lacks("there is no Node.js with npm", "The storage emulator needs it: install Node.js 20 or later.")
    })
}

/// The newest PostgreSQL that is installed.
pub(crate) fn postgres_programs() -> Result<PathBuf> {
    let root = Path::new("/usr/lib/postgresql");
    let versions = fs::read_dir(root).map_err(TestbedError::file("read the folder", root))?;
    versions
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("postgres").exists())
        .max()
        .ok_or_else(|| lacks("there is no PostgreSQL", "Install it (Debian: `apt-get install postgresql`)."))
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn lacks(lacks: &str, remedy: &str) -> TestbedError {
    TestbedError::Machine { lacks: lacks.to_owned(), remedy: remedy.to_owned() }
}
