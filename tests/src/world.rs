//! The cluster that all stories of a run share, with the extension in it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sc_testbed::services::{
    Azurite, AzuriteForTokens, Kafka, ManagedIdentity, MariaDb, MongoDb, Postgres, RabbitMq, Redis, S3,
};
use sc_testbed::{Cluster, Lines, Silent, Speed, workspace};
use serde_json::Value;

use crate::place::condition;
use crate::{Call, Place, eventually};

/// The name of the cluster, unless `SC_TESTS_CLUSTER` names another: so two checkouts can run stories side by side, and a
/// cluster that stands already is used.
const NAME: &str = "test";

/// A cluster with the extension, the program `sc`, and services beside it.
#[derive(Debug)]
pub struct World {
    cluster: Cluster,
    sc: PathBuf,
    image: String,
    postgres: OnceLock<Postgres>,
    mariadb: OnceLock<MariaDb>,
    redis: OnceLock<Redis>,
    azurite: OnceLock<Azurite>,
}

/// The world that the stories of this process share with those of every other.
pub fn world() -> &'static World {
    static WORLD: LazyLock<World> = LazyLock::new(World::make);
    &WORLD
}

/// The world for a story that disturbs everybody: the only one of its process at a time, and at its beginning the cluster
/// is in order and without connections. Its test binary runs when no other does.
#[derive(Debug)]
pub struct Quiet(#[expect(dead_code, reason = "held to keep others out")] MutexGuard<'static, ()>);

impl std::ops::Deref for Quiet {
    type Target = World;

    fn deref(&self) -> &World {
        world()
    }
}

impl Quiet {
    /// Waits until no sc-job runs, so that the next connection needs a pod of its own. One that failed stays until then: its
    /// connection may have gone with its namespace while it was written.
    pub fn comes_to_rest(&self) {
        let has_failed = |job: &Value| condition(job, "Failed")["status"] == "True";
        eventually("sc-job has ended", || {
            self.get("sc-system", "job/sc-job").as_ref().is_none_or(has_failed).then_some(())
        });
    }
}

/// Waits for this story's turn.
pub fn quiet_world() -> Quiet {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock();
    let last_one_failed = turn.is_err();
    let turn = turn.unwrap_or_else(PoisonError::into_inner);
    TURN.clear_poison();
    world().quieten(last_one_failed);
    Quiet(turn)
}

impl World {
    fn make() -> Self {
        let folder = workspace().join("target/testbed");
        fs::create_dir_all(&folder).expect("the build folder can be written");
        let one_at_a_time =
            File::create(folder.join("stories.lock")).expect("the build folder can be written");
        one_at_a_time.lock().expect("a lock can be taken");
        let built = std::env::var_os("SC_BINARY").map_or_else(build, PathBuf::from);
        let name = std::env::var("SC_TESTS_CLUSTER").unwrap_or_else(|_| NAME.to_owned());
        let cluster =
            Cluster::ensure(&name, Speed::FullNode, &Lines).unwrap_or_else(|error| panic!("{error}"));
        let sc = keep(&built, &cluster.folder().join("stories"));
        let image = cluster.load_image(&sc).unwrap_or_else(|error| panic!("{error}"));
        let world = Self {
            cluster,
            sc,
            image,
            postgres: OnceLock::new(),
            mariadb: OnceLock::new(),
            redis: OnceLock::new(),
            azurite: OnceLock::new(),
        };
        world.put_in_order();
        world
    }

    /// Removes what other stories left. Of one that went well that is little.
    fn quieten(&self, last_one_failed: bool) {
        let extension = self.extension();
        if last_one_failed || extension["provisioningState"] != "Succeeded" {
            self.put_in_order();
        }
        if last_one_failed || extension["connections"] != 0 {
            self.kubectl("delete serviceconnections --all --all-namespaces").succeeds();
        }
    }

    fn extension(&self) -> Value {
        serde_json::from_str(&self.sc("extension show -o json").run().stdout).unwrap_or_default()
    }

    /// Mends what a story that failed halfway may have left, and sees to it that the extension is this `sc`'s.
    fn put_in_order(&self) {
        self.kubectl("uncordon testbed").succeeds();
        let extension = self.extension();
        let is_this = extension["image"] == self.image.as_str();
        let is_deployed = extension["release"].as_str().is_some_and(|release| release.ends_with("deployed"));
        let operator = self.get("sc-system", "deployment/sc-operator").unwrap_or_default();
        if is_this && is_deployed && operator["status"]["readyReplicas"] == 1 {
            return;
        }
        if extension["provisioningState"] == "Updating" {
            self.sc("extension uninstall --yes").succeeds();
        }
        self.sc("extension install").succeeds();
    }

    /// A fresh namespace; its name begins with this.
    pub fn namespace(&'static self, begin: &str) -> Place {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Place::new(self, format!("{begin}-{}-{number}", std::process::id()))
    }

    /// The cluster itself.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The image of the extension.
    pub fn image(&self) -> &str {
        &self.image
    }

    /// The program `sc`.
    pub fn program(&self) -> &Path {
        &self.sc
    }

    /// The file with the authority that signed the certificates of the services beside the cluster.
    pub fn services_ca(&self) -> String {
        self.cluster.services_ca().display().to_string()
    }

    /// `sc …`, its arguments separated by blanks. It installs this world's image, should it come to that.
    pub fn sc(&self, arguments: impl AsRef<str>) -> Call {
        Call::new(self.cluster.command(&self.sc), "sc").env("SC_IMAGE", &self.image).args(arguments)
    }

    /// `kubectl …`, its arguments separated by blanks.
    pub fn kubectl(&self, arguments: impl AsRef<str>) -> Call {
        self.program_named("kubectl").args(arguments)
    }

    /// `helm …`, its arguments separated by blanks.
    pub fn helm(&self, arguments: impl AsRef<str>) -> Call {
        self.program_named("helm").args(arguments)
    }

    /// Any other program where it reaches the cluster.
    pub fn program_named(&self, program: &str) -> Call {
        Call::new(self.cluster.command(program), program)
    }

    /// An object as it stands, or nothing where there is none or its kind isn't known.
    #[track_caller]
    pub fn get(&self, namespace: &str, object: &str) -> Option<Value> {
        let found = self.kubectl(format!("get {object} -n {namespace} -o json --ignore-not-found")).run();
        let is_unknown_kind = found.stderr.contains("doesn't have a resource type");
        assert!(found.code == Some(0) || is_unknown_kind, "{found}");
        (!found.stdout.is_empty()).then(|| found.json())
    }

    /// Kills (SIGKILL) what runs as `sc ROLE` in the pods of this cluster, as the kernel would that is out of memory; how
    /// many there were.
    pub fn kill_in_pods(&self, role: &str) -> usize {
        let (pods, called) = (format!("/sc-testbed/{}/", self.cluster.name()), format!("/sc\0{role}\0"));
        let processes = fs::read_dir("/proc").expect("processes are listed").flatten();
        let is_one = |process: &PathBuf| {
            let read = |file: &str| fs::read_to_string(process.join(file)).unwrap_or_default();
            read("cmdline").starts_with(&called) && read("cgroup").contains(&pods)
        };
        let found = processes.map(|entry| entry.path()).filter(is_one);
        let number = |process: PathBuf| process.file_name()?.to_str()?.parse().ok();
        found
            .filter_map(number)
            .filter(|process| kill(Pid::from_raw(*process), Signal::SIGKILL).is_ok())
            .count()
    }

    /// The PostgreSQL beside the cluster.
    pub fn postgres(&self) -> &Postgres {
        self.postgres.get_or_init(|| self.service())
    }

    /// The MariaDB beside the cluster.
    pub fn mariadb(&self) -> &MariaDb {
        self.mariadb.get_or_init(|| self.service())
    }

    /// The Redis beside the cluster.
    pub fn redis(&self) -> &Redis {
        self.redis.get_or_init(|| self.service())
    }

    /// The storage emulator beside the cluster.
    pub fn azurite(&self) -> &Azurite {
        self.azurite.get_or_init(|| self.service())
    }

    /// The RabbitMQ beside the cluster.
    pub fn rabbitmq(&self) -> RabbitMq {
        self.service()
    }

    /// The Kafka broker beside the cluster.
    pub fn kafka(&self) -> Kafka {
        self.service()
    }

    /// The MongoDB-wire server beside the cluster.
    pub fn mongodb(&self) -> MongoDb {
        self.service()
    }

    /// The S3-compatible storage beside the cluster.
    pub fn s3(&self) -> S3 {
        self.service()
    }

    /// The storage emulator for programs that sign in by a token.
    pub fn azurite_for_tokens(&self) -> AzuriteForTokens {
        self.service()
    }

    /// The sandbox that gives tokens to programs.
    pub fn managed_identity(&self) -> ManagedIdentity {
        self.service()
    }

    fn service<S: sc_testbed::services::Service>(&self) -> S {
        self.cluster.service(&Silent).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// Builds `sc` as `cargo build` does; its path.
fn build() -> PathBuf {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(workspace());
    cargo.args(["build", "--package", "sc-cli", "--bin", "sc", "--message-format=json-render-diagnostics"]);
    // What `cargo test` tells about this package would make build scripts that watch it run again.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_") && name != "CARGO_HOME") {
            cargo.env_remove(name);
        }
    }
    let output = cargo.stderr(std::process::Stdio::inherit()).output().expect("cargo starts");
    assert!(output.status.success(), "sc can't be built");
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "sc")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo says where the binary is")
}

/// Copies the program, without its debug information: a build meanwhile must not change what the stories run.
fn keep(built: &Path, folder: &Path) -> PathBuf {
    fs::create_dir_all(folder).expect("the cluster's folder can be written");
    let (fresh, kept) = (folder.join("sc.fresh"), folder.join("sc"));
    let strip = Command::new("strip").arg("-o").arg(&fresh).arg(built).status();
    if !strip.is_ok_and(|status| status.success()) {
        fs::copy(built, &fresh).expect("the binary can be copied");
    }
    fs::rename(&fresh, &kept).expect("the cluster's folder can be written");
    kept
}
