//! The cluster's namespaces, to choose one from.

use k8s_openapi::api::core::v1::Namespace as NamespaceObject;
use kube::Api;
use kube::core::PartialObjectMeta;
use sc_model::Result;

use crate::access::Cluster;
use crate::pages::names;

impl Cluster {
    /// The names of all namespaces.
    pub async fn namespaces(&self) -> Result<Vec<String>> {
        let namespaces: Api<PartialObjectMeta<NamespaceObject>> = Api::all(self.client.clone());
        names(namespaces, "list the namespaces".to_owned()).await
    }
}
