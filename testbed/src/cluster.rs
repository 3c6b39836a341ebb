//! A cluster as a whole.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::error::{Result, TestbedError};
use crate::folders::{ClusterFolder, Logs};
use crate::image::Image;
use crate::program::Running;
use crate::progress::{Progress, Silent, timed};
use crate::sandbox::Sandbox;
use crate::services::{Azurite, Kafka, MariaDb, MongoDb, Place, Postgres, RabbitMq, Redis, S3, Service};
use crate::{certificates, control_plane, node, packages, toolchain};

/// How much of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Speed {
    /// etcd, API server and controllers: objects live, pods stay pending. About three seconds.
    ControlPlane,
    /// A node too: pods run. About five seconds.
    FullNode,
}

/// A running cluster. Dropping it changes nothing: it stands until [`Cluster::down`].
#[derive(Debug)]
pub struct Cluster {
    folder: ClusterFolder,
    sandbox: Sandbox,
    speed: Speed,
    programs: PathBuf,
}

/// What another process must know to attach.
#[derive(Serialize, Deserialize)]
struct State {
    speed: Speed,
    programs: PathBuf,
}

const STATE: &str = "state.json";

/// The name of the image that was loaded last.
const IMAGE: &str = "image";

/// The variable by which programs learn it.
const IMAGE_VARIABLE: &str = "SC_IMAGE";

/// Where the programs lie that a person calls: `sc`, `kubectl`, `helm`.
const TOOLS: &str = "tools";

impl Cluster {
    /// Sees to it that everything a cluster is made of is on this machine, or says what is missing. [`Cluster::up`]
    /// does the same; this is for whoever wants to know before doing something else that takes long.
    pub fn prepare(progress: &dyn Progress) -> Result<()> {
        Self::programs(progress).map(drop)
    }

    /// The folder of the programs that a cluster is made of, `kubectl` and `helm` among them, built if they are not there.
    pub fn programs(progress: &dyn Progress) -> Result<PathBuf> {
        packages::ensure(&toolchain::compilers_needed()?, progress)?;
        toolchain::go_programs(progress)
    }

    /// Makes a new cluster, and before that removes whatever an earlier one of the same name left.
    pub fn up(name: &str, speed: Speed) -> Result<Self> {
        Self::up_telling(name, speed, &Silent)
    }

    /// [`Cluster::up`] that tells what it is doing. The very first one builds Kubernetes: six minutes.
    pub fn up_telling(name: &str, speed: Speed, progress: &dyn Progress) -> Result<Self> {
        let folder = ClusterFolder::of(name)?;
        let programs = Self::programs(progress)?;
        let _one_at_a_time = folder.lock()?;
        Self::replace(&folder, speed, programs, progress)
    }

    /// Attaches to the cluster of that name if all of it runs and it has at least what is asked for, or makes it anew.
    pub fn ensure(name: &str, speed: Speed, progress: &dyn Progress) -> Result<Self> {
        let start = Instant::now();
        if let Some(there) = Self::healthy(name, speed) {
            progress.done("found the cluster running", start.elapsed());
            return Ok(there);
        }
        let folder = ClusterFolder::of(name)?;
        let programs = Self::programs(progress)?;
        let _one_at_a_time = folder.lock()?;
        // Another process may have made it while this one waited for its turn.
        match Self::healthy(name, speed) {
            Some(there) => Ok(there),
            None => Self::replace(&folder, speed, programs, progress),
        }
    }

    fn healthy(name: &str, speed: Speed) -> Option<Self> {
        let there = Self::attach(name).ok()?;
        let suffices = there.speed == speed || there.speed == Speed::FullNode;
        (suffices && there.status().programs.iter().all(|(_, runs)| *runs)).then_some(there)
    }

    fn replace(
        folder: &ClusterFolder,
        speed: Speed,
        programs: PathBuf,
        progress: &dyn Progress,
    ) -> Result<Self> {
        Sandbox::end(folder.name())?;
        folder.clear(Logs::Remove)?;
        Self::start(folder, speed, programs, progress).inspect_err(|_| {
            // The first error is the one to tell; the next `up` cleans what this could not.
            let _second_error = Sandbox::end(folder.name()).and_then(|()| folder.clear(Logs::Keep));
        })
    }

    fn start(
        folder: &ClusterFolder,
        speed: Speed,
        programs: PathBuf,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let sandbox = timed(progress, "sandbox, keys and certificates made", || {
            certificates::make(folder)?;
            Sandbox::make(folder, &programs)
        })?;
        let begin = Instant::now();
        control_plane::start(&sandbox, folder)?;
        thread::scope(|scope| {
            let runtime = scope.spawn(|| match speed {
                Speed::ControlPlane => Ok(()),
                Speed::FullNode => node::start_runtime(&sandbox, folder),
            });
            let api = api(&sandbox, folder)?;
            control_plane::wait(&sandbox, folder, &api)?;
            progress.done("API server ready", begin.elapsed());
            control_plane::start_controllers(&sandbox, folder)?;
            let joined = runtime.join();
            joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            if speed == Speed::FullNode {
                node::start(&sandbox, folder)?;
                control_plane::start_scheduler(&sandbox, folder)?;
                node::wait(&sandbox, folder, &api)?;
                progress.done("node ready", begin.elapsed());
            }
            control_plane::wait_for_controllers(&sandbox, folder, &api)?;
            progress.done("controllers ready", begin.elapsed());
            Ok::<(), TestbedError>(())
        })?;
        let state = State { speed, programs };
        folder.write(STATE, serde_json::to_vec_pretty(&state).unwrap_or_default())?;
        let cluster = Self { folder: folder.clone(), sandbox, speed, programs: state.programs };
        for tool in ["kubectl", "helm"] {
            cluster.put_on_path(tool, &cluster.programs.join(tool))?;
        }
        Ok(cluster)
    }

    /// Finds the cluster of that name, whoever made it.
    pub fn attach(name: &str) -> Result<Self> {
        let folder = ClusterFolder::of(name)?;
        let none = || TestbedError::NotRunning(name.to_owned());
        let sandbox = Sandbox::find(name).ok_or_else(none)?;
        let state = fs::read(folder.join(STATE)).map_err(|_| none())?;
        let State { speed, programs } = serde_json::from_slice(&state).map_err(|_| none())?;
        Ok(Self { folder, sandbox, speed, programs })
    }

    /// Ends the cluster and everything beside it, and removes its folder.
    pub fn down(self) -> Result<()> {
        Self::remove(self.name(), Logs::Remove)
    }

    /// Removes what there is of the cluster of that name, running, half made or left by a crash. Nothing is no error.
    /// Only its logs stay, in the build folder: they may tell what happened.
    pub fn sweep(name: &str) -> Result<()> {
        Self::remove(name, Logs::Keep)
    }

    fn remove(name: &str, logs: Logs) -> Result<()> {
        let folder = ClusterFolder::of(name)?;
        let lock = folder.lock()?;
        Sandbox::end(name)?;
        folder.clear(logs)?;
        lock.discard();
        Ok(())
    }

    /// [`Cluster::sweep`] of every cluster on this machine, also those that others are using; their names.
    pub fn sweep_all() -> Result<Vec<String>> {
        let names = Sandbox::names();
        names.iter().try_for_each(|name| Self::sweep(name))?;
        Ok(names)
    }

    /// The names of the clusters that run on this machine.
    pub fn names() -> Vec<String> {
        Sandbox::names()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.folder.name()
    }

    /// How much of a cluster it is.
    pub fn speed(&self) -> Speed {
        self.speed
    }

    /// Its folder below the build folder: logs, keys, data.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The administrator's kubeconfig. Its server is reached from inside the cluster's network only.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.join("kubeconfig")
    }

    /// The authority that signed the certificates of the services beside the cluster, PEM.
    pub fn services_ca(&self) -> PathBuf {
        self.folder.join("services-ca.crt")
    }

    /// What runs.
    pub fn status(&self) -> Status {
        let pids = fs::read_dir(self.folder.join("pids")).into_iter().flatten().flatten();
        let mut programs: Vec<(String, bool)> = pids
            .filter_map(|entry| {
                let process = fs::read_to_string(entry.path()).ok()?.trim().parse().ok()?;
                Some((entry.file_name().into_string().ok()?, self.sandbox.runs(process)))
            })
            .collect();
        programs.sort();
        Status { name: self.name().to_owned(), speed: self.speed, programs }
    }

    /// A program of this machine in the cluster's network, with KUBECONFIG set and `sc`, `kubectl` and `helm` first
    /// on PATH. What these keep for later stays in the cluster's folder. `SC_IMAGE` is the image that was loaded last.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = self.sandbox.on_network(program);
        let machine = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.folder.join(TOOLS)).chain(std::env::split_paths(&machine));
        command.env("PATH", std::env::join_paths(folders).unwrap_or(machine.clone()));
        command.env("KUBECONFIG", self.kubeconfig());
        if let Some(image) = self.image() {
            command.env(IMAGE_VARIABLE, image);
        }
        command.env("KUBECACHEDIR", self.folder.join("cache/kube"));
        for (variable, folder) in [
            ("HELM_CACHE_HOME", "cache/helm"),
            ("HELM_CONFIG_HOME", "cache/helm-config"),
            ("HELM_DATA_HOME", "cache/helm-data"),
        ] {
            command.env(variable, self.folder.join(folder));
        }
        command
    }

    /// Moves the calling thread into the cluster's network, and with it every thread it starts from then on: a
    /// client in this process then reaches the cluster. Build its runtime after this call, on this thread.
    pub fn enter_network(&self) -> Result<()> {
        self.sandbox.enter_network()
    }

    /// Puts a static `sc` on the PATH of [`Cluster::command`].
    pub fn use_sc(&self, binary: &Path) -> Result<()> {
        self.put_on_path("sc", binary)
    }

    /// [`Cluster::use_sc`], and makes it an image on the node; the image's name is what pods write into `image:`.
    pub fn load_image(&self, binary: &Path) -> Result<String> {
        if self.speed != Speed::FullNode {
            let lacks = "has no node to load an image on; make it with Speed::FullNode".to_owned();
            return Err(TestbedError::Unfit { name: self.name().to_owned(), lacks });
        }
        self.use_sc(binary)?;
        let image = Image::of_sc(binary)?;
        let _one_at_a_time = self.folder.lock()?;
        node::load(&self.sandbox, &self.folder, &image)?;
        self.folder.write(IMAGE, image.name())?;
        Ok(image.name().to_owned())
    }

    /// The name of the image that [`Cluster::load_image`] has loaded last.
    pub fn image(&self) -> Option<String> {
        fs::read_to_string(self.folder.join(IMAGE)).ok()
    }

    /// Ends the API server as a crash would; etcd keeps the data.
    pub fn stop_api_server(&self) -> Result<()> {
        Running::find("kube-apiserver", &self.sandbox, &self.folder).kill()
    }

    /// Starts the API server again and waits until it serves.
    pub fn start_api_server(&self) -> Result<()> {
        control_plane::start_api_server(&self.sandbox, &self.folder)?;
        control_plane::wait(&self.sandbox, &self.folder, &api(&self.sandbox, &self.folder)?)
    }

    /// The PostgreSQL beside the cluster, started the first time.
    pub fn postgres(&self) -> Result<Postgres> {
        self.service(&Silent)
    }

    /// The MariaDB beside the cluster, started the first time.
    pub fn mariadb(&self) -> Result<MariaDb> {
        self.service(&Silent)
    }

    /// The Redis beside the cluster, started the first time.
    pub fn redis(&self) -> Result<Redis> {
        self.service(&Silent)
    }

    /// The storage emulator beside the cluster, for blobs, queues and tables, started the first time; the very first
    /// one installs it from npm.
    pub fn azurite(&self) -> Result<Azurite> {
        self.service(&Silent)
    }

    /// The RabbitMQ beside the cluster, started the first time.
    pub fn rabbitmq(&self) -> Result<RabbitMq> {
        self.service(&Silent)
    }

    /// The Kafka broker beside the cluster, started the first time; the very first one gets it from Maven Central.
    pub fn kafka(&self) -> Result<Kafka> {
        self.service(&Silent)
    }

    /// The MongoDB-wire server beside the cluster, started the first time; the very first one builds it.
    pub fn mongodb(&self) -> Result<MongoDb> {
        self.service(&Silent)
    }

    /// The S3-compatible storage beside the cluster, started the first time; the very first one builds it.
    pub fn s3(&self) -> Result<S3> {
        self.service(&Silent)
    }

    /// The service of the wanted type, started the first time, and how that went.
    pub fn service<S: Service>(&self, progress: &dyn Progress) -> Result<S> {
        S::ensure(&Place { sandbox: &self.sandbox, folder: &self.folder }, progress)
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    fn put_on_path(&self, name: &str, program: &Path) -> Result<()> {
        let link = self.folder.make(TOOLS)?.join(name);
        let program = fs::canonicalize(program).map_err(TestbedError::file("find", program))?;
        let _none_yet = fs::remove_file(&link);
        std::os::unix::fs::symlink(program, &link).map_err(TestbedError::file("link", &link))
    }
}

fn api(sandbox: &Sandbox, folder: &ClusterFolder) -> Result<Api> {
    Api::of(sandbox, folder).map_err(|saw| TestbedError::Api { path: "/".to_owned(), saw })
}

/// What runs of a cluster.
#[derive(Debug, Clone)]
pub struct Status {
    /// The cluster.
    pub name: String,
    /// How much of a cluster it is.
    pub speed: Speed,
    /// Each program that was started, and whether it still runs.
    pub programs: Vec<(String, bool)>,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.speed {
            Speed::ControlPlane => "control plane only",
            Speed::FullNode => "full node",
        };
        writeln!(f, "{} ({what})", self.name)?;
        for (program, runs) in &self.programs {
            writeln!(f, "  {program:<24} {}", if *runs { "runs" } else { "ended" })?;
        }
        Ok(())
    }
}
