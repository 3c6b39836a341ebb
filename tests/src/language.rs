//! The languages whose usual libraries read what the connector writes: their tools, the libraries of `tests/clients` (installed
//! once, kept beside the testbed's programs), and how a program runs.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex, PoisonError};

use sc_testbed::{cache, workspace};

/// A language, or a framework in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// CPython, with pip.
    Python,
    /// Django, in CPython.
    Django,
    /// Node.js, with npm.
    Nodejs,
    /// Java, with Maven.
    Java,
    /// Spring Boot.
    SpringBoot,
    /// Spring Boot 2, whose names Azure's own variables for Redis have.
    SpringBoot2,
    /// Go, with its modules.
    Go,
}

/// The modules of `tests/clients/java` whose class paths programs run with.
const JAVA_MODULES: &str = "plain,spring/postgres,spring/mysql,spring/redis,spring/mongodb,spring/rabbitmq,spring/kafka,spring2,springAws,springAzure,springAzure4";

/// A tool of this machine, with all that a person has set for it.
type Tool = Command;

impl Language {
    /// Its client type.
    pub fn client_type(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Django => "django",
            Self::Nodejs => "nodejs",
            Self::Java => "java",
            Self::SpringBoot | Self::SpringBoot2 => "springBoot",
            Self::Go => "go",
        }
    }

    /// The folder of `tests/clients` that pins its libraries.
    fn pins(self) -> &'static str {
        match self {
            Self::Python | Self::Django => "python",
            Self::Nodejs => "nodejs",
            Self::Java | Self::SpringBoot | Self::SpringBoot2 => "java",
            Self::Go => "go",
        }
    }

    /// The folder with its libraries, installed if that wasn't done.
    pub fn home(self) -> PathBuf {
        static INSTALLED: LazyLock<Mutex<BTreeMap<&str, PathBuf>>> = LazyLock::new(Mutex::default);
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        installed.entry(self.pins()).or_insert_with(|| self.install()).clone()
    }

    fn install(self) -> PathBuf {
        let pins = workspace().join("tests/clients").join(self.pins());
        // What is done is a part of the name: other steps give another folder.
        let how = format!("{:?}", self.steps(Path::new("")));
        let home = cache().join(format!("clients-{}-{}", self.pins(), digest(&pins, &how)));
        fs::create_dir_all(&home).expect("the cache can be written");
        let one_at_a_time = File::create(home.join("lock")).expect("the cache can be written");
        one_at_a_time.lock().expect("a lock can be taken");
        let done = home.join("installed");
        if !done.exists() {
            eprintln!("installing the libraries of {} into {}", self.pins(), home.display());
            copy(&pins, &home);
            for mut step in self.steps(&home) {
                let said = step.output().unwrap_or_else(|error| panic!("{step:?}: {error}"));
                let words =
                    [said.stdout, said.stderr].map(|words| String::from_utf8_lossy(&words).into_owned());
                assert!(said.status.success(), "{step:?} failed: {}", words.concat());
            }
            fs::write(&done, "").expect("the cache can be written");
        }
        home
    }

    fn steps(self, home: &Path) -> Vec<Tool> {
        let tool = |program: &str, arguments: &[&str]| {
            let mut tool = Command::new(program);
            tool.args(arguments).current_dir(home);
            tool
        };
        match self {
            Self::Python | Self::Django => vec![
                tool("python3", &["-m", "venv", "venv"]),
                tool(
                    "venv/bin/pip",
                    &[
                        "install",
                        "--quiet",
                        "--disable-pip-version-check",
                        "--require-hashes",
                        "-r",
                        "requirements.txt",
                    ],
                ),
            ],
            Self::Nodejs => vec![tool("npm", &["ci", "--no-audit", "--no-fund", "--ignore-scripts"])],
            Self::Java | Self::SpringBoot | Self::SpringBoot2 => {
                vec![tool("mvn", &["-B", "-q", "-pl", JAVA_MODULES, "dependency:copy-dependencies"])]
            }
            Self::Go => vec![tool("go", &["mod", "download"]), {
                let mut build = tool("go", &["build", "-mod=readonly", "-o", "parser", "./parse"]);
                build.env("GOWORK", "off");
                build
            }],
        }
    }

    /// The program of `tests/clients` that tells what its libraries' own parsers make of a connection string.
    pub fn parser(self) -> Command {
        let home = self.home();
        match self {
            Self::Python | Self::Django => with(home.join("venv/bin/python"), [home.join("parse.py")]),
            Self::Nodejs => with("node".into(), [home.join("parse.js")]),
            Self::Java | Self::SpringBoot | Self::SpringBoot2 => {
                let mut java = Command::new("java");
                java.arg("-cp").arg(home.join("plain/target/dependency/*")).arg(home.join("Parse.java"));
                java
            }
            Self::Go => Command::new(home.join("parser")),
        }
    }

    /// Makes a program ready to run: its command line, for a service family (`postgres`, `storage-blob`, …).
    pub fn program(self, family: &str, source: &str, folder: &Path) -> (PathBuf, Vec<PathBuf>) {
        let home = self.home();
        let write = |name: &str| {
            let file = folder.join(name);
            fs::write(&file, source).expect("a program can be written");
            file
        };
        match self {
            Self::Python | Self::Django => (home.join("venv/bin/python"), vec![write("program.py")]),
            Self::Nodejs => {
                // Node looks for libraries from the program's own folder upwards.
                let _there_already =
                    std::os::unix::fs::symlink(home.join("node_modules"), folder.join("node_modules"));
                ("node".into(), vec![write("program.js")])
            }
            Self::Java => java(home.join("plain"), write("Program.java")),
            Self::SpringBoot => java(home.join("spring").join(family), write("Program.java")),
            Self::SpringBoot2 => java(home.join("spring2"), write("Program.java")),
            Self::Go => (go_program(&home, family, source, folder), Vec::new()),
        }
    }
}

fn with<const N: usize>(program: PathBuf, arguments: [PathBuf; N]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

fn java(module: PathBuf, program: PathBuf) -> (PathBuf, Vec<PathBuf>) {
    ("java".into(), vec!["-cp".into(), module.join("target/dependency/*"), program])
}

/// Builds a program inside a copy of the module that pins the libraries.
fn go_program(home: &Path, family: &str, source: &str, folder: &Path) -> PathBuf {
    let own = folder.file_name().and_then(|name| name.to_str()).unwrap_or("program");
    let package = home.join(format!("run-{family}-{own}"));
    fs::create_dir_all(&package).expect("the cache can be written");
    fs::write(package.join("main.go"), source).expect("the cache can be written");
    let built = folder.join("program");
    let mut go = Command::new("go");
    go.current_dir(home).env("GOWORK", "off").args(["build", "-mod=readonly", "-o"]).arg(&built);
    let said = go
        .arg(format!("./{}", package.file_name().and_then(|name| name.to_str()).unwrap_or_default()))
        .output();
    let said = said.expect("go starts");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let _only_litter = fs::remove_dir_all(&package);
    built
}

/// Copies the files of a folder, without what was built or installed in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the cache can be written");
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).expect("it is below"));
        fs::create_dir_all(target.parent().expect("it has a folder")).expect("the cache can be written");
        fs::copy(&file, &target).expect("a file can be copied");
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is read").flatten() {
        let path = entry.path();
        match path.file_name().and_then(|name| name.to_str()) {
            Some("target" | "node_modules" | "venv") => {}
            _ if path.is_dir() => found.extend(files(&path)),
            _ => found.push(path),
        }
    }
    found.sort();
    found
}

/// A name for what the files hold: FNV-1a, which is enough to tell a change.
fn digest(folder: &Path, how: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut take = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    take(how.as_bytes());
    for file in files(folder) {
        take(&fs::read(&file).expect("a file is read"));
    }
    format!("{hash:016x}")
}
