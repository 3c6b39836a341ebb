//! Lists a page at a time, so that no answer of a big cluster has to be held whole.

use std::fmt::Debug;

use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use kube::api::ListParams;
use kube::{Api, ResourceExt};
use sc_model::Result;
use serde::de::DeserializeOwned;

use crate::failure::Doing as _;

/// How many objects one page of a list holds: a page of connections is a few megabytes at the very most.
pub const PAGE: u32 = 500;

/// A part of a list.
#[derive(Debug)]
pub struct Page<K> {
    /// The objects.
    pub items: Vec<K>,
    /// The version of the whole list, from which a watch goes on.
    pub version: String,
}

/// Lists page by page; an empty list where the kind is unknown. What is listed as
/// [`PartialObjectMeta`](kube::core::PartialObjectMeta) is asked for as metadata alone.
pub(crate) fn pages<K>(
    api: Api<K>,
    parameters: ListParams,
    doing: String,
) -> impl Stream<Item = Result<Page<K>>> + Send
where
    K: Clone + DeserializeOwned + Debug + Send + 'static,
{
    let first = Some(parameters.limit(PAGE));
    stream::try_unfold(first, move |next| {
        let (api, doing) = (api.clone(), doing.clone());
        async move {
            let Some(parameters) = next else { return Ok(None) };
            let list = match api.list(&parameters).await {
                Err(kube::Error::Api(status)) if status.code == 404 => return Ok(None),
                answer => answer.doing(&doing)?,
            };
            let more = list.metadata.continue_.filter(|token| !token.is_empty());
            let page =
                Page { items: list.items, version: list.metadata.resource_version.unwrap_or_default() };
            Ok(Some((page, more.map(|token| parameters.continue_token(&token)))))
        }
    })
    .boxed()
}

/// The names of what a list holds.
pub(crate) async fn names<K>(api: Api<K>, doing: String) -> Result<Vec<String>>
where
    K: ResourceExt + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let pages: Vec<_> = pages(api, ListParams::default(), doing)
        .map_ok(|page| page.items.iter().map(ResourceExt::name_any).collect::<Vec<_>>())
        .try_collect()
        .await?;
    Ok(pages.concat())
}
