//! Where the story plays: a cluster, a database, an image, and the programs that reach them.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use clap::Args;
use sc_testbed::services::Postgres;
use sc_testbed::{Cluster, Lines, Result, Speed, TestbedError, run_shown};

use super::tell::{Call, shown_path, told};
use crate::build::{self, Profile};

/// The name of the demo's own cluster.
const NAME: &str = "demo";

/// A cluster and a database that the person has.
#[derive(Args)]
#[command(next_help_heading = "On a cluster of your own")]
pub(crate) struct Theirs {
    /// The context of your kubeconfig; without it, the demo makes a throw-away cluster
    #[arg(long, value_name = "NAME")]
    pub(super) context: Option<String>,
    /// The kubeconfig; left out, $KUBECONFIG or ~/.kube/config
    #[arg(long, value_name = "FILE", requires = "context")]
    pub(super) kubeconfig: Option<PathBuf>,
    /// An image of `sc` that the cluster can pull (`cargo xtask image --help` tells how to make one)
    #[arg(long, value_name = "IMAGE", requires = "context")]
    image: Option<String>,
    /// The PostgreSQL server, as pods reach it
    #[arg(long, value_name = "HOST", requires = "context")]
    host: Option<String>,
    /// Its port; left out, PostgreSQL's own
    #[arg(long, value_name = "PORT", requires = "context")]
    port: Option<u16>,
    /// The database
    #[arg(long, value_name = "NAME", requires = "context")]
    database: Option<String>,
    /// The user
    #[arg(long, value_name = "NAME", requires = "context")]
    user: Option<String>,
    /// A file with the user's password and nothing else
    #[arg(long, value_name = "FILE", requires = "context")]
    password_file: Option<PathBuf>,
    /// The certificates of the authorities that signed the server's (PEM); left out, the public ones
    #[arg(long, value_name = "FILE", requires = "context")]
    ca_certificate: Option<PathBuf>,
}

/// The database of the story.
pub(super) struct Database {
    pub(super) host: String,
    pub(super) port: Option<u16>,
    pub(super) database: String,
    pub(super) user: String,
    pub(super) password_file: PathBuf,
    pub(super) ca_certificate: Option<PathBuf>,
}

/// What the story needs.
pub(super) struct Ground {
    pub(super) cluster: Reach,
    pub(super) image: String,
    pub(super) database: Database,
}

/// How programs reach the cluster.
pub(super) enum Reach {
    /// The demo's own.
    Own(Cluster),
    /// The person's.
    Theirs { sc: PathBuf, context: Context },
}

/// A context of a kubeconfig.
pub(super) struct Context {
    name: String,
    kubeconfig: Option<PathBuf>,
}

/// Whether the demo's own cluster is there.
pub(super) fn own_is_up() -> bool {
    Cluster::attach(NAME).is_ok()
}

/// Removes the demo's own cluster.
pub(super) fn end_own() -> Result<()> {
    match Cluster::attach(NAME) {
        Ok(cluster) => cluster.down(),
        Err(_) => clear_own(),
    }
}

/// Removes what there is of the demo's own cluster, half made or not; its logs stay.
pub(super) fn clear_own() -> Result<()> {
    Cluster::sweep(NAME)
}

impl Ground {
    /// The ground of the whole story. Whatever is missing is named before anything starts.
    pub(super) fn prepare(theirs: &Theirs) -> Result<Self> {
        match theirs.context() {
            None => Self::own(),
            Some(context) => Self::on_cluster_of(theirs, context),
        }
    }

    fn own() -> Result<Self> {
        Cluster::prepare(&Lines)?;
        // Before the cluster, so that the two don't compete for the processors.
        let sc = sc()?;
        let cluster = Cluster::ensure(NAME, Speed::FullNode, &Lines)?;
        let begun = Instant::now();
        let image = cluster.load_image(&sc)?;
        told("image of sc on the node", begun);
        let postgres = cluster.service::<Postgres>(&Lines)?;
        let password_file = cluster.folder().join("demo-password");
        write_private(&password_file, &postgres.password)?;
        let database = Database {
            host: postgres.host,
            port: None,
            database: postgres.database,
            user: postgres.username,
            password_file,
            ca_certificate: Some(postgres.ca),
        };
        Ok(Self { cluster: Reach::Own(cluster), image, database })
    }

    fn on_cluster_of(theirs: &Theirs, context: Context) -> Result<Self> {
        let database = theirs.database()?;
        let begun = Instant::now();
        let mut ask = context.of(Call::new(Command::new("kubectl"), "kubectl")).into_command();
        run_shown(ask.args(["get", "--raw", "/readyz", "--request-timeout=10s"]), "reach your cluster")?;
        told(&format!("the cluster of context `{}` answers", context.name), begun);
        let image = theirs.image.clone().unwrap_or_default();
        Ok(Self { cluster: Reach::Theirs { sc: sc()?, context }, image, database })
    }

    /// Where the extension's image isn't known from the environment, the command says it.
    pub(super) fn with_image(&self, call: Call) -> Call {
        match &self.cluster {
            Reach::Own(_) => call,
            Reach::Theirs { .. } => call.option("--image", &self.image),
        }
    }
}

impl Context {
    fn of(&self, call: Call) -> Call {
        let call = call.option("--context", &self.name);
        match &self.kubeconfig {
            Some(file) => call.file_option("--kubeconfig", file),
            None => call,
        }
    }
}

impl Reach {
    /// The person's cluster, when there is nothing to do there but to remove.
    pub(super) fn to_leave(theirs: &Theirs, context: Context) -> Result<Self> {
        one_sentence(missing_files([&theirs.kubeconfig].into_iter()).chain(missing_programs()).collect())?;
        Ok(Self::Theirs { sc: sc()?, context })
    }

    /// `sc`, to be shown and run.
    pub(super) fn sc(&self) -> Call {
        match self {
            Self::Own(cluster) => Call::new(cluster.command("sc"), "sc"),
            Self::Theirs { sc, context } => context.of(Call::new(Command::new(sc), &shown_path(sc))),
        }
    }

    /// `kubectl`, to be shown and run.
    pub(super) fn kubectl_call(&self) -> Call {
        match self {
            Self::Own(cluster) => Call::new(cluster.command("kubectl"), "kubectl"),
            Self::Theirs { context, .. } => context.of(Call::new(Command::new("kubectl"), "kubectl")),
        }
    }

    /// `kubectl` behind the scene: what it writes.
    pub(super) fn kubectl<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Result<String> {
        let mut command = self.kubectl_call().into_command();
        let output = run_shown(command.args(arguments), "ask the cluster")?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// What the person types to run a program on this ground.
    pub(super) fn suggested(&self, program: &str, rest: &str) -> String {
        let call = if program == "sc" { self.sc() } else { self.kubectl_call() };
        match self {
            Self::Own(_) => format!("cargo xtask cluster exec --name {NAME} -- {program} {rest}"),
            Self::Theirs { .. } => format!("{} {rest}", call.line()),
        }
    }
}

impl Theirs {
    pub(super) fn context(&self) -> Option<Context> {
        Some(Context { name: self.context.clone()?, kubeconfig: self.kubeconfig.clone() })
    }

    /// The database, or everything that is missing, in one sentence.
    fn database(&self) -> Result<Database> {
        let mut missing = Vec::new();
        let options = [
            ("--image", self.image.is_some()),
            ("--host", self.host.is_some()),
            ("--database", self.database.is_some()),
            ("--user", self.user.is_some()),
            ("--password-file", self.password_file.is_some()),
        ];
        for (option, is_there) in options {
            if !is_there {
                missing.push(option.to_owned());
            }
        }
        missing
            .extend(missing_files([&self.kubeconfig, &self.password_file, &self.ca_certificate].into_iter()));
        missing.extend(missing_programs());
        one_sentence(missing)?;
        Ok(Database {
            host: self.host.clone().unwrap_or_default(),
            port: self.port,
            database: self.database.clone().unwrap_or_default(),
            user: self.user.clone().unwrap_or_default(),
            password_file: self.password_file.clone().unwrap_or_default(),
            ca_certificate: self.ca_certificate.clone(),
        })
    }
}

fn missing_files<'a>(files: impl Iterator<Item = &'a Option<PathBuf>>) -> impl Iterator<Item = String> {
    let unreadable = files.flatten().filter(|path| File::open(path).is_err());
    unreadable.map(|path| format!("a file `{}` that can be read", path.display()))
}

fn missing_programs() -> impl Iterator<Item = String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let is_missing = move |program: &&str| !folders.iter().any(|folder| folder.join(program).is_file());
    ["kubectl", "helm"].into_iter().filter(is_missing).map(|program| format!("`{program}` on the PATH"))
}

/// An error that names everything that is missing, if anything is.
fn one_sentence(mut missing: Vec<String>) -> Result<()> {
    let Some(last) = missing.pop() else { return Ok(()) };
    let all = if missing.is_empty() { last } else { format!("{} and {last}", missing.join(", ")) };
    let remedy = if all.contains("--image") { IMAGE_REMEDY } else { "" };
    let how = format!("it lacks {all}{remedy}");
    Err(TestbedError::Command {
        doing: "start the demo on your cluster".to_owned(),
        how,
        said: String::new(),
    })
}

/// How to make an image that another cluster can pull.
const IMAGE_REMEDY: &str = "; an image is made by `docker build --tag REGISTRY/sc:dev . && docker push REGISTRY/sc:dev`, or \
     without a container engine by `cargo xtask image --output sc.tar` and `skopeo copy oci-archive:sc.tar docker://REGISTRY/sc:dev`.";

fn sc() -> Result<PathBuf> {
    let begun = Instant::now();
    let sc = build::sc(Profile::Dev)?;
    told("sc built", begun);
    Ok(sc)
}

/// Writes a file that only its owner may read.
fn write_private(path: &Path, contents: &str) -> Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(contents.as_bytes()));
    written.map_err(|source| TestbedError::File { doing: "write", path: path.to_path_buf(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_missing_is_named_in_one_sentence() {
        assert!(one_sentence(Vec::new()).is_ok());
        let missing = ["--host", "`kubectl` on the PATH", "`helm` on the PATH"].map(str::to_owned);
        let said = one_sentence(missing.to_vec()).map_err(|error| error.to_string());
        assert!(said.is_err_and(|said| {
            said.ends_with("it lacks --host, `kubectl` on the PATH and `helm` on the PATH")
        }));
    }
}
