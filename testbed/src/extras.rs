//! The programs of services that not every cluster has beside it, got the first time they are needed: FerretDB and the Versity
//! gateway from Go modules of their own, Kafka from Maven Central. All are pinned by files in `testbed/services`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Result, TestbedError};
use crate::folders::{self, Lock, cache};
use crate::progress::{Progress, timed};
use crate::toolchain::pins;
use crate::{interrupt, packages};

/// What FerretDB's build script would write: without it the program refuses to start.
const FERRETDB_VERSION: &str = "v1.24.0";

/// FerretDB: MongoDB's protocol with SQLite behind it.
pub(crate) fn ferretdb(progress: &dyn Progress) -> Result<PathBuf> {
    got("ferretdb", &["go.mod", "go.sum"], progress, |home| {
        go(home, ["mod", "vendor"], "get FerretDB's source")?;
        let version = home.join("vendor/github.com/FerretDB/FerretDB/build/version/version.txt");
        fs::write(&version, FERRETDB_VERSION).map_err(TestbedError::file("write", &version))?;
        let package = "github.com/FerretDB/FerretDB/cmd/ferretdb";
        go(
            home,
            ["build", "-mod=vendor", "-trimpath", "-ldflags=-s -w", "-o", "program", package],
            "build FerretDB",
        )
    })
}

/// The Versity gateway: S3's protocol with a folder behind it.
pub(crate) fn versitygw(progress: &dyn Progress) -> Result<PathBuf> {
    got("versitygw", &["go.mod", "go.sum"], progress, |home| {
        let package = "github.com/versity/versitygw/cmd/versitygw";
        go(
            home,
            ["build", "-trimpath", "-ldflags=-s -w", "-o", "program", package],
            "build the Versity gateway",
        )
    })
}

/// Apache Kafka's broker, as the folder of its class path.
pub(crate) fn kafka(progress: &dyn Progress) -> Result<PathBuf> {
    let (_, maven) = packages::java_and_maven()?;
    got("kafka", &["pom.xml", "jars.sha256"], progress, |home| {
        let mut get = Command::new(maven);
        get.args(["-B", "-q", "dependency:copy-dependencies", "-DoutputDirectory=program"]).current_dir(home);
        interrupt::run(&mut get, "get Kafka from Maven Central")?;
        // Maven itself only compares what it got with what the same place says of it.
        let mut check = Command::new("sha256sum");
        check.args(["--check", "--strict", "--quiet", "../jars.sha256"]).current_dir(home.join("program"));
        interrupt::run(&mut check, "find in Kafka's jars what jars.sha256 says").map(drop)
    })
}

/// What a folder of `testbed/services` gives: a file or folder `program`, made once.
fn got(
    name: &str,
    files: &[&str],
    progress: &dyn Progress,
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let source = folders::testbed().join("services").join(name);
    let pinned: Vec<_> = files.iter().map(|file| source.join(file)).collect();
    let home = cache().join(format!("{name}-{}", pins(&pinned, "")?));
    let (program, done) = (home.join("program"), home.join("done"));
    let _one_at_a_time = Lock::take(&home.join("lock"))?;
    if done.exists() {
        return Ok(program);
    }
    for (file, from) in files.iter().zip(&pinned) {
        let to = home.join(file);
        fs::copy(from, &to).map_err(TestbedError::file("write", &to))?;
    }
    progress.begins(&format!("getting {name}, up to 2 min on two cores; kept in {}", home.display()));
    timed(progress, &format!("{name} is there"), || make(&home))?;
    fs::write(&done, "").map_err(TestbedError::file("write", &done))?;
    Ok(program)
}

fn go<const N: usize>(home: &Path, arguments: [&str; N], doing: &str) -> Result<()> {
    let mut go = Command::new("go");
    go.args(arguments).current_dir(home).env("CGO_ENABLED", "0").env("GOWORK", "off").env_remove("GOFLAGS");
    go.env("GOFLAGS", "-buildvcs=false");
    interrupt::run(&mut go, doing).map(drop)
}
