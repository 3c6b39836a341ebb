//! The YAML of workloads that use a connection.

use std::fmt::Write as _;

use sc_catalog::Resolved;
use sc_model::{AuthType, ConnectionName, Namespace};

/// A workload that is to use a connection.
#[derive(Clone, Debug)]
pub struct Workload<'a> {
    /// The namespace of the connection and the workload.
    pub namespace: &'a Namespace,
    /// The connection's name as given.
    pub connection: &'a ConnectionName,
    /// The Secret to read. `None` where the person takes care of the variables.
    pub secret: Option<&'a str>,
    /// The ServiceAccount to run as.
    pub service_account: Option<&'a str>,
    /// What the connection was resolved to.
    pub resolved: &'a Resolved<'a>,
}

/// The lines that a Deployment, StatefulSet or DaemonSet needs: a patch for `kubectl patch --patch-file`, or to copy from.
pub fn deployment(workload: &Workload<'_>) -> String {
    let how = if is_csi(workload) {
        "# Goes into the pod template of your workload; the SecretProviderClass below is an object of its own."
    } else {
        "# Goes into the pod template of your workload: copy the lines, or give this file to\n\
         #   kubectl patch deployment NAME --patch-file FILE"
    };
    let mut lines = format!("{how}\nspec:\n  template:\n");
    lines += &indented(4, &pod_labels(workload));
    lines += "    spec:\n";
    lines += &indented(6, &pod(workload));
    lines += "      containers:\n        - name: app # your container's name\n";
    lines += &indented(10, &container(workload));
    lines += &indented(6, &volumes(workload));
    lines + &provider_class(workload)
}

/// A Job that runs once with the connection, under the Pod Security Standard `restricted`.
pub fn job(workload: &Workload<'_>, image: &str) -> String {
    let mut lines = format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {}-job\n  namespace: {}\nspec:\n  backoffLimit: 0\n  template:\n",
        workload.connection.object_name(),
        workload.namespace,
    );
    lines += &indented(4, &pod_labels(workload));
    lines += "    spec:\n      restartPolicy: Never\n";
    if workload.service_account.is_none() {
        lines += "      automountServiceAccountToken: false\n";
    }
    lines += &indented(6, &pod(workload));
    lines += "      securityContext:\n        runAsNonRoot: true\n        seccompProfile: {type: RuntimeDefault}\n";
    let _ = writeln!(lines, "      containers:\n        - name: app\n          image: {image}");
    lines += &indented(10, &container(workload));
    lines += "          securityContext:\n            allowPrivilegeEscalation: false\n            readOnlyRootFilesystem: true\n            capabilities: {drop: [ALL]}\n";
    lines += &indented(6, &volumes(workload));
    lines + &provider_class(workload)
}

fn is_csi(workload: &Workload<'_>) -> bool {
    workload.resolved.auth_type() == AuthType::Csi
}

/// What Azure's workload identity webhook looks for on a pod.
fn pod_labels(workload: &Workload<'_>) -> String {
    match workload.service_account {
        Some(_) => "metadata:\n  labels:\n    azure.workload.identity/use: \"true\"\n".to_owned(),
        None => String::new(),
    }
}

fn pod(workload: &Workload<'_>) -> String {
    workload.service_account.map_or_else(String::new, |account| format!("serviceAccountName: {account}\n"))
}

fn container(workload: &Workload<'_>) -> String {
    let secret = workload.secret;
    let mut lines =
        secret.map_or_else(String::new, |secret| format!("envFrom:\n  - secretRef: {{name: {secret}}}\n"));
    if is_csi(workload) {
        lines += "volumeMounts:\n  - {name: secrets, mountPath: /mnt/secrets, readOnly: true}\n";
    }
    lines
}

fn volumes(workload: &Workload<'_>) -> String {
    if !is_csi(workload) {
        return String::new();
    }
    format!(
        "volumes:\n  - name: secrets\n    csi:\n      driver: secrets-store.csi.k8s.io\n      readOnly: true\n      \
         volumeAttributes: {{secretProviderClass: {}}}\n",
        workload.connection.object_name()
    )
}

/// What the Secrets Store CSI driver's provider for Azure reads (its documentation, "SecretProviderClass").
fn provider_class(workload: &Workload<'_>) -> String {
    if !is_csi(workload) {
        return String::new();
    }
    let value = |name: &str| workload.resolved.parameter(name).unwrap_or_default();
    format!(
        "---\napiVersion: secrets-store.csi.x-k8s.io/v1\n\
         kind: SecretProviderClass\n\
         metadata:\n  name: {}\n  namespace: {}\n\
         spec:\n  provider: azure\n  parameters:\n    keyvaultName: {}\n    tenantId: {}\n    useVMManagedIdentity: \"true\"\n    \
         userAssignedIdentityID: {}\n    objects: |\n      array:\n        - |\n          objectName: NAME # of a secret in the vault\n          objectType: secret\n",
        workload.connection.object_name(),
        workload.namespace,
        value("vault"),
        value("tenant-id"),
        value("client-id"),
    )
}

fn indented(by: usize, lines: &str) -> String {
    lines.lines().map(|line| format!("{:by$}{line}\n", "")).collect()
}
