//! A cluster comes, serves, survives what tests do to it, and goes without a trace.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test tells by a panic what went wrong")]

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::{fs, thread};

use sc_testbed::{Cluster, NODE_ADDRESS, NODE_NAME, Speed, TestbedError};

/// A cluster that goes away however the test ends.
struct Throwaway(Cluster);

impl Throwaway {
    fn up(story: &str, speed: Speed) -> Self {
        Self(Cluster::up(&format!("test-{story}-{}", std::process::id()), speed).unwrap())
    }

    fn kubectl(&self, arguments: &str) -> String {
        said(self.0.command("kubectl").args(arguments.split(' ')))
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        // The logs of a story that ended badly stay.
        let gone = match Cluster::attach(self.0.name()) {
            Ok(cluster) if !thread::panicking() => cluster.down(),
            _ => Cluster::sweep(self.0.name()),
        };
        assert!(gone.is_ok() || thread::panicking(), "{gone:?}");
    }
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_control_plane_serves_and_leaves_nothing() {
    let cluster = Throwaway::up("plane", Speed::ControlPlane);
    assert_eq!(cluster.kubectl("get serviceaccount default -o name"), "serviceaccount/default\n");
    let other = Cluster::attach(cluster.0.name()).unwrap();
    assert!(other.status().programs.iter().all(|(_, runs)| *runs), "{}", other.status());

    let mut called = other.command("sleep").arg("1000").spawn().unwrap();
    let (name, folder) = (other.name().to_owned(), other.folder().to_path_buf());
    other.down().unwrap();
    assert!(!called.wait().unwrap().success(), "what was called on its network has ended with it");
    assert!(!Cluster::names().contains(&name));
    assert!(matches!(Cluster::attach(&name), Err(TestbedError::NotRunning(_))));
    assert!(!folder.exists());
    assert!(!Path::new("/sys/fs/cgroup/pids/sc-testbed").join(&name).exists());
    assert!(!fs::read_to_string("/proc/mounts").unwrap().contains(&name));
}

#[test]
fn a_thread_that_enters_the_network_reaches_the_cluster() {
    let cluster = Throwaway::up("enter", Speed::ControlPlane);
    let network = || fs::read_link("/proc/thread-self/ns/net").unwrap();
    let outside = network();
    let api = SocketAddr::new(NODE_ADDRESS, 6443);
    let dial = move || TcpStream::connect_timeout(&api, Duration::from_millis(500)).map(drop);
    thread::scope(|scope| {
        let inside = scope.spawn(|| {
            cluster.0.enter_network().unwrap();
            assert_ne!(network(), outside);
            let child = thread::spawn(dial).join().unwrap();
            child.and_then(|()| dial())
        });
        inside.join().unwrap().unwrap();
    });
    assert_eq!(network(), outside);
}

#[test]
fn an_api_server_that_crashed_comes_back_with_its_data() {
    let cluster = Throwaway::up("crash", Speed::ControlPlane);
    cluster.kubectl("create configmap kept --from-literal=a=b");
    cluster.0.stop_api_server().unwrap();
    assert!(
        !cluster.0.command("kubectl").args(["get", "configmap", "kept"]).output().unwrap().status.success()
    );
    cluster.0.start_api_server().unwrap();
    assert_eq!(cluster.kubectl("get configmap kept -o jsonpath={.data.a}"), "b");
}

#[test]
fn a_new_cluster_takes_the_place_of_a_forgotten_one() {
    let forgotten = Throwaway::up("again", Speed::ControlPlane);
    forgotten.kubectl("create configmap old");
    let fresh = Cluster::up(forgotten.0.name(), Speed::ControlPlane).unwrap();
    let found = fresh.command("kubectl").args(["get", "configmap", "old"]).output().unwrap();
    assert!(String::from_utf8_lossy(&found.stderr).contains("NotFound"), "{found:?}");
}

/// This very test binary is static, as `sc` is, so that it can be the image: its pod lists the tests it has.
#[test]
fn a_pod_runs_under_the_restricted_standard() {
    let cluster = Throwaway::up("pod", Speed::FullNode);
    let image = cluster.0.load_image(&std::env::current_exe().unwrap()).unwrap();
    cluster.kubectl("create namespace shop");
    cluster.kubectl("label namespace shop pod-security.kubernetes.io/enforce=restricted");
    let manifest = format!(
        r#"{{"apiVersion": "batch/v1", "kind": "Job", "metadata": {{"name": "job", "namespace": "shop"}},
        "spec": {{"template": {{"spec": {{"restartPolicy": "Never",
          "securityContext": {{"runAsNonRoot": true, "seccompProfile": {{"type": "RuntimeDefault"}}}},
          "containers": [{{"name": "c", "image": "{image}", "args": ["--list"],
            "securityContext": {{"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                                 "capabilities": {{"drop": ["ALL"]}}}}}}]}}}}}}}}"#
    );
    let file = cluster.0.folder().join("job.json");
    fs::write(&file, manifest).unwrap();
    cluster.kubectl(&format!("apply -f {}", file.display()));
    cluster.kubectl("wait -n shop job/job --for=condition=Complete --timeout=60s");
    assert!(
        cluster.kubectl("logs -n shop job/job").contains("a_pod_runs_under_the_restricted_standard: test")
    );
    assert_eq!(cluster.kubectl("get pods -n shop -o jsonpath={.items[0].spec.nodeName}"), NODE_NAME);
}
