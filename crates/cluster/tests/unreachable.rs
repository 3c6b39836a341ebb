//! An API server that isn't reached: the cause says why, without the layers it came through.
#![allow(clippy::unwrap_used, reason = "a test tells by a panic what went wrong")]

use std::fs;
use std::net::{SocketAddr, TcpListener};

use sc_cluster::{Access, Cluster};
use sc_model::{Failure, FailureCode};

/// Asks what should be an API server for its version.
async fn ask(address: SocketAddr) -> Failure {
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    let text = format!(
        "{{clusters: [{{name: it, cluster: {{server: 'https://{address}'}}}}],
          contexts: [{{name: it, context: {{cluster: it, user: me}}}}],
          users: [{{name: me, user: {{token: x}}}}], current-context: it}}"
    );
    fs::write(&kubeconfig, text).unwrap();
    let access = Access { kubeconfig: Some(kubeconfig), context: None };
    let failure = Cluster::connect(access).await.unwrap().version().await.unwrap_err();
    assert_eq!(failure.code, FailureCode::ClusterUnreachable, "{failure}");
    failure
}

#[tokio::test]
async fn a_port_where_nobody_listens_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let failure = ask(address).await;
    assert_eq!(failure.cause.as_deref(), Some("tcp connect error: Connection refused (os error 111)"));
}

/// The clock stands still but for the time that is waited for.
#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_waited_for_only_so_long() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let failure = ask(silent.local_addr().unwrap()).await;
    assert_eq!(failure.cause.as_deref(), Some("it didn't take the connection in time"));
}
