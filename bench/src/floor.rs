//! The floors: what the cluster itself needs, without the connector.

use std::time::Instant;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::runtime::wait::{await_condition, conditions};
use sc_model::places;
use serde_json::json;

use crate::Result;
use crate::cluster::{Bench, MANAGER, NAMESPACE};

/// How many requests the writing client has under way at once, as sc-job has.
const AT_ONCE: usize = 32;

/// The seconds that a bare Job of the same image and pod template takes from its creation to a Secret it wrote itself.
pub(crate) async fn bare_job(bench: &Bench, number: usize) -> Result<f64> {
    let client = bench.client().await?;
    let maps: Api<ConfigMap> = Api::namespaced(client.clone(), places::SYSTEM_NAMESPACE);
    let template =
        maps.get("sc-job-template").await?.data.unwrap_or_default().remove("job.yaml").unwrap_or_default();
    let mut job: serde_json::Value = serde_yaml_ng::from_str(&template)?;
    let (name, secret) = (format!("bare-{number}"), format!("bare-{number}"));
    job["metadata"]["name"] = json!(name);
    job["spec"]["template"]["spec"]["containers"][0]["args"] = json!(["write-secret", NAMESPACE, secret]);
    let jobs: Api<Job> = Api::namespaced(client.clone(), places::SYSTEM_NAMESPACE);
    let secrets: Api<Secret> = Api::namespaced(client, NAMESPACE);
    let begun = Instant::now();
    jobs.create(&PostParams::default(), &serde_json::from_value(job)?).await?;
    await_condition(secrets.clone(), &secret, conditions::is_created()).await?;
    let took = begun.elapsed().as_secs_f64();
    await_condition(jobs.clone(), &name, conditions::is_job_completed()).await?;
    jobs.delete(&name, &DeleteParams::background()).await?;
    secrets.delete(&secret, &DeleteParams::default()).await?;
    Ok(took)
}

/// The seconds that the API server needs for a number of Secrets, applied by one client.
pub(crate) async fn writes(bench: &Bench, number: usize) -> Result<f64> {
    let secrets: Api<Secret> = Api::namespaced(bench.client().await?, NAMESPACE);
    let begun = Instant::now();
    stream::iter(0..number)
        .map(|number| {
            let secrets = &secrets;
            async move {
                let name = format!("floor-{number}");
                let object = json!({
                    "apiVersion": "v1", "kind": "Secret",
                    "metadata": {"name": name, "labels": {"bench": "floor"}},
                    "stringData": {"AZURE_POSTGRESQL_CONNECTIONSTRING": "dbname=shop host=db.example.com port=5432 sslmode=require user=app password=pw"},
                });
                secrets.patch(&name, &PatchParams::apply(MANAGER), &Patch::Apply(object)).await
            }
        })
        .buffer_unordered(AT_ONCE)
        .try_for_each(async |_| Ok(()))
        .await?;
    let took = begun.elapsed().as_secs_f64();
    secrets.delete_collection(&DeleteParams::default(), &ListParams::default().labels("bench=floor")).await?;
    Ok(took)
}
