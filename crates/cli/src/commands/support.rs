//! `sc connection list-support-types`: the catalog's table, without a cluster.

use sc_catalog::{Catalog, Service};
use sc_model::{Failure, FailureCode, Result};

use crate::arguments::SupportArguments;
use crate::output::Printer;
use crate::output::view::{SupportList, SupportView};

pub(super) fn list_support_types(arguments: &SupportArguments, printer: &Printer) -> Result<()> {
    let catalog = Catalog::builtin();
    let services: Vec<&Service> = match &arguments.target {
        Some(name) => vec![catalog.service(name)?],
        None => catalog.services().iter().collect(),
    };
    let views: Vec<_> = services.into_iter().flat_map(|service| combinations(service, arguments)).collect();
    if views.is_empty() {
        return Err(Failure::new(
            FailureCode::UnsupportedCombination,
            "no target service has this combination",
        )
        .remedied_by("Leave an option out to see more; without options the whole table is shown."));
    }
    printer.result(&SupportList(views))
}

/// A row for each auth type, or with the variables one for all client types that read the same ones.
fn combinations(service: &Service, arguments: &SupportArguments) -> Vec<SupportView> {
    let mut views: Vec<SupportView> = Vec::new();
    for support in service.support() {
        if arguments.auth_type.is_some_and(|wanted| wanted != support.auth)
            || arguments.client_type.is_some_and(|wanted| wanted != support.client)
        {
            continue;
        }
        let row = SupportView {
            target_service: service.name().to_owned(),
            auth_type: support.auth.to_string(),
            client_types: vec![support.client.to_string()],
            keys: arguments.show_keys.then(|| support.keys.iter().map(|key| (*key).to_owned()).collect()),
        };
        let same = |view: &&mut SupportView| view.auth_type == row.auth_type && view.keys == row.keys;
        match views.iter_mut().find(same) {
            Some(view) => view.client_types.extend(row.client_types),
            None => views.push(row),
        }
    }
    views
}
