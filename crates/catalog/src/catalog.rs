//! All services, found by name or alias.

use std::sync::LazyLock;

use sc_model::{Failure, FailureCode, Result};

use crate::file::Service;
use crate::nearest::nearest;

/// Every target service the connector knows.
#[derive(Clone, Debug)]
pub struct Catalog {
    services: Vec<Service>,
}

impl Catalog {
    /// The catalog that is part of the binary. It is read once, on first use.
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<Catalog> = LazyLock::new(|| {
            match serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/catalog.json"))) {
                Ok(services) => Catalog { services },
                Err(error) => unreachable!("the build script wrote it from the same types: {error}"),
            }
        });
        &BUILTIN
    }

    /// Every service, in the order of their names.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The service of that name or alias.
    pub fn service(&self, name_or_alias: &str) -> Result<&Service> {
        self.services.iter().find(|service| service.is_called(name_or_alias)).ok_or_else(|| {
            let shown: String = name_or_alias.chars().take(80).collect();
            let failure = Failure::new(
                FailureCode::UnknownTarget,
                format!("there is no target service `{}` in the catalog", shown.escape_debug()),
            );
            let names = self.services.iter().flat_map(|service| {
                std::iter::once(service.name()).chain(service.aliases().iter().map(String::as_str))
            });
            match nearest(name_or_alias, names) {
                Some(name) => {
                    let remedy = format!("Did you mean `{name}`? {}", failure.remedy);
                    failure.remedied_by(remedy)
                }
                None => failure,
            }
        })
    }
}
