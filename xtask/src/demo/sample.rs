//! The workload: a Job that finds everything it needs in its environment.

use std::thread;
use std::time::{Duration, Instant};

use sc_testbed::{Result, TestbedError};
use serde_json::Value;

use super::ground::Reach;

/// The Job's name.
pub(super) const JOB: &str = "orders-job";

/// The ConfigMap with the certificates of the authorities that the sample trusts.
pub(super) const AUTHORITIES: &str = "sc-sample-authorities";

/// The label of a namespace that is the demo's to remove.
pub(super) const MADE_BY_DEMO: &str = "service-connector.local/demo";

/// How long the sample may take.
const LIMIT: Duration = Duration::from_secs(90);

/// A namespace in which only pods run that pass the Pod Security Standard `restricted`.
pub(super) fn namespace(name: &str) -> String {
    format!(
        "apiVersion: v1
kind: Namespace
metadata:
  name: {name}
  labels:
    pod-security.kubernetes.io/enforce: restricted
    {MADE_BY_DEMO}: \"true\"
"
    )
}

/// The Job that `sc connection show --snippet job` printed, with the sample in it, and the ConfigMap with the authorities it trusts,
/// unless these are the public ones.
pub(super) fn manifest(snippet: &str, namespace: &str, image: &str, authorities: Option<&str>) -> String {
    let image = format!("          image: {image}\n");
    let job = snippet.replacen(&image, &format!("{image}          args: [sample-job]\n"), 1);
    match authorities {
        None => job,
        Some(pem) => format!("{}---\n{job}{MOUNTED}", config_map(namespace, pem)),
    }
}

/// What goes on at the end of the Job. `PGSSLROOTCERT` is libpq's own variable: which authorities a client trusts is
/// the workload's affair.
const MOUNTED: &str = "          env:
            - {name: PGSSLROOTCERT, value: /authorities/ca.crt}
          volumeMounts:
            - {name: authorities, mountPath: /authorities, readOnly: true}
      volumes:
        - name: authorities
          configMap: {name: sc-sample-authorities}
";

fn config_map(namespace: &str, pem: &str) -> String {
    let mut lines = String::new();
    for line in pem.lines() {
        lines += &format!("    {line}\n");
    }
    format!(
        "apiVersion: v1
kind: ConfigMap
metadata:
  name: {AUTHORITIES}
  namespace: {namespace}
data:
  ca.crt: |
{lines}"
    )
}

/// The lines of the Job that make it a workload of the connection.
pub(super) fn what_matters(manifest: &str) -> String {
    let lines = manifest.lines().skip_while(|line| line.trim() != "containers:");
    let lines = lines.take_while(|line| line.trim() != "securityContext:");
    lines.map(|line| format!("  | {line}\n")).collect()
}

/// Waits for the end of the Job: whether it completed.
pub(super) fn wait(cluster: &Reach, namespace: &str) -> Result<bool> {
    let begun = Instant::now();
    loop {
        let job = cluster.kubectl(["get", "job", JOB, "-n", namespace, "-o", "json"])?;
        let job: Value = serde_json::from_str(&job).unwrap_or_default();
        if let Some(completed) = ended(&job) {
            return Ok(completed);
        }
        if begun.elapsed() > LIMIT {
            let label = format!("job-name={JOB}");
            let pods = cluster.kubectl(["get", "pods", "-n", namespace, "-l", &label, "-o", "json"])?;
            let saw = waits_for(&serde_json::from_str(&pods).unwrap_or_default());
            return Err(TestbedError::Command {
                doing: "run the sample".to_owned(),
                how: format!("{JOB} has not ended after {} s: {saw}", LIMIT.as_secs()),
                said: String::new(),
            });
        }
        thread::sleep(Duration::from_millis(200));
    }
}

/// Whether a Job has ended, and well.
fn ended(job: &Value) -> Option<bool> {
    let conditions = job["status"]["conditions"].as_array()?;
    let holds = |kind: &str| {
        conditions.iter().any(|condition| condition["type"] == kind && condition["status"] == "True")
    };
    if holds("Complete") {
        Some(true)
    } else if holds("Failed") {
        Some(false)
    } else {
        None
    }
}

/// What the first pod waits for, in its own words.
fn waits_for(pods: &Value) -> String {
    let status = &pods["items"][0]["status"];
    let container = &status["containerStatuses"][0]["state"]["waiting"];
    let unscheduled = &status["conditions"][0];
    let said = [container, unscheduled].into_iter().find_map(|why| {
        Some(format!("{}: {}", why["reason"].as_str()?, why["message"].as_str().unwrap_or_default()))
    });
    said.unwrap_or_else(|| "its pod doesn't say why".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_person_sees_the_lines_about_the_connection_only() {
        let snippet = "\
spec:
  template:
    spec:
      containers:
        - name: app
          image: sc:1
          envFrom:
            - secretRef: {name: sc-orders-secret}
          securityContext:
            allowPrivilegeEscalation: false
";
        let manifest = manifest(snippet, "shop", "sc:1", Some("-----BEGIN\nx\n-----END"));
        assert!(manifest.ends_with(MOUNTED));
        assert_eq!(
            what_matters(&manifest),
            "  |       containers:
  |         - name: app
  |           image: sc:1
  |           args: [sample-job]
  |           envFrom:
  |             - secretRef: {name: sc-orders-secret}
"
        );
    }

    #[test]
    fn a_job_has_ended_when_a_condition_says_so() {
        let job = |kind: &str, status: &str| serde_json::json!({"status": {"conditions": [{"type": kind, "status": status}]}});
        assert_eq!(ended(&job("Complete", "True")), Some(true));
        assert_eq!(ended(&job("Failed", "True")), Some(false));
        assert_eq!(ended(&job("Complete", "False")), None);
        assert_eq!(ended(&serde_json::json!({"status": {}})), None);
    }

    #[test]
    fn a_pod_that_does_not_start_says_why() {
        let pods = serde_json::json!({"items": [{"status": {"containerStatuses": [{"state": {"waiting":
            {"reason": "ErrImagePull", "message": "not found"}}}]}}]});
        assert_eq!(waits_for(&pods), "ErrImagePull: not found");
        assert_eq!(waits_for(&serde_json::json!({})), "its pod doesn't say why");
    }
}
