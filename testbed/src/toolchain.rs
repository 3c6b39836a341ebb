//! The programs of the cluster, built once: Kubernetes, etcd and Helm from the Go module in `testbed/go`, the
//! storage emulator from the npm lock file in `testbed/npm`, and `pause` from one C file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use ring::digest::{Context, SHA256, digest};

use crate::error::{Result, TestbedError};
use crate::folders::{self, Lock, cache};
use crate::interrupt;
use crate::packages::{self, Compiler};
use crate::progress::{Progress, timed};

/// A program, its package, and about how many seconds its build takes on two cores.
struct Program(&'static str, &'static str, u32);

/// The first one compiles what the others share.
const PROGRAMS: [Program; 8] = [
    Program("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver", 220),
    Program("kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager", 45),
    Program("kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler", 5),
    Program("kubelet", "k8s.io/kubernetes/cmd/kubelet", 15),
    Program("kube-proxy", "k8s.io/kubernetes/cmd/kube-proxy", 6),
    Program("kubectl", "k8s.io/kubernetes/cmd/kubectl", 20),
    Program("etcd", "go.etcd.io/etcd/server/v3", 10),
    Program("helm", "helm.sh/helm/v3/cmd/helm", 12),
];

/// Without the stamps, Helm and every client would take the cluster for version 0.0.0.
const STAMPS: &str = "-s -w \
    -X k8s.io/component-base/version.gitVersion=v1.35.3 \
    -X k8s.io/component-base/version.gitMajor=1 \
    -X k8s.io/component-base/version.gitMinor=35 \
    -X k8s.io/component-base/version.gitTreeState=clean \
    -X helm.sh/helm/v3/internal/version.version=v3.20.0";

/// The compilers that [`go_programs`] and [`pause`] are going to need.
pub(crate) fn compilers_needed() -> Result<Vec<Compiler>> {
    let go = missing(&go_home()?.join("bin")).next().map(|_| Compiler::Go);
    let c = (!pause_home()?.join("pause").exists()).then_some(Compiler::C);
    Ok(go.into_iter().chain(c).collect())
}

fn module() -> PathBuf {
    folders::testbed().join("go")
}

fn go_home() -> Result<PathBuf> {
    let files = [module().join("go.mod"), module().join("go.sum")];
    Ok(cache().join(format!("go-{}", pins(&files, STAMPS)?)))
}

fn missing(bin: &Path) -> impl Iterator<Item = &'static Program> {
    PROGRAMS.iter().filter(move |program| !bin.join(program.0).exists())
}

/// The folder with the Go programs, built if their pins have changed.
pub(crate) fn go_programs(progress: &dyn Progress) -> Result<PathBuf> {
    let home = go_home()?;
    let bin = home.join("bin");
    if missing(&bin).next().is_none() {
        return Ok(bin);
    }
    let _one_at_a_time = Lock::take(&home.join("lock"))?;
    let mut left: u32 = missing(&bin).map(|program| program.2).sum();
    if left > 0 {
        let minutes = left.div_ceil(60);
        progress.begins(&format!(
            "building Kubernetes, etcd and Helm, about {minutes} min on two cores; kept in {} for the next time",
            home.display()
        ));
    }
    for Program(name, package, seconds) in missing(&bin) {
        progress.begins(&format!("building {name} (about {seconds} s of {left} s left)"));
        timed(progress, &format!("{name} built"), || build(&module(), &bin, name, package))?;
        left -= seconds;
    }
    Ok(bin)
}

fn build(module: &Path, bin: &Path, name: &str, package: &str) -> Result<()> {
    let unfinished = bin.join(format!(".{name}"));
    let mut go = Command::new("go");
    go.arg("-C").arg(module).args(["build", "-trimpath", "-buildvcs=false", "-ldflags", STAMPS]);
    go.arg("-o").arg(&unfinished).arg(package);
    go.env("CGO_ENABLED", "0").env("GOWORK", "off").env_remove("GOFLAGS");
    interrupt::run(&mut go, &format!("build {name}"))?;
    let finished = bin.join(name);
    fs::rename(&unfinished, &finished).map_err(TestbedError::file("put in place", &finished))
}

const PAUSE_SOURCE: &str = "sandbox/pause.c";

fn pause_home() -> Result<PathBuf> {
    Ok(cache().join(format!("pause-{}", pins(&[folders::testbed().join(PAUSE_SOURCE)], "static")?)))
}

/// The program that does nothing, static.
pub(crate) fn pause() -> Result<PathBuf> {
    let home = pause_home()?;
    let finished = home.join("pause");
    if finished.exists() {
        return Ok(finished);
    }
    let _one_at_a_time = Lock::take(&home.join("lock"))?;
    let unfinished = home.join(".pause");
    let mut cc = Command::new("cc");
    cc.args(["-static", "-Os", "-s", "-o"]).arg(&unfinished).arg(folders::testbed().join(PAUSE_SOURCE));
    interrupt::run(&mut cc, "compile the pause program")?;
    fs::rename(&unfinished, &finished).map_err(TestbedError::file("put in place", &finished))?;
    Ok(finished)
}

/// Where the npm packages lie once they are installed; a sandbox shows this folder as `/run/modules`.
pub(crate) fn npm_folder() -> Result<PathBuf> {
    let lock_file = folders::testbed().join("npm/package-lock.json");
    let home = cache().join(format!("npm-{}", pins(&[lock_file], "")?));
    fs::create_dir_all(&home).map_err(TestbedError::file("make the folder", &home))?;
    Ok(home)
}

/// Installs the npm packages of the lock file, if that wasn't done.
pub(crate) fn npm_modules(progress: &dyn Progress) -> Result<PathBuf> {
    let home = npm_folder()?;
    let done = home.join("installed");
    if done.exists() {
        return Ok(home);
    }
    let (_, npm) = packages::node_and_npm()?;
    let _one_at_a_time = Lock::take(&home.join("lock"))?;
    if done.exists() {
        return Ok(home);
    }
    let start = Instant::now();
    progress.begins("installing the storage emulator from npm, about 20 s");
    for name in ["package.json", "package-lock.json"] {
        let to = home.join(name);
        fs::copy(folders::testbed().join("npm").join(name), &to).map_err(TestbedError::file("write", &to))?;
    }
    let mut ci = Command::new(npm);
    ci.args(["ci", "--no-audit", "--no-fund", "--omit=dev", "--ignore-scripts", "--prefix"]).arg(&home);
    ci.current_dir(&home);
    interrupt::run(&mut ci, "install the storage emulator from npm")?;
    fs::write(&done, "").map_err(TestbedError::file("write", &done))?;
    progress.done("storage emulator installed", start.elapsed());
    Ok(home)
}

/// The name of what these files and settings give.
pub(crate) fn pins(files: &[PathBuf], settings: &str) -> Result<String> {
    let mut hash = Context::new(&SHA256);
    hash.update(settings.as_bytes());
    for file in files {
        hash.update(&fs::read(file).map_err(TestbedError::file("read", file))?);
    }
    Ok(hex(hash.finish().as_ref())[..12].to_owned())
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(contents: &[u8]) -> String {
    hex(digest(&SHA256, contents).as_ref())
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
