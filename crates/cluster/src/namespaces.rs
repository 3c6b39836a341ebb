//! The cluster's namespaces, to choose one from.

use k8s_openapi::api::core::v1::Namespace as NamespaceObject;
use kube::api::ListParams;
use kube::{Api, ResourceExt as _};
use sc_model::Result;

use crate::access::Cluster;
use crate::failure::Doing as _;

impl Cluster {
    /// The names of all namespaces.
    pub async fn namespaces(&self) -> Result<Vec<String>> {
        let namespaces: Api<NamespaceObject> = Api::all(self.client.clone());
        let found = namespaces.list_metadata(&ListParams::default()).await.doing("list the namespaces")?;
        Ok(found.items.iter().map(|namespace| namespace.name_any()).collect())
    }
}
