//! Secrets and ServiceAccounts: the payload in sc-system, and what a workload consumes.

use std::collections::{BTreeMap, BTreeSet};

use futures::Stream;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{Secret, ServiceAccount};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use kube::core::{ObjectMeta, PartialObjectMeta};
use kube::{Api, ResourceExt};
use sc_model::{Failure, FailureCode, Namespace, ObjectName, Result, SecretValue, places};
use serde_json::json;

use crate::access::Cluster;
use crate::connections::gone_is_fine;
use crate::failure::Doing as _;
use crate::pages::{Page, names, pages};

/// Metadata of a Secret: all that is asked for where the content isn't needed.
pub type SecretMetadata = PartialObjectMeta<Secret>;

/// The content of a Secret, and the version that rotation is seen by.
#[derive(Debug)]
pub struct SecretContent {
    /// The values by key. A value that isn't UTF-8 is left out: no variable can hold it.
    pub values: BTreeMap<String, SecretValue>,
    /// Kubernetes' `resourceVersion`.
    pub version: String,
}

/// Whose a Secret or ServiceAccount is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The connector made it, for the connection of this name.
    Connection(String),
    /// The connector made it, for an identity.
    Identity,
    /// Somebody else made it.
    Foreign,
}

/// Reads from an object's metadata whose it is.
pub fn owner(metadata: &ObjectMeta) -> Owner {
    let label = |key: &str| metadata.labels.as_ref().and_then(|labels| labels.get(key)).map(String::as_str);
    match (label(places::MANAGED_BY), label(places::ROLE), label(places::CONNECTION)) {
        (Some(places::MANAGER), Some(places::ROLE_BINDING), Some(connection)) => {
            Owner::Connection(connection.to_owned())
        }
        (Some(places::MANAGER), Some(places::ROLE_IDENTITY), _) => Owner::Identity,
        _ => Owner::Foreign,
    }
}

/// Whether sc-job still owns every key it once wrote into a Secret: a value that somebody else changed or removed is no
/// longer among the fields that its field manager owns. Seen from metadata alone.
pub fn is_intact(metadata: &ObjectMeta) -> bool {
    let Some(keys) = metadata.annotations.as_ref().and_then(|annotations| annotations.get(places::KEYS))
    else {
        return false;
    };
    let ours = metadata.managed_fields.iter().flatten().find(|entry| {
        entry.manager.as_deref() == Some(places::JOB_FIELD_MANAGER)
            && entry.operation.as_deref() == Some("Apply")
    });
    let Some(fields) = ours.and_then(|entry| entry.fields_v1.as_ref()) else { return false };
    let data = &fields.0["f:data"];
    keys.split(',').filter(|key| !key.is_empty()).all(|key| data.get(format!("f:{key}")).is_some())
}

impl Cluster {
    fn secrets_of(&self, namespace: &str) -> Api<Secret> {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// The metadata of a Secret in a workload's namespace.
    pub async fn secret_metadata(&self, namespace: &Namespace, name: &str) -> Result<Option<SecretMetadata>> {
        let doing = format!("look for the Secret `{name}` in namespace `{namespace}`");
        self.secrets_of(namespace.as_str()).get_metadata_opt(name).await.doing(&doing)
    }

    /// The content of a Secret.
    pub async fn secret_content(&self, namespace: &str, name: &str) -> Result<Option<SecretContent>> {
        let doing = format!("read the Secret `{name}` of namespace `{namespace}`");
        let found = self.secrets_of(namespace).get_opt(name).await.doing(&doing)?;
        Ok(found.map(|secret| SecretContent {
            version: secret.resource_version().unwrap_or_default(),
            values: values_of(secret),
        }))
    }

    /// The metadata of every Secret that carries the connector's role label, a page at a time.
    pub fn labelled_secrets(&self) -> impl Stream<Item = Result<Page<SecretMetadata>>> + Send {
        let labelled = ListParams::default().labels(&role_selector());
        pages(Api::all(self.client.clone()), labelled, "list the connector's Secrets".to_owned())
    }

    /// The names of all Secrets of a namespace, for callers that would otherwise ask for many one by one.
    pub async fn secret_names(&self, namespace: &str) -> Result<BTreeSet<String>> {
        let secrets: Api<SecretMetadata> = Api::namespaced(self.client.clone(), namespace);
        let found = names(secrets, format!("list the Secrets of namespace `{namespace}`")).await?;
        Ok(found.into_iter().collect())
    }

    /// Stores the secret inputs of a connection in sc-system, for sc-job to render from and to repair with.
    pub async fn store_payload(
        &self,
        namespace: &Namespace,
        connection: &ObjectName,
        inputs: &BTreeMap<String, SecretValue>,
    ) -> Result<()> {
        let name = places::payload_name(namespace, connection);
        let object = Secret {
            metadata: ObjectMeta {
                name: Some(name.clone()),
                namespace: Some(places::SYSTEM_NAMESPACE.to_owned()),
                labels: Some(labels(&[
                    (places::MANAGED_BY, places::MANAGER),
                    (places::ROLE, places::ROLE_PAYLOAD),
                    (places::CONNECTION, connection.as_str()),
                    (places::CONNECTION_NAMESPACE, namespace.as_str()),
                ])),
                ..ObjectMeta::default()
            },
            data: Some(inputs.iter().map(|(key, value)| (key.clone(), bytes(value))).collect()),
            type_: Some("Opaque".to_owned()),
            ..Secret::default()
        };
        let parameters = PatchParams::apply(places::REQUEST_FIELD_MANAGER).force();
        self.secrets_of(places::SYSTEM_NAMESPACE)
            .patch_metadata(&name, &parameters, &Patch::Apply(&object))
            .await
            .map_err(extension_namespace_missing)
            .map(drop)
    }

    /// Removes the payload of a connection that is gone.
    pub async fn delete_payload(&self, name: &str) -> Result<bool> {
        let answer = self.secrets_of(places::SYSTEM_NAMESPACE).delete(name, &DeleteParams::default()).await;
        gone_is_fine(answer)
            .doing(&format!("delete the payload `{name}` in namespace `{}`", places::SYSTEM_NAMESPACE))
    }

    /// Removes all payloads, when the extension goes.
    pub async fn delete_payloads(&self) -> Result<()> {
        let payloads = ListParams::default().labels(&format!("{}={}", places::ROLE, places::ROLE_PAYLOAD));
        let secrets = self.secrets_of(places::SYSTEM_NAMESPACE);
        secrets
            .delete_collection(&DeleteParams::default(), &payloads)
            .await
            .doing("delete the payloads in `sc-system`")
            .map(drop)
    }

    /// Applies the Secret that a workload consumes.
    pub async fn apply_secret(&self, secret: &Secret, take_over: TakeOver) -> Result<()> {
        let (namespace, name) = (secret.namespace().unwrap_or_default(), secret.name_any());
        let secrets = self.secrets_of(&namespace);
        let answer = secrets.patch_metadata(&name, &take_over.parameters(), &Patch::Apply(secret)).await;
        let written = applied(answer, "Secret", &name, &namespace)?;
        if take_over == TakeOver::Nothing && is_shared(&written.metadata) {
            // Somebody made a Secret of this name since it was looked for, with other keys. What was added to it goes.
            let nothing = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}});
            let answer = secrets.patch_metadata(&name, &take_over.parameters(), &Patch::Apply(nothing)).await;
            applied(answer, "Secret", &name, &namespace)?;
            return Err(resource_already_exists("Secret", &name, &namespace));
        }
        Ok(())
    }

    /// The metadata of a ServiceAccount in a workload's namespace.
    pub async fn service_account_metadata(
        &self,
        namespace: &Namespace,
        name: &str,
    ) -> Result<Option<ObjectMeta>> {
        let api: Api<ServiceAccount> = Api::namespaced(self.client.clone(), namespace.as_str());
        let doing = format!("look for the ServiceAccount `{name}` in namespace `{namespace}`");
        Ok(api.get_metadata_opt(name).await.doing(&doing)?.map(|object| object.metadata))
    }

    /// Applies the ServiceAccount of an identity.
    pub async fn apply_service_account(&self, account: &ServiceAccount, take_over: TakeOver) -> Result<()> {
        let (namespace, name) = (account.namespace().unwrap_or_default(), account.name_any());
        let api: Api<ServiceAccount> = Api::namespaced(self.client.clone(), &namespace);
        let answer = api.patch_metadata(&name, &take_over.parameters(), &Patch::Apply(account)).await;
        applied(answer, "ServiceAccount", &name, &namespace).map(drop)
    }
}

/// What an apply does about fields that somebody else owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeOver {
    /// The object is the connector's own: its values are put back.
    Own,
    /// The object wasn't there a moment ago: whoever made one since keeps it.
    Nothing,
}

impl TakeOver {
    fn parameters(self) -> PatchParams {
        let parameters = PatchParams::apply(places::JOB_FIELD_MANAGER);
        match self {
            Self::Own => parameters.force(),
            Self::Nothing => parameters,
        }
    }
}

/// The failure for an object that the connector did not make and so doesn't touch.
pub fn resource_already_exists(kind: &str, name: &str, namespace: &str) -> Failure {
    Failure::new(
        FailureCode::ResourceAlreadyExists,
        format!("{} (Resource already exists in your cluster)", sentence(kind, name, namespace)),
    )
    .because("the connector did not make it, so it is left as it is")
    .remedied_by(format!(
        "Look at it with `kubectl get {} {name} -n {namespace} -o yaml`; rename or delete it, or give the connection another name.",
        kind.to_lowercase()
    ))
}

fn sentence(kind: &str, name: &str, namespace: &str) -> String {
    format!("{kind} `{name}` is already in namespace `{namespace}`")
}

/// Whether others than sc-job have fields of an object.
fn is_shared(metadata: &ObjectMeta) -> bool {
    let is_foreign = |manager: Option<&str>| manager != Some(places::JOB_FIELD_MANAGER);
    metadata.managed_fields.iter().flatten().any(|entry| is_foreign(entry.manager.as_deref()))
}

fn applied<T>(answer: kube::Result<T>, kind: &str, name: &str, namespace: &str) -> Result<T> {
    match answer {
        Ok(written) => Ok(written),
        Err(kube::Error::Api(status)) if status.code == 409 => {
            Err(resource_already_exists(kind, name, namespace))
        }
        Err(error) => Err(error).doing(&format!("apply the {kind} `{name}` in namespace `{namespace}`")),
    }
}

/// Payloads live in the extension's namespace: without it there is no extension.
fn extension_namespace_missing(error: kube::Error) -> Failure {
    let failure = crate::failure::failure_of("store the secret in sc-system", &error);
    match failure.code {
        FailureCode::NamespaceNotFound => Failure::new(FailureCode::ExtensionNotInstalled, failure.message).because("there is no namespace `sc-system`"),
        FailureCode::NotPermitted => failure.remedied_by(
            "Ask an administrator of the cluster for the right to write Secrets in sc-system; or keep the secret in a Secret of \
             your own namespace and name it with --secret-ref NAME/KEY.",
        ),
        _ => failure,
    }
}

/// The selector of everything that carries the connector's role.
pub fn role_selector() -> String {
    format!("{} in ({},{},{})", places::ROLE, places::ROLE_BINDING, places::ROLE_PAYLOAD, places::ROLE_INPUT)
}

/// Labels from a list.
pub fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// A secret value as Kubernetes carries it.
pub fn bytes(value: &SecretValue) -> ByteString {
    ByteString(value.expose().as_bytes().to_vec())
}

fn values_of(secret: Secret) -> BTreeMap<String, SecretValue> {
    let readable = |(key, value): (String, ByteString)| {
        String::from_utf8(value.0).ok().map(|text| (key, SecretValue::new(text)))
    };
    secret.data.unwrap_or_default().into_iter().filter_map(readable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(owned: &[&str]) -> ObjectMeta {
        let fields: serde_json::Map<_, _> = owned.iter().map(|key| (format!("f:{key}"), json!({}))).collect();
        serde_json::from_value(json!({
            "annotations": {places::KEYS: "HOST,PASSWORD"},
            "managedFields": [{
                "manager": "sc-job", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1",
                "fieldsV1": {"f:data": fields},
            }],
        }))
        .unwrap()
    }

    #[test]
    fn a_secret_whose_keys_are_all_still_ours_is_intact() {
        assert!(is_intact(&metadata(&["HOST", "PASSWORD"])));
    }

    #[test]
    fn a_key_that_somebody_changed_or_removed_is_no_longer_ours() {
        assert!(!is_intact(&metadata(&["HOST"])));
        assert!(!is_intact(&ObjectMeta::default()));
    }
}
