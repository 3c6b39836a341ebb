//! What sc-job writes into a workload's namespace for one connection.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Secret, ServiceAccount};
use kube::core::ObjectMeta;
use sc_catalog::{Resolved, SecretInputs};
use sc_cluster::secrets::{bytes, labels};
use sc_model::{
    AuthType, ConnectionName, Namespace, ObjectName, Result, ServiceConnection, ServiceConnectionSpec, places,
};

/// The objects of one connection, ready for server-side apply.
#[derive(Debug)]
pub struct Delivery {
    /// The Secret for `envFrom.secretRef`. `None` where the person takes care of the variables.
    pub secret: Option<Secret>,
    /// The ServiceAccount for `serviceAccountName`, with workload identity.
    pub service_account: Option<ServiceAccount>,
}

/// Who a connection is: what its objects are named and labelled after.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The namespace of the connection and its workloads.
    pub namespace: Namespace,
    /// The custom resource's name.
    pub object: ObjectName,
    /// The name a person gave.
    pub given: ConnectionName,
}

impl Identity {
    /// Reads a stored connection's identity.
    pub fn of(connection: &ServiceConnection) -> Result<Self> {
        Ok(Self {
            namespace: connection.home()?,
            object: connection.object_name()?,
            given: connection.given_name()?,
        })
    }
}

/// Builds the objects of a connection from what the catalog resolved and the secret inputs.
pub fn deliver(
    identity: &Identity,
    resolved: &Resolved<'_>,
    inputs: &SecretInputs,
    spec: &ServiceConnectionSpec,
) -> Result<Delivery> {
    let secret = match resolved.keys().as_slice() {
        [] => None,
        _ => Some(secret(identity, resolved, inputs)?),
    };
    Ok(Delivery { secret, service_account: service_account(identity, spec) })
}

fn secret(identity: &Identity, resolved: &Resolved<'_>, inputs: &SecretInputs) -> Result<Secret> {
    let bindings = resolved.render(inputs)?;
    let keys: Vec<_> = bindings.iter().map(|binding| binding.key.as_str()).collect();
    let annotations = BTreeMap::from([
        (places::GIVEN_NAME.to_owned(), identity.given.to_string()),
        (places::KEYS.to_owned(), keys.join(",")),
    ]);
    Ok(Secret {
        metadata: ObjectMeta {
            name: Some(identity.given.secret_name().to_string()),
            namespace: Some(identity.namespace.to_string()),
            labels: Some(labels(&[
                (places::MANAGED_BY, places::MANAGER),
                (places::ROLE, places::ROLE_BINDING),
                (places::CONNECTION, identity.object.as_str()),
            ])),
            annotations: Some(annotations),
            ..ObjectMeta::default()
        },
        type_: Some("Opaque".to_owned()),
        data: Some(bindings.iter().map(|binding| (binding.key.clone(), bytes(&binding.value))).collect()),
        ..Secret::default()
    })
}

/// The ServiceAccount of a managed identity. It names no connection: all connections of the identity share it.
fn service_account(identity: &Identity, spec: &ServiceConnectionSpec) -> Option<ServiceAccount> {
    let auth = &spec.auth;
    if spec.opt_out.leave_out_account() {
        return None;
    }
    let (AuthType::WorkloadIdentity, Some(client), Some(tenant)) =
        (auth.auth_type, &auth.client_id, &auth.tenant_id)
    else {
        return None;
    };
    let annotations =
        labels(&[(places::WORKLOAD_IDENTITY_CLIENT, client), (places::WORKLOAD_IDENTITY_TENANT, tenant)]);
    Some(ServiceAccount {
        metadata: ObjectMeta {
            name: Some(places::service_account_name(client)),
            namespace: Some(identity.namespace.to_string()),
            labels: Some(labels(&[
                (places::MANAGED_BY, places::MANAGER),
                (places::ROLE, places::ROLE_IDENTITY),
            ])),
            annotations: Some(annotations),
            ..ObjectMeta::default()
        },
        ..ServiceAccount::default()
    })
}
