//! The fields that somebody else has, and the failure that names them with the lines to add by hand.

use sc_cluster::workloads::Conflicts;
use sc_model::{Failure, FailureCode, Result, Workload, places};

use super::live::Owners;
use super::needs::Needs;

/// What others have of what a connection needs in a workload.
pub(super) struct Claims {
    workload: Workload,
    needs: Needs,
    /// What is whose, as clauses of a sentence.
    clauses: Vec<String>,
    /// The containers whose list is somebody's.
    lists: Vec<String>,
    /// Whether the account is somebody's.
    has_account: bool,
    has_label: bool,
}

impl Claims {
    pub(super) fn new(workload: &Workload, needs: &Needs) -> Self {
        Self {
            workload: workload.clone(),
            needs: needs.clone(),
            clauses: Vec::new(),
            lists: Vec::new(),
            has_account: false,
            has_label: false,
        }
    }

    /// A list is somebody's.
    pub(super) fn list(&mut self, container: &str, owners: &Owners) {
        self.clauses.push(format!("`envFrom` of container `{container}` belongs to {}", named(owners)));
        self.lists.push(container.to_owned());
    }

    /// Another account is set, by somebody or for other connections.
    pub(super) fn account(&mut self, current: &str, owners: &Owners, users: &[String]) {
        let whose = match (owners.is_empty(), users.is_empty()) {
            (false, _) => format!("set by {}", named(owners)),
            (true, false) => format!("which connection {} needs", named(users)),
            (true, true) => "set by somebody".to_owned(),
        };
        self.clauses.push(format!("`serviceAccountName` is `{current}`, {whose}"));
        self.has_account = true;
    }

    /// The label for Azure's webhook says something else.
    pub(super) fn label(&mut self, current: &str, owners: &Owners) {
        let whose = if owners.is_empty() { "somebody".to_owned() } else { named(owners) };
        self.clauses
            .push(format!("the label `{}` is `{current}`, set by {whose}", places::WORKLOAD_IDENTITY_USE));
        self.has_label = true;
    }

    /// Refuses what is somebody else's, or has it taken over.
    pub(super) fn settle(&self, conflicts: Conflicts) -> Result<Conflicts> {
        match (self.clauses.is_empty(), conflicts) {
            (true, _) => Ok(Conflicts::Refused),
            (false, Conflicts::Forced) => Ok(Conflicts::Forced),
            (false, Conflicts::Refused) => Err(self.failure()),
        }
    }

    fn failure(&self) -> Failure {
        let message = format!("{} can't take the connection in: {}", self.workload, self.clauses.join("; "));
        Failure::new(FailureCode::FieldConflict, message).because(self.cause()).remedied_by(format!(
            "Add these lines to the pod template where its manifest is kept, and run the same command again:\n{}\n\
             Or give --force-conflicts, which {}.",
            self.lines(),
            self.forced()
        ))
    }

    fn cause(&self) -> &'static str {
        match (self.lists.is_empty(), self.has_account) {
            (false, false) => {
                "Kubernetes has one owner for a list like `envFrom` and doesn't merge it; what others add, its owner's next apply takes out"
            }
            (true, true) => "a pod runs as one ServiceAccount",
            _ => {
                "Kubernetes has one owner for such a field; what others write there, its owner's next apply takes out"
            }
        }
    }

    /// What to add by hand, as YAML.
    fn lines(&self) -> String {
        let mut lines = Vec::new();
        if self.has_label {
            lines.push(format!("metadata: {{labels: {{{}: \"true\"}}}}", places::WORKLOAD_IDENTITY_USE));
        }
        if self.has_account || !self.lists.is_empty() {
            lines.push("spec:".to_owned());
        }
        if let (true, Some(account)) = (self.has_account, &self.needs.account) {
            lines.push(format!("  serviceAccountName: {account}"));
        }
        if !self.lists.is_empty() {
            lines.push("  containers:".to_owned());
        }
        for container in &self.lists {
            lines.push(format!("    - name: {container}"));
            lines.push("      envFrom:".to_owned());
            lines.push(format!("        - secretRef: {{name: {}}}", self.needs.secret));
        }
        lines.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
    }

    fn forced(&self) -> &'static str {
        match (self.lists.is_empty(), self.has_account || self.has_label) {
            (false, false) => "takes the list over with all that is in it, until its owner's next apply",
            (false, true) => {
                "takes the list over with all that is in it and replaces the rest, until its owner's next apply"
            }
            _ => "replaces what is set there, until its owner's next apply",
        }
    }
}

fn named(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
