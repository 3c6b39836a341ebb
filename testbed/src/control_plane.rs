//! etcd, the API server, and the controllers and scheduler beside it.

use std::time::Duration;

use crate::api::Api;
use crate::error::Result;
use crate::folders::ClusterFolder;
use crate::network::{API, NODE, SERVICES};
use crate::program::{Program, Running};
use crate::sandbox::Sandbox;

const LIMIT: Duration = Duration::from_secs(60);

/// By default the controllers may send 20 requests a second: their start alone would take them four seconds.
const QPS: &str = "--kube-api-qps=1000";
const BURST: &str = "--kube-api-burst=2000";

/// Starts etcd and the API server; returns before they are ready.
pub(crate) fn start(sandbox: &Sandbox, folder: &ClusterFolder) -> Result<()> {
    Program::new("etcd", "etcd")
        .args([
            "--data-dir=/run/etcd",
            "--listen-client-urls=http://127.0.0.1:2379",
            "--advertise-client-urls=http://127.0.0.1:2379",
            "--listen-peer-urls=http://127.0.0.1:2380",
            "--unsafe-no-fsync",
            "--quota-backend-bytes=4294967296",
            "--log-level=warn",
        ])
        .start(sandbox, folder)?;
    start_api_server(sandbox, folder)
}

/// Starts the API server only; returns before it is ready.
pub(crate) fn start_api_server(sandbox: &Sandbox, folder: &ClusterFolder) -> Result<()> {
    let issuer = format!("https://{NODE}:{API}");
    Program::new("kube-apiserver", "kube-apiserver")
        .args([
            "--etcd-servers=http://127.0.0.1:2379".to_owned(),
            format!("--advertise-address={NODE}"),
            format!("--secure-port={API}"),
            format!("--service-cluster-ip-range={SERVICES}"),
            "--tls-cert-file=/run/certificates/server.crt".to_owned(),
            "--tls-private-key-file=/run/certificates/server.key".to_owned(),
            "--client-ca-file=/run/certificates/ca.crt".to_owned(),
            "--authorization-mode=Node,RBAC".to_owned(),
            "--enable-admission-plugins=NodeRestriction".to_owned(),
            "--allow-privileged=true".to_owned(),
            "--service-account-key-file=/run/certificates/service-account.pub".to_owned(),
            "--service-account-signing-key-file=/run/certificates/service-account.key".to_owned(),
            format!("--service-account-issuer={issuer}"),
            format!("--service-account-jwks-uri={issuer}/openid/v1/jwks"),
            "--kubelet-certificate-authority=/run/certificates/ca.crt".to_owned(),
            "--kubelet-client-certificate=/run/certificates/api-server.crt".to_owned(),
            "--kubelet-client-key=/run/certificates/api-server.key".to_owned(),
            // Or `kubectl logs` would try to resolve the node's name.
            "--kubelet-preferred-address-types=InternalIP".to_owned(),
            "--profiling=false".to_owned(),
        ])
        .start(sandbox, folder)?;
    Ok(())
}

/// Waits until the API server serves.
pub(crate) fn wait(sandbox: &Sandbox, folder: &ClusterFolder, api: &Api) -> Result<()> {
    let server = Running::find("kube-apiserver", sandbox, folder);
    server.wait("the API server", LIMIT, || api.get("/readyz").map(drop))
}

/// Starts what makes objects live: without it namespaces don't go away and Jobs make no pods.
pub(crate) fn start_controllers(sandbox: &Sandbox, folder: &ClusterFolder) -> Result<()> {
    Program::new("kube-controller-manager", "kube-controller-manager")
        .args([
            "--kubeconfig=/run/certificates/controller-manager.kubeconfig",
            QPS,
            BURST,
            "--leader-elect=false",
            "--use-service-account-credentials=true",
            "--service-account-private-key-file=/run/certificates/service-account.key",
            "--root-ca-file=/run/certificates/ca.crt",
            "--cluster-signing-cert-file=/run/certificates/ca.crt",
            "--cluster-signing-key-file=/run/certificates/ca.key",
            "--tls-cert-file=/run/certificates/server.crt",
            "--tls-private-key-file=/run/certificates/server.key",
            "--profiling=false",
        ])
        .start(sandbox, folder)?;
    Ok(())
}

/// Starts the scheduler.
pub(crate) fn start_scheduler(sandbox: &Sandbox, folder: &ClusterFolder) -> Result<()> {
    Program::new("kube-scheduler", "kube-scheduler")
        .args([
            "--kubeconfig=/run/certificates/scheduler.kubeconfig",
            QPS,
            BURST,
            "--leader-elect=false",
            "--tls-cert-file=/run/certificates/server.crt",
            "--tls-private-key-file=/run/certificates/server.key",
            "--profiling=false",
        ])
        .start(sandbox, folder)?;
    Ok(())
}

/// Waits until the controllers work: a namespace's first sign of life is its ServiceAccount.
pub(crate) fn wait_for_controllers(sandbox: &Sandbox, folder: &ClusterFolder, api: &Api) -> Result<()> {
    let manager = Running::find("kube-controller-manager", sandbox, folder);
    manager.wait("the first ServiceAccount", LIMIT, || {
        api.get("/api/v1/namespaces/default/serviceaccounts/default").map(drop)
    })
}
