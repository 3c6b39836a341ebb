//! Connections as objects: read, store, delete, report on, wait for.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures::{Stream, TryStreamExt as _, pin_mut};
use http::HeaderValue;
use k8s_openapi::api::core::v1::Namespace as NamespaceObject;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, WatchEvent, WatchParams};
use kube::core::{PartialObjectMeta, Request};
use kube::{Api, ResourceExt as _};
use sc_model::resource::ServiceConnectionStatus;
use sc_model::{
    Failure, FailureCode, Namespace, ObjectName, Result, ServiceConnection, ServiceConnectionSpec, places,
};
use serde_json::json;

use crate::access::Cluster;
use crate::failure::Doing as _;
use crate::pages::{Page, pages};
use crate::wait::until;

/// Events with less than this between them are one answer.
const CLOSE_TOGETHER: Duration = Duration::from_millis(20);

/// Asks for an object's metadata alone ("Receiving resources as Tables and metadata", Kubernetes' API concepts).
const METADATA_ONLY: HeaderValue =
    HeaderValue::from_static("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");

impl Cluster {
    pub(crate) fn connections_of(&self, namespace: &Namespace) -> Api<ServiceConnection> {
        Api::namespaced(self.client.clone(), namespace.as_str())
    }

    /// A connection by its object's name. `None` also where the extension isn't installed: its kind is unknown then.
    pub async fn connection(
        &self,
        namespace: &Namespace,
        name: &ObjectName,
    ) -> Result<Option<ServiceConnection>> {
        let doing = format!("read the connection `{name}` of namespace `{namespace}`");
        self.connections_of(namespace).get_opt(name.as_str()).await.doing(&doing)
    }

    /// The connections of a namespace, or of all, sorted by namespace and name.
    pub async fn connections(&self, namespace: Option<&Namespace>) -> Result<Vec<ServiceConnection>> {
        let pages: Vec<_> = self.connections_in_pages(namespace).try_collect().await?;
        Ok(pages.into_iter().flat_map(|page| page.items).collect())
    }

    /// The same a page at a time, for callers that keep little of each.
    pub fn connections_in_pages(
        &self,
        namespace: Option<&Namespace>,
    ) -> impl Stream<Item = Result<Page<ServiceConnection>>> + Send {
        let (api, doing) = match namespace {
            Some(namespace) => {
                (self.connections_of(namespace), format!("list the connections of namespace `{namespace}`"))
            }
            None => (Api::all(self.client.clone()), "list the connections of all namespaces".to_owned()),
        };
        pages(api, ListParams::default(), doing)
    }

    /// Stores a connection by server-side apply: creates it or updates what differs. `request` asks sc-job to look at it
    /// even where nothing differs.
    pub async fn store_connection(
        &self,
        namespace: &Namespace,
        name: &ObjectName,
        spec: &ServiceConnectionSpec,
        request: &str,
    ) -> Result<ServiceConnection> {
        let object = json!({
            "apiVersion": format!("{}/v1alpha1", places::GROUP),
            "kind": "ServiceConnection",
            "metadata": {"name": name, "namespace": namespace, "annotations": {places::REQUEST: request}},
            "spec": spec,
        });
        let parameters = PatchParams::apply(places::REQUEST_FIELD_MANAGER).force();
        let doing = format!("store the connection `{name}` in namespace `{namespace}`");
        self.connections_of(namespace)
            .patch(name.as_str(), &parameters, &Patch::Apply(&object))
            .await
            .doing(&doing)
    }

    /// Deletes a connection. `false` when it was gone already.
    pub async fn delete_connection(&self, namespace: &Namespace, name: &ObjectName) -> Result<bool> {
        let doing = format!("delete the connection `{name}` of namespace `{namespace}`");
        gone_is_fine(self.connections_of(namespace).delete(name.as_str(), &DeleteParams::default()).await)
            .doing(&doing)
    }

    /// Writes what a field manager has to say about a connection; what others said stays.
    pub async fn report(
        &self,
        namespace: &Namespace,
        name: &ObjectName,
        field_manager: &str,
        status: &ServiceConnectionStatus,
    ) -> Result<()> {
        let object = json!({
            "apiVersion": format!("{}/v1alpha1", places::GROUP),
            "kind": "ServiceConnection",
            "metadata": {"name": name},
            "status": status,
        });
        let parameters = PatchParams::apply(field_manager).force();
        let doing = format!("report on the connection `{name}` of namespace `{namespace}`");
        // The answer would be the whole object; its metadata is enough, and costs the API server less.
        let path = self.connections_of(namespace).resource_url().to_owned();
        let request = Request::new(path).patch_subresource(
            "status",
            name.as_str(),
            &parameters,
            &Patch::Apply(&object),
        );
        let mut request = request.map_err(kube::Error::BuildRequest).doing(&doing)?;
        request.headers_mut().insert(http::header::ACCEPT, METADATA_ONLY);
        self.client.request::<PartialObjectMeta<ServiceConnection>>(request).await.doing(&doing)?;
        Ok(())
    }

    /// Watches the connections of all namespaces from a version on, until there is news or the time is over. What comes
    /// close together is one answer.
    pub async fn news(
        &self,
        version: &str,
        is_news: impl Fn(&ServiceConnection) -> bool,
        limit: Duration,
    ) -> News {
        let api: Api<ServiceConnection> = Api::all(self.client.clone());
        let Ok(events) = api.watch(&WatchParams::default(), version).await else { return News::Lost };
        pin_mut!(events);
        let (mut changes, mut version) = (BTreeMap::new(), version.to_owned());
        let deadline = Instant::now() + limit;
        loop {
            let wait = match changes.is_empty() {
                true => deadline.saturating_duration_since(Instant::now()),
                false => CLOSE_TOGETHER,
            };
            let (connection, is_gone) = match tokio::time::timeout(wait, events.try_next()).await {
                Err(_) if changes.is_empty() => return News::Nothing,
                Err(_) => return News::Changes { changes: changes.into_values().collect(), version },
                Ok(Ok(Some(WatchEvent::Added(connection) | WatchEvent::Modified(connection)))) => {
                    (connection, false)
                }
                Ok(Ok(Some(WatchEvent::Deleted(connection)))) => (connection, true),
                Ok(Ok(Some(WatchEvent::Bookmark(_)))) => continue,
                Ok(Ok(Some(WatchEvent::Error(_)) | None) | Err(_)) => return News::Lost,
            };
            version = connection.resource_version().unwrap_or_default();
            let key = (connection.namespace(), connection.name_any());
            if is_gone {
                changes.insert(key, Change::Gone(connection));
            } else if is_news(&connection) {
                changes.insert(key, Change::Seen(connection));
            } else {
                changes.remove(&key);
            }
        }
    }

    /// Follows a connection until `settled` says so. `None` when it was deleted meanwhile.
    pub async fn await_connection(
        &self,
        namespace: &Namespace,
        name: &ObjectName,
        settled: impl Fn(&ServiceConnection) -> bool + Send + Sync,
        limit: Duration,
    ) -> Result<Option<ServiceConnection>> {
        let waiting = format!("connection `{name}` of namespace `{namespace}`");
        until(
            self.connections_of(namespace),
            name.as_str(),
            |object| object.is_none_or(&settled),
            limit,
            &waiting,
        )
        .await
    }

    /// Whether a namespace is there. A person who may not ask counts as yes: the write that follows will tell.
    pub async fn namespace_exists(&self, namespace: &Namespace) -> Result<bool> {
        let namespaces: Api<NamespaceObject> = Api::all(self.client.clone());
        let doing = format!("look for the namespace `{namespace}`");
        match namespaces.get_metadata_opt(namespace.as_str()).await.doing(&doing) {
            Ok(found) => Ok(found.is_some()),
            Err(failure) if failure.code == FailureCode::NotPermitted => Ok(true),
            Err(failure) => Err(failure),
        }
    }
}

/// The failure for a namespace that isn't there.
pub fn namespace_not_found(namespace: &Namespace) -> Failure {
    Failure::new(FailureCode::NamespaceNotFound, format!("namespace `{namespace}` doesn't exist"))
        .remedied_by(format!(
            "Create it with `kubectl create namespace {namespace}`, or choose another one with -n."
        ))
}

/// What a watch brought.
#[derive(Debug)]
pub enum News {
    /// Some connections changed.
    Changes {
        /// Each of them once, as it was last.
        changes: Vec<Change>,
        /// The version from which to watch on.
        version: String,
    },
    /// Nothing, in all the time.
    Nothing,
    /// The watch failed, or the version is too old to watch from: only a new list tells.
    Lost,
}

/// How a connection changed.
#[derive(Debug)]
pub enum Change {
    /// It is there, new or different.
    Seen(ServiceConnection),
    /// It was deleted.
    Gone(ServiceConnection),
}

/// A delete that finds nothing has nothing to do.
pub(crate) fn gone_is_fine<T>(answer: kube::Result<T>) -> kube::Result<bool> {
    match answer {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
        Err(error) => Err(error),
    }
}
