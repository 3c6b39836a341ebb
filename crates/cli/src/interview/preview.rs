//! What a person sees who was asked, before anything is done.

use std::time::Duration;

use inquire::Confirm;
use sc_catalog::{Catalog, Resolved};
use sc_cluster::Cluster;
use sc_engine::CreateRequest;
use sc_engine::create::observe;
use sc_model::{Failure, FailureCode, Namespace, Result};

use super::terminal::{Terminal, nothing_changed};
use crate::arguments::CreateArguments;
use crate::commands::draft::{Draft, drafts};
use crate::output::Printer;
use crate::secret_input::SecretSource;

/// How long the cluster may take to be looked at.
const LOOK_LIMIT: Duration = Duration::from_secs(30);

/// Says that a person was asked, and is to agree to the plan.
#[derive(Debug, Clone)]
pub(crate) struct Preview;

impl Preview {
    /// Shows what the answers make, and the command that makes the same without questions.
    pub(super) fn show(arguments: &CreateArguments, command: &str, printer: &Printer) -> Result<Self> {
        for draft in drafts(arguments)? {
            let resolved = Catalog::builtin().resolve(&draft.spec)?;
            printer.say(&format!("\n{}", content(&draft, arguments.place.namespace.as_ref(), &resolved)));
        }
        let secrets =
            [&arguments.target, &arguments.companion].into_iter().flat_map(|values| &values.secrets);
        let read: Vec<_> = secrets
            .filter(|(_, source)| matches!(source, SecretSource::StandardInput))
            .map(|(name, _)| name.replace('-', " "))
            .collect();
        let how = match read.as_slice() {
            [] => String::new(),
            [only] => format!(", with the {only} on the standard input"),
            [first, others @ ..] => {
                format!(
                    ", with the {first} on the standard input, the {} in a file",
                    others.join(" and the ")
                )
            }
        };
        printer.say(&format!("The same without questions{how}:\n  {command}\n"));
        Ok(Self)
    }

    /// Shows the plan and asks whether to go ahead.
    pub(crate) async fn agree(
        &self,
        cluster: &Cluster,
        request: &CreateRequest,
        printer: &Printer,
    ) -> Result<()> {
        let look = tokio::time::timeout(LOOK_LIMIT, observe(cluster, request));
        let (_, _, plan) = look.await.unwrap_or_else(|_| {
            Err(Failure::new(FailureCode::TimedOut, "the plan wasn't made in time")
                .because("the API server took a request and didn't answer it"))
        })?;
        printer.announce(&plan);
        if plan.is_done() {
            return Ok(());
        }
        let terminal = Terminal::take()?;
        let go = terminal.prompt(|| Confirm::new("go ahead?").with_default(true).prompt()).await?;
        if go { Ok(()) } else { Err(nothing_changed()) }
    }
}

/// What a connection is made of, and the variables that the workload gets.
fn content(draft: &Draft, namespace: Option<&Namespace>, resolved: &Resolved<'_>) -> String {
    let service = resolved.service();
    let mut rows = vec![("connection", draft.name.to_string())];
    rows.extend(namespace.map(|namespace| ("namespace", namespace.to_string())));
    rows.push(("target", format!("{}, {}", service.name(), service.title())));
    let parameters = service.parameters().iter();
    rows.extend(parameters.filter_map(|parameter| {
        Some((parameter.option(), resolved.parameter(parameter.name())?.to_owned()))
    }));
    rows.push(("auth type", resolved.auth_type().to_string()));
    rows.push(("client type", resolved.client_type().to_string()));
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut text: String = rows.iter().map(|(name, value)| format!("  {name:<width$}  {value}\n")).collect();
    let keys = resolved.keys();
    if keys.is_empty() {
        text += "\nNo Secret is written: the variables are yours.\n";
    } else {
        text += &format!("\nSecret `{}` for the workload:\n", draft.name.secret_name());
        let width = keys.iter().map(|key| key.len()).max().unwrap_or_default();
        for key in keys {
            let mark = if resolved.is_secret(key) { "secret" } else { "" };
            text += format!("  {key:<width$}  {mark}").trim_end();
            text += "\n";
        }
    }
    text
}
