//! Workloads: read as they stand, and changed by server-side apply in the fields that the connector has in them.

use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind, Status};
use sc_model::{
    Failure, FailureCode, Namespace, ObjectName, Result, ServiceConnection, Workload, WorkloadKind, places,
    workload,
};
use serde_json::{Value, json};

use crate::access::Cluster;
use crate::failure::{Doing as _, failure_of};

/// What happens to a field that somebody else owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conflicts {
    /// It stays, and the change is refused.
    #[default]
    Refused,
    /// It is taken over.
    Forced,
}

/// A change of a workload, for server-side apply: everything the connector has in it from now on.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkloadChange {
    /// The object, with the `resourceVersion` that it was decided from.
    pub object: Value,
    /// What happens to fields of others.
    pub conflicts: Conflicts,
}

impl Cluster {
    fn workloads_of(&self, namespace: &Namespace, kind: WorkloadKind) -> Api<DynamicObject> {
        let gvk = GroupVersionKind::gvk(kind.group(), "v1", kind.kind());
        let resource = ApiResource::from_gvk_with_plural(&gvk, kind.plural());
        Api::namespaced_with(self.client.clone(), namespace.as_str(), &resource)
    }

    /// A workload as it stands, with who owns which of its fields.
    pub async fn workload(&self, namespace: &Namespace, workload: &Workload) -> Result<Option<Value>> {
        let found = self.workloads_of(namespace, workload.kind).get_opt(workload.name.as_str()).await;
        let found = found.doing(&format!("read {workload} of namespace `{namespace}`"));
        let found = found.map_err(|failure| with_rule(failure, namespace, workload.kind))?;
        found.map(|object| as_value(&object)).transpose()
    }

    /// Refuses where the person who asks may not change workloads of this kind, before anything is written.
    pub async fn require_workload_change(&self, namespace: &Namespace, workload: &Workload) -> Result<()> {
        let asked = ResourceAttributes {
            group: Some(workload.kind.group().to_owned()),
            resource: Some(workload.kind.plural().to_owned()),
            namespace: Some(namespace.to_string()),
            name: Some(workload.name.to_string()),
            verb: Some("patch".to_owned()),
            ..ResourceAttributes::default()
        };
        let review = SelfSubjectAccessReview {
            spec: SelfSubjectAccessReviewSpec { resource_attributes: Some(asked), ..Default::default() },
            ..Default::default()
        };
        let reviews: Api<SelfSubjectAccessReview> = Api::all(self.client.clone());
        // Where the question itself isn't answered, the write will tell.
        let Ok(answer) = reviews.create(&PostParams::default(), &review).await else { return Ok(()) };
        if answer.status.is_none_or(|status| status.allowed) {
            return Ok(());
        }
        let failure = Failure::new(
            FailureCode::NotPermitted,
            format!("you may not change {workload} of namespace `{namespace}`"),
        );
        Err(with_rule(
            failure.because("a connection is put into a workload with the rights of who asks for it"),
            namespace,
            workload.kind,
        ))
    }

    /// Applies a change. [`FailureCode::ChangedMeanwhile`] where the workload isn't what it was decided from any more.
    pub async fn apply_workload(
        &self,
        namespace: &Namespace,
        workload: &Workload,
        change: &WorkloadChange,
    ) -> Result<Value> {
        let parameters = PatchParams::apply(places::WORKLOAD_FIELD_MANAGER);
        let parameters = match change.conflicts {
            Conflicts::Refused => parameters,
            Conflicts::Forced => parameters.force(),
        };
        self.patch_workload(namespace, workload, &parameters, &Patch::Apply(&change.object)).await
    }

    /// Writes who owns the fields of a workload. No field changes, so nothing rolls out.
    pub async fn write_workload_owners(
        &self,
        namespace: &Namespace,
        workload: &Workload,
        version: &str,
        managed_fields: &Value,
    ) -> Result<()> {
        let patch = json!({"metadata": {"resourceVersion": version, "managedFields": managed_fields}});
        let parameters = PatchParams {
            field_manager: Some(places::WORKLOAD_FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        self.patch_workload(namespace, workload, &parameters, &Patch::Merge(&patch)).await.map(drop)
    }

    async fn patch_workload(
        &self,
        namespace: &Namespace,
        workload: &Workload,
        parameters: &PatchParams,
        patch: &Patch<&Value>,
    ) -> Result<Value> {
        let doing = format!("change {workload} of namespace `{namespace}`");
        let api = self.workloads_of(namespace, workload.kind);
        match api.patch(workload.name.as_str(), parameters, patch).await {
            Ok(written) => as_value(&written),
            Err(error) => Err(with_rule(refused(&doing, &error), namespace, workload.kind)),
        }
    }

    /// Notes on a connection which workloads it is in, in a field of its own: what else is stored of it stays.
    /// [`FailureCode::ChangedMeanwhile`] where it isn't the connection any more that the list was decided from.
    pub async fn note_workloads(
        &self,
        namespace: &Namespace,
        connection: &ServiceConnection,
        workloads: &[Workload],
    ) -> Result<()> {
        let name: ObjectName = connection.object_name()?;
        let object = json!({
            "apiVersion": format!("{}/v1alpha1", places::GROUP),
            "kind": "ServiceConnection",
            "metadata": {
                "name": name,
                "resourceVersion": connection.metadata.resource_version,
                "annotations": {places::WORKLOADS: workload::listed(workloads)},
            },
        });
        let parameters = PatchParams::apply(places::WORKLOAD_FIELD_MANAGER).force();
        let doing = format!("note the workloads of the connection `{name}` of namespace `{namespace}`");
        let answer = self
            .connections_of(namespace)
            .patch_metadata(name.as_str(), &parameters, &Patch::Apply(&object))
            .await;
        answer.map(drop).map_err(|error| refused(&doing, &error))
    }
}

/// A patch that wasn't taken. The API server says "Conflict" of two things: of fields that others own it names each as a
/// cause, of an object that changed since it was read it names none.
fn refused(doing: &str, error: &kube::Error) -> Failure {
    let failure = failure_of(doing, error);
    let code = match error {
        kube::Error::Api(status) if status.code == 409 && names_owners(status) => FailureCode::FieldConflict,
        kube::Error::Api(status) if status.code == 409 => FailureCode::ChangedMeanwhile,
        _ => return failure,
    };
    let refused = Failure::new(code, failure.message);
    match failure.cause {
        Some(cause) => refused.because(cause),
        None => refused,
    }
}

fn names_owners(status: &Status) -> bool {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes.into_iter().any(|cause| cause.reason == "FieldManagerConflict")
}

/// A missing right, with the rule to ask for.
fn with_rule(failure: Failure, namespace: &Namespace, kind: WorkloadKind) -> Failure {
    if failure.code != FailureCode::NotPermitted {
        return failure;
    }
    failure.remedied_by(format!(
        "Ask an administrator of the cluster for this rule in namespace `{namespace}`: \
         {{apiGroups: [{}], resources: [{}], verbs: [get, patch]}}.",
        kind.group(),
        kind.plural()
    ))
}

fn as_value(object: &DynamicObject) -> Result<Value> {
    serde_json::to_value(object).map_err(|error| Failure::local("can't take a workload apart", error))
}
