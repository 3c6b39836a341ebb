//! `cargo xtask cluster`: the throw-away cluster by hand.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, Subcommand, ValueEnum};
use sc_testbed::services::{Azurite, Kafka, MariaDb, MongoDb, Postgres, RabbitMq, Redis, S3};
use sc_testbed::{Cluster as Running, Lines, Progress, Result, Speed, TestbedError};

use crate::build::{self, Profile};
use crate::existing;

#[derive(Args)]
pub(crate) struct Cluster {
    #[command(subcommand)]
    verb: Verb,
    /// The cluster's name; several may stand side by side
    #[arg(long, default_value = "dev", global = true)]
    name: String,
}

#[derive(Subcommand)]
enum Verb {
    /// Start a cluster and leave it running; one that already runs is kept and gets the newest `sc`
    Up(Up),
    /// End the cluster and remove everything of it
    Down {
        /// End every cluster of the testbed on this machine, also those of other checkouts
        #[arg(long)]
        all: bool,
    },
    /// Show what runs
    Status,
    /// Print the path of the administrator's kubeconfig
    Kubeconfig,
    /// Print the folder of the cluster's programs (kubectl, helm and others), built if they are not there
    Programs,
    /// Run a command that reaches the cluster, with KUBECONFIG and SC_IMAGE set and sc, kubectl and helm on PATH
    Exec {
        /// The command and its arguments
        #[arg(required = true, last = true)]
        command: Vec<OsString>,
    },
}

#[derive(Args)]
struct Up {
    /// Without a node: pods stay pending, but it is there sooner
    #[arg(long)]
    control_plane: bool,
    /// Build `sc` with the release profile
    #[arg(long)]
    release: bool,
    /// Use this static binary as `sc` instead of building it
    #[arg(long, value_name = "PATH", conflicts_with = "release", value_parser = existing)]
    sc: Option<PathBuf>,
    /// Services to start beside it
    #[arg(long, value_name = "SERVICE", value_delimiter = ',')]
    with: Vec<Beside>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Beside {
    Postgres,
    Mariadb,
    Redis,
    Azurite,
    Rabbitmq,
    Kafka,
    Mongodb,
    S3,
}

impl Cluster {
    pub(crate) fn run(self) -> Result<()> {
        let Self { verb, name } = self;
        match verb {
            Verb::Up(up) => up.run(&name),
            Verb::Down { all: false } => Running::sweep(&name),
            Verb::Down { all: true } => {
                for name in Running::sweep_all()? {
                    println!("{name}");
                }
                Ok(())
            }
            Verb::Status => {
                print!("{}", Running::attach(&name)?.status());
                Ok(())
            }
            Verb::Kubeconfig => {
                println!("{}", Running::attach(&name)?.kubeconfig().display());
                Ok(())
            }
            Verb::Programs => {
                println!("{}", Running::programs(&Lines)?.display());
                Ok(())
            }
            Verb::Exec { command } => exec(&Running::attach(&name)?, command),
        }
    }
}

impl Up {
    fn run(self, name: &str) -> Result<()> {
        let start = Instant::now();
        let speed = if self.control_plane { Speed::ControlPlane } else { Speed::FullNode };
        let profile = if self.release { Profile::Release } else { Profile::Dev };
        Running::prepare(&Lines)?;
        // Before the cluster, so that the two don't compete for the processors.
        let binary = match self.sc {
            Some(binary) => binary,
            None => {
                let begin = Instant::now();
                let binary = build::sc(profile)?;
                Lines.done("sc built", begin.elapsed());
                binary
            }
        };
        let cluster = Running::ensure(name, speed, &Lines)?;
        if cluster.speed() == Speed::FullNode {
            let begin = Instant::now();
            let image = cluster.load_image(&binary)?;
            Lines.done(&format!("image {image} loaded"), begin.elapsed());
        } else {
            cluster.use_sc(&binary)?;
        }
        for service in self.with {
            service.start(&cluster)?;
        }
        Lines.done(&format!("cluster `{name}` is up"), start.elapsed());
        eprintln!("Try: cargo xtask cluster exec{} -- kubectl get nodes,pods -A", of_name(name));
        Ok(())
    }
}

impl Beside {
    fn start(self, cluster: &Running) -> Result<()> {
        match self {
            Self::Postgres => cluster.service::<Postgres>(&Lines).map(drop),
            Self::Mariadb => cluster.service::<MariaDb>(&Lines).map(drop),
            Self::Redis => cluster.service::<Redis>(&Lines).map(drop),
            Self::Azurite => cluster.service::<Azurite>(&Lines).map(drop),
            Self::Rabbitmq => cluster.service::<RabbitMq>(&Lines).map(drop),
            Self::Kafka => cluster.service::<Kafka>(&Lines).map(drop),
            Self::Mongodb => cluster.service::<MongoDb>(&Lines).map(drop),
            Self::S3 => cluster.service::<S3>(&Lines).map(drop),
        }
    }
}

fn of_name(name: &str) -> String {
    if name == "dev" { String::new() } else { format!(" --name {name}") }
}

/// Becomes the command, so that signals and the exit code are its own.
fn exec(cluster: &Running, command: Vec<OsString>) -> Result<()> {
    let mut words = command.into_iter();
    let program = words.next().unwrap_or_default();
    let mut called = cluster.command(&program);
    build::forget_xtask(&mut called);
    let error = called.args(words).exec();
    Err(TestbedError::Command {
        doing: format!("run {}", program.to_string_lossy()),
        how: error.to_string(),
        said: String::new(),
    })
}
