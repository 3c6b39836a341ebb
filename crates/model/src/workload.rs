//! A workload that a connection is put into: a kind and a name, written `deployment/web`.

use std::fmt;
use std::str::FromStr;

use kube::ResourceExt as _;

use crate::failure::{Failure, FailureCode, Result};
use crate::name::ObjectName;
use crate::places;
use crate::resource::ServiceConnection;

/// The kinds of objects that make pods from a template which may change, and roll the change out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkloadKind {
    /// A Deployment.
    Deployment,
    /// A StatefulSet.
    StatefulSet,
    /// A DaemonSet.
    DaemonSet,
    /// A CronJob: its next Job has the change.
    CronJob,
}

impl WorkloadKind {
    /// Every kind, in the order it is shown to people.
    pub const ALL: &'static [Self] = &[Self::Deployment, Self::StatefulSet, Self::DaemonSet, Self::CronJob];

    /// The kind as kubectl prints it and a person writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::StatefulSet => "statefulset",
            Self::DaemonSet => "daemonset",
            Self::CronJob => "cronjob",
        }
    }

    /// kubectl's short name.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Deployment => "deploy",
            Self::StatefulSet => "sts",
            Self::DaemonSet => "ds",
            Self::CronJob => "cj",
        }
    }

    /// The name of the resource in a path and in a rule of RBAC.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Deployment => "deployments",
            Self::StatefulSet => "statefulsets",
            Self::DaemonSet => "daemonsets",
            Self::CronJob => "cronjobs",
        }
    }

    /// The kind as a manifest says it.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::CronJob => "CronJob",
        }
    }

    /// The API group; the version is `v1` in all of them.
    pub const fn group(self) -> &'static str {
        match self {
            Self::CronJob => "batch",
            _ => "apps",
        }
    }

    /// The fields that lead to the template of its pods.
    pub const fn template(self) -> &'static [&'static str] {
        match self {
            Self::CronJob => &["spec", "jobTemplate", "spec", "template"],
            _ => &["spec", "template"],
        }
    }
}

impl FromStr for WorkloadKind {
    type Err = Failure;

    /// As kubectl takes it: singular, plural or short, with or without the group, in any case.
    fn from_str(given: &str) -> Result<Self> {
        let lower = given.to_ascii_lowercase();
        let (word, group) = lower.split_once('.').unwrap_or((&lower, ""));
        let group = group.strip_prefix("v1.").unwrap_or(group);
        let is_meant = |kind: &Self| {
            [kind.name(), kind.plural(), kind.short()].contains(&word)
                && (group.is_empty() || group == kind.group())
        };
        Self::ALL.iter().copied().find(is_meant).ok_or_else(|| {
            Failure::new(FailureCode::InvalidOption, format!("`{given}` can't be connected"))
                .because(why_not(word))
        })
    }
}

/// Why a kind that isn't one of ours is none, and what to name instead.
fn why_not(word: &str) -> String {
    match word {
        "pod" | "pods" | "po" => {
            "a pod can't be changed once it is made: name the workload that makes it, such as deployment/NAME"
                .to_owned()
        }
        "job" | "jobs" => {
            "the pod template of a Job can't be changed once it is made: name the CronJob that makes \
            it, or write `envFrom` into the Job's manifest"
                .to_owned()
        }
        "replicaset" | "replicasets" | "rs" => {
            "a ReplicaSet doesn't roll out a change of its template: name the Deployment that makes it"
                .to_owned()
        }
        _ => {
            let known = WorkloadKind::ALL.iter().map(|kind| format!("{} ({})", kind.name(), kind.short()));
            format!("the kind has to be one of: {}", known.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A workload of the connection's namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Workload {
    /// What it is.
    pub kind: WorkloadKind,
    /// The object's name.
    pub name: ObjectName,
}

impl fmt::Display for Workload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.kind.name(), self.name)
    }
}

impl FromStr for Workload {
    type Err = Failure;

    fn from_str(given: &str) -> Result<Self> {
        let Some((kind, name)) = given.split_once('/') else {
            return Err(Failure::new(FailureCode::InvalidOption, format!("`{given}` names no workload"))
                .because("write KIND/NAME, such as deployment/web, statefulset/db, daemonset/agent or cronjob/report"));
        };
        Ok(Self { kind: kind.parse()?, name: name.parse()? })
    }
}

impl ServiceConnection {
    /// The workloads it was put into, as its annotation tells. What somebody else wrote there and can't be read is left
    /// out.
    pub fn workloads(&self) -> Vec<Workload> {
        let listed = self.annotations().get(places::WORKLOADS).map_or("", String::as_str);
        listed.split(',').filter_map(|workload| workload.trim().parse().ok()).collect()
    }
}

/// Workloads as the annotation lists them.
pub fn listed(workloads: &[Workload]) -> String {
    workloads.iter().map(Workload::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_written_as_kubectl_takes_it() {
        for (given, read) in [
            ("deployment/web", "deployment/web"),
            ("deploy/web", "deployment/web"),
            ("Deployments/web", "deployment/web"),
            ("deployment.apps/web", "deployment/web"),
            ("deployments.v1.apps/web", "deployment/web"),
            ("sts/db.0", "statefulset/db.0"),
            ("ds/agent", "daemonset/agent"),
            ("cj/report", "cronjob/report"),
            ("cronjobs.batch/report", "cronjob/report"),
        ] {
            assert_eq!(given.parse::<Workload>().unwrap().to_string(), read, "{given}");
        }
    }

    #[test]
    fn what_is_no_workload_is_refused_with_what_to_write_instead() {
        for (given, says) in [
            ("web", "KIND/NAME"),
            ("deployment/", "lower-case letters"),
            ("deployment/Web", "lower-case letters"),
            ("deployment/web/0", "lower-case letters"),
            ("pod/web-0", "name the workload that makes it"),
            ("job/import", "CronJob"),
            ("rs/web-5f", "Deployment"),
            ("deployment.batch/web", "deployment (deploy)"),
            ("service/web", "deployment (deploy), statefulset (sts), daemonset (ds), cronjob (cj)"),
        ] {
            let failure = given.parse::<Workload>().unwrap_err().to_string();
            assert!(failure.contains(says), "{given}: {failure}");
        }
    }

    #[test]
    fn the_annotation_reads_back_what_was_listed() {
        let workloads: Vec<Workload> =
            ["deployment/web", "cronjob/report"].map(|given| given.parse().unwrap()).into();
        let mut connection = ServiceConnection::new(
            "orders",
            serde_json::from_str(r#"{"target":{"service":"redis"},"auth":{"type":"secret"}}"#).unwrap(),
        );
        assert_eq!(connection.workloads(), []);
        connection
            .annotations_mut()
            .insert(places::WORKLOADS.to_owned(), format!("{},nonsense", listed(&workloads)));
        assert_eq!(connection.workloads(), workloads);
    }
}
