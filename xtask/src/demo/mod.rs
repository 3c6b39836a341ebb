//! `cargo xtask demo`: the newcomer's story, told as it goes.
//!
//! ```text
//!   ground    the throw-away cluster `demo` with a PostgreSQL, or a cluster and a database that the person has
//!   sample    the workload: a Job that says nothing but `envFrom`
//!   tell      what the person reads
//! ```

mod ground;
mod sample;
mod tell;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use sc_testbed::{Result, TestbedError, workspace};
use serde_json::Value;

use self::ground::{Ground, Reach, Theirs};
use self::tell::{chapter, shown_path, told};
use crate::stop;

/// The connection of the story.
const CONNECTION: &str = "orders";

/// The Secret that follows from its name.
const SECRET: &str = "sc-orders-secret";

#[derive(Args)]
pub(crate) struct Demo {
    /// End the demo: remove its cluster, or what it made in yours
    #[arg(long)]
    down: bool,
    /// The namespace of the workload
    #[arg(short, long, default_value = "shop")]
    namespace: String,
    #[command(flatten)]
    theirs: Theirs,
}

impl Demo {
    pub(crate) fn run(self) -> Result<ExitCode> {
        if self.down {
            return self.end().map(|()| ExitCode::SUCCESS);
        }
        let ran_before = self.theirs.context.is_some() || ground::own_is_up();
        let told = self.tell();
        if let Err(TestbedError::Interrupted) = told {
            if !ran_before {
                ground::clear_own()?;
                eprintln!("Interrupted: nothing is left running; the next `cargo xtask demo` begins anew.");
            } else {
                eprintln!(
                    "Interrupted: `{}` goes on from here, `{} --down` ends it.",
                    self.line(),
                    self.line()
                );
            }
            return Ok(ExitCode::from(stop::INTERRUPTED));
        }
        if told.is_err() && self.theirs.context.is_none() && ground::own_is_up() {
            eprintln!("The cluster stays, to be looked at; `{} --down` ends it.", self.line());
        }
        told.map(|()| ExitCode::SUCCESS)
    }

    fn tell(&self) -> Result<()> {
        let begun = Instant::now();
        println!("Service Connector: a workload in Kubernetes reads a PostgreSQL through one connection.");
        chapter("A cluster and a database");
        let ground = Ground::prepare(&self.theirs)?;
        self.make_namespace(&ground.cluster)?;
        chapter("One command connects them");
        if let Reach::Own(_) = ground.cluster {
            println!(
                "(What follows a `$` you can run yourself by `{} …`.)\n",
                ground.cluster.suggested("", "").trim_end()
            );
        }
        self.connect(&ground)?;
        chapter("The workload only says `envFrom`");
        self.run_sample(&ground)?;
        chapter("That was it");
        println!("All of it took {:.1} s. Try next:\n", begun.elapsed().as_secs_f32());
        for (command, what) in self.suggestions(&ground.cluster) {
            println!("  {command}\n      {what}");
        }
        println!("\nStop it:\n\n  {} --down", self.line());
        Ok(())
    }

    /// The namespace lets only pods run that pass the strictest Pod Security Standard. One that is there is left as it is.
    fn make_namespace(&self, cluster: &Reach) -> Result<()> {
        let begun = Instant::now();
        let namespace = &self.namespace;
        if cluster.kubectl(["get", "namespace", namespace, "--ignore-not-found", "-o", "name"])?.is_empty() {
            let file = write("namespace.yaml", &sample::namespace(namespace))?;
            cluster.kubectl(["apply".as_ref(), "-f".as_ref(), file.as_os_str()])?;
            told(&format!("namespace `{namespace}` made, where only `restricted` pods may run"), begun);
        }
        Ok(())
    }

    fn connect(&self, ground: &Ground) -> Result<()> {
        let database = &ground.database;
        self.bring_extension_up_to_date(ground)?;
        let mut create = ground.cluster.sc().words(["connection", "create", "postgres-server", CONNECTION]);
        create = create.option("--host", &database.host);
        if let Some(port) = database.port {
            create = create.option("--port", &port.to_string());
        }
        create = create.option("--database", &database.database).option("--user", &database.user);
        create = create.words(["--password-stdin", "--client-type", "python", "-n", &self.namespace]);
        if let Some(ca) = &database.ca_certificate {
            create = create.file_option("--ca-certificate", ca);
        }
        ground.with_image(create).input(&database.password_file).run("create the connection")
    }

    /// `create` leaves an extension as it is; one of an earlier run may be of an older `sc`.
    fn bring_extension_up_to_date(&self, ground: &Ground) -> Result<()> {
        let shown = ground.cluster.sc().words(["extension", "show", "-o", "json"]).quietly()?;
        let extension: Value = serde_json::from_str(&shown).unwrap_or_default();
        if extension["image"].as_str().is_none_or(|image| image == ground.image) {
            return Ok(());
        }
        ground.with_image(ground.cluster.sc().words(["extension", "update"])).run("update the extension")?;
        println!();
        Ok(())
    }

    fn run_sample(&self, ground: &Ground) -> Result<()> {
        let ca = ground.database.ca_certificate.as_deref();
        let ca = ca.map(read).transpose()?;
        let show = ["connection", "show", CONNECTION, "--snippet", "job", "--image", &ground.image];
        let snippet = ground.cluster.sc().words(show).words(["-n", &self.namespace]).quietly()?;
        let manifest = sample::manifest(&snippet, &self.namespace, &ground.image, ca.as_deref());
        println!("{}", sample::what_matters(&manifest));
        let file = write("sample-job.yaml", &manifest)?;
        let job = format!("job/{}", sample::JOB);
        let namespace = self.namespace.as_str();
        // A Job can't be changed; one of an earlier run makes room.
        ground.cluster.kubectl([
            "delete",
            &job,
            "-n",
            namespace,
            "--ignore-not-found",
            "--cascade=foreground",
        ])?;
        ground.cluster.kubectl_call().words(["apply", "-f"]).file(&file).run("apply the sample")?;
        let begun = Instant::now();
        let ended = sample::wait(&ground.cluster, namespace)?;
        told(&format!("{job} {}", if ended { "completed" } else { "failed" }), begun);
        println!();
        ground.cluster.kubectl_call().words(["logs", "-n", namespace, &job]).run("show the sample's log")?;
        if ended {
            return Ok(());
        }
        let how = format!("{job} failed; its log is above");
        Err(TestbedError::Command { doing: "run the sample".to_owned(), how, said: String::new() })
    }

    fn suggestions(&self, cluster: &Reach) -> Vec<(String, &'static str)> {
        let namespace = &self.namespace;
        let sc = |rest: &str| cluster.suggested("sc", rest);
        vec![
            (
                sc(&format!("connection list -n {namespace}")),
                "the connections and whether they are ready and valid",
            ),
            (
                sc(&format!("connection validate {CONNECTION} -n {namespace}")),
                "reach the database in the workload's shoes, line by line",
            ),
            (
                cluster.suggested("kubectl", &format!("delete secret {SECRET} -n {namespace}")),
                "take the Secret away: it is back in a moment",
            ),
            (
                sc(&format!("connection delete {CONNECTION} -n {namespace}")),
                "the connection goes, the workload's Secret stays",
            ),
            (sc("extension show"), "what runs in sc-system, and every error"),
        ]
    }

    /// Removes what the demo made.
    fn end(&self) -> Result<()> {
        let begun = Instant::now();
        match self.theirs.context() {
            None => {
                ground::end_own()?;
                told("cluster `demo` and its database removed", begun);
            }
            Some(context) => {
                let cluster = Reach::to_leave(&self.theirs, context)?;
                self.remove_from(&cluster)?;
                println!(
                    "The extension stays; `{}` removes it.",
                    cluster.suggested("sc", "extension uninstall")
                );
            }
        }
        match std::fs::remove_dir_all(folder()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(TestbedError::File { doing: "remove", path: folder(), source: error })
            }
            _ => Ok(()),
        }
    }

    fn remove_from(&self, cluster: &Reach) -> Result<()> {
        let namespace = self.namespace.as_str();
        let made = cluster.kubectl([
            "get",
            "namespaces",
            "-o",
            "name",
            "-l",
            &format!("{}=true", sample::MADE_BY_DEMO),
        ])?;
        let is_ours = made.lines().any(|line| line == format!("namespace/{namespace}"));
        let show = cluster.sc().words(["connection", "show", CONNECTION, "-n", namespace, "-o", "tsv"]);
        if !show.quietly()?.is_empty() {
            let delete = cluster.sc().words(["connection", "delete", CONNECTION, "-n", namespace, "--yes"]);
            delete.run("delete the connection")?;
        }
        let objects = [format!("job/{}", sample::JOB), format!("configmap/{}", sample::AUTHORITIES)];
        let [job, authorities] = &objects;
        let delete =
            cluster.kubectl_call().words(["delete", "-n", namespace, "--ignore-not-found", job, authorities]);
        delete.run("delete the sample")?;
        if is_ours {
            cluster.kubectl_call().words(["delete", "namespace", namespace]).run("delete the namespace")?;
        } else {
            println!("The Secret {SECRET} stays in `{namespace}`, as the connector leaves it.");
        }
        Ok(())
    }

    /// How this demo was called.
    fn line(&self) -> String {
        let mut line = "cargo xtask demo".to_owned();
        if let Some(context) = &self.theirs.context {
            line += &format!(" --context {context}");
        }
        if let Some(kubeconfig) = &self.theirs.kubeconfig {
            line += &format!(" --kubeconfig {}", shown_path(kubeconfig));
        }
        if self.namespace != "shop" {
            line += &format!(" --namespace {}", self.namespace);
        }
        line
    }
}

/// Where the demo's own files lie, for the person to look at.
fn folder() -> PathBuf {
    workspace().join("target/demo")
}

fn write(name: &str, contents: &str) -> Result<PathBuf> {
    let (folder, path) = (folder(), folder().join(name));
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, contents));
    written.map_err(|source| TestbedError::File { doing: "write", path: path.clone(), source })?;
    Ok(path)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|source| TestbedError::File {
        doing: "read",
        path: path.to_path_buf(),
        source,
    })
}
