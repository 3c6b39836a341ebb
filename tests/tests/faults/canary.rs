//! A password is planted, and everything that could give it away is searched.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::signal::Signal;
use sc_tests::{Place, Quiet, Started, decoded_bytes, encoded, eventually, quiet_world, world};
use serde_json::Value;
use tempfile::TempDir;

/// Something that was said somewhere, and where.
struct Finding {
    place: String,
    text: String,
}

/// Runs a command line over and over until it is stopped, and keeps all it says.
fn follow(quiet: &Quiet, line: &str) -> Started {
    quiet
        .program_named("bash")
        .args("-c")
        .arg(format!("while sleep 0.05; do {line} 2>&1; done"))
        .as_group()
        .start()
}

/// Reads what the node keeps of sc-job's logs, again and again until it is stopped: a pod that has done its work takes its log along.
struct JobLogs {
    stop: Arc<AtomicBool>,
    reader: JoinHandle<String>,
}

impl JobLogs {
    fn read() -> Self {
        let (pods, stop) =
            (world().cluster().folder().join("var/log/pods"), Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let reader = thread::spawn(move || {
            let mut logs = BTreeMap::new();
            while !stopped.load(Ordering::Relaxed) {
                for log in logs_of_job(&pods) {
                    // One that goes away meanwhile was read before.
                    if let Ok(text) = fs::read_to_string(&log) {
                        logs.insert(log, text);
                    }
                }
                thread::sleep(Duration::from_millis(20));
            }
            logs.into_values().collect()
        });
        Self { stop, reader }
    }

    fn ends(self) -> String {
        self.stop.store(true, Ordering::Relaxed);
        self.reader.join().unwrap()
    }
}

/// The files `sc-system_sc-job-…/CONTAINER/N.log` that kubelet writes.
fn logs_of_job(pods: &Path) -> Vec<PathBuf> {
    let inside = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
    };
    let is_job = |pod: &PathBuf| {
        pod.file_name().is_some_and(|name| name.to_string_lossy().starts_with("sc-system_sc-job"))
    };
    let containers = inside(pods).into_iter().filter(is_job).flat_map(|pod| inside(&pod));
    containers.flat_map(|container| inside(&container)).collect()
}

/// A Helm that writes down how it is called, and does what it is asked.
fn talking_helm(folder: &TempDir) -> String {
    let (wrapper, log) = (folder.path().join("helm"), folder.path().join("helm.log"));
    let script = format!(
        "#!/bin/sh\n{{ echo \"called: $*\"; tr '\\0' ' ' </proc/$$/cmdline; env; }} >>{}\nexec helm \"$@\"\n",
        log.display()
    );
    fs::write(&wrapper, script).unwrap();
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    wrapper.display().to_string()
}

/// The namespace and name of every Secret that holds the canary.
fn secrets_with(quiet: &Quiet, canary: &str) -> Vec<String> {
    let secrets = quiet.kubectl("get secrets --all-namespaces -o json").succeeds().json();
    let holds = |secret: &&Value| {
        let data = secret["data"].as_object().into_iter().flatten();
        data.into_iter().any(|(_, value)| {
            String::from_utf8_lossy(&decoded_bytes(value.as_str().unwrap())).contains(canary)
        })
    };
    let place = |secret: &Value| {
        format!(
            "{}/{}",
            secret["metadata"]["namespace"].as_str().unwrap(),
            secret["metadata"]["name"].as_str().unwrap()
        )
    };
    secrets["items"].as_array().unwrap().iter().filter(holds).map(place).collect()
}

fn create(shop: &Place, name: &str, options: &str) -> sc_tests::Call {
    let server = world().postgres();
    let request = format!(
        "connection create postgres-flexible {name} --host {} --port {} --database canary --user canary --password-stdin --ca-certificate {} {options}",
        server.host,
        server.port,
        world().services_ca()
    );
    shop.sc(&request)
}

#[test]
fn a_password_is_in_two_secrets_and_nowhere_else() {
    let quiet = quiet_world();
    let shop = world().namespace("canary");
    let canary = format!("Canary-{}-7f3a9c51", std::process::id());
    let mut found: Vec<Finding> = Vec::new();
    let mut hear = |place: &str, text: String| found.push(Finding { place: place.to_owned(), text });
    let _there_already = world().postgres().run_sql(world().cluster(), "DROP DATABASE IF EXISTS canary;");
    let _there_already = world().postgres().run_sql(world().cluster(), "DROP ROLE IF EXISTS canary;");
    world().postgres().create_database(world().cluster(), "canary", "canary", &canary).unwrap();
    quiet.sc("extension uninstall --yes").succeeds();
    let folder = TempDir::new().unwrap();
    let helm = talking_helm(&folder);

    // Everything that comes and goes meanwhile is written down.
    let job_logs = JobLogs::read();
    let pods = follow(&quiet, "kubectl get pods --all-namespaces --watch -o yaml");
    let jobs = follow(&quiet, "kubectl get jobs --all-namespaces --watch -o yaml");

    // The whole way: installed by Helm, delivered, validated, told in every format.
    let said =
        create(&shop, "orders", &format!("-v --require-valid --helm {helm}")).stdin(&canary).succeeds();
    hear("sc connection create -v", said.everything());
    for options in ["-v", "-o json", "--dry-run", "--dry-run -o json"] {
        let said = create(&shop, "orders", options).stdin(&canary).succeeds();
        hear(&format!("sc connection create {options}"), said.everything());
    }
    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], canary);

    // The ways that fail: a password that isn't right, a foreign Secret, what doesn't exist, a name that can't be.
    shop.kubectl("create secret generic sc-taken-secret").succeeds();
    let wrong = format!("{canary}-wrong");
    for (name, options, password, code) in [
        ("wrong", "-v --require-valid", &wrong, 7),
        ("taken", "-v", &canary, 4),
        ("unknown", "-v --client-type kafka-springBoot", &canary, 2),
        ("bad/name", "-v", &canary, 2),
    ] {
        let said = create(&shop, name, options).stdin(password).fails_with(code);
        hear(&format!("sc connection create {name}"), said.everything());
    }
    shop.sc("connection delete wrong --yes").succeeds();
    shop.kubectl("delete secret sc-wrong-secret").succeeds();
    shop.sc("connection validate orders -v").succeeds();

    // A Job that fails while it holds the password, and stays: the Secret is no longer the connector's.
    shop.kubectl("label secret sc-orders-secret serviceconnector.dev/role-").succeeds();
    shop.becomes_unready("orders", "ResourceAlreadyExists");
    quiet.kubectl("wait -n sc-system job/sc-job --for=condition=Failed --timeout=60s").succeeds();
    thread::sleep(Duration::from_millis(500)); // the followers read on

    hear("the logs of every sc-job", job_logs.ends());
    for (name, follower) in [("every pod", pods), ("every Job", jobs)] {
        follower.signal(Signal::SIGKILL);
        hear(name, follower.ends().everything());
    }
    for (program, line) in [
        ("kubectl", "logs -n sc-system job/sc-job"),
        ("kubectl", "logs -n sc-system deployment/sc-operator"),
        ("kubectl", "get events --all-namespaces -o yaml"),
        ("kubectl", "get serviceconnections --all-namespaces -o yaml --show-managed-fields"),
        ("kubectl", "get configmaps --all-namespaces -o yaml"),
        ("kubectl", "describe job/sc-job -n sc-system"),
        ("helm", "get all sc-extension -n sc-system"),
        ("helm", "get values sc-extension -n sc-system --all"),
        ("helm", "history sc-extension -n sc-system"),
        ("sc", "extension show -v"),
        ("sc", "extension show -o json"),
    ] {
        let call = if program == "sc" { quiet.sc(line) } else { quiet.program_named(program).args(line) };
        hear(&format!("{program} {line}"), call.succeeds().everything());
    }
    for line in [
        "connection list -o json",
        "connection show orders -o yaml",
        "connection list-configuration orders -o json",
    ] {
        hear(&format!("sc {line}"), shop.sc(&format!("{line} -v")).succeeds().everything());
    }
    hear("how Helm was called", fs::read_to_string(folder.path().join("helm.log")).unwrap());
    for program in ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "containerd"] {
        let log = world().cluster().folder().join(format!("logs/{program}.log"));
        hear(&format!("the log of {program}"), String::from_utf8_lossy(&fs::read(log).unwrap()).into_owned());
    }

    // What was searched is what it is taken for.
    let text_of = |place: &str| &found.iter().find(|finding| finding.place == place).unwrap().text;
    let wrote = |number: usize| format!("sc-job: {number} written, 0 failed");
    // The next connection may be written by the same Job.
    assert!(
        [1, 2].map(wrote).iter().any(|line| text_of("the logs of every sc-job").contains(line)),
        "{}",
        text_of("the logs of every sc-job")
    );
    assert!(text_of("every pod").contains("name: sc-probe-orders"));
    assert!(text_of("how Helm was called").contains("called: upgrade --install sc-extension"));
    assert!(text_of("kubectl logs -n sc-system job/sc-job").contains("sc-orders-secret"));

    let needles = [canary.clone(), encoded(&canary), encoded(&canary).trim_end_matches('=').to_owned()];
    for Finding { place, text } in &found {
        for needle in &needles {
            assert!(!text.contains(needle), "the password is in {place}:\n{text}");
        }
    }
    let expected = [format!("{shop}/sc-orders-secret"), format!("sc-system/{}", shop.payload("orders"))];
    eventually("the Secrets of the deleted connection are gone", || {
        let mut holders = secrets_with(&quiet, &canary);
        holders.sort();
        let mut expected = expected.to_vec();
        expected.sort();
        (holders == expected).then_some(())
    });
}
