//! Finds what is wrong in a file of the catalog that already has the right shape. Used by the build script only
//! (and by tests), so that a mistake stops the build with its file and line.

mod connections;
mod parameters;
mod variables;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::AuthType;
use crate::file::{Parameter, ProbeFamily, Service};
use crate::template::Template;

/// Placeholders that come from `spec.auth` with an identity.
const IDENTITY: [&str; 2] = ["client-id", "tenant-id"];
/// Placeholders of a resource's id that are no parameters: every resource in Azure is in these.
const RESOURCE: [&str; 2] = ["subscription", "resource-group"];
/// The secret input of a service principal.
const CLIENT_SECRET: &str = "client-secret";

/// Something wrong in a file of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    file: String,
    line: usize,
    what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "catalog/{}:{}: {}", self.file, self.line, self.what)
    }
}

/// One file, by its name and text.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    /// The file's name without its folder: `redis.yaml`.
    pub(crate) file: &'a str,
    /// What is in it.
    pub(crate) text: &'a str,
}

/// Reads all files. Returns the services in the order of the files, or every mistake found.
pub(crate) fn read_all(sources: &[Source<'_>]) -> Result<Vec<Service>, Vec<Mistake>> {
    let mut services = Vec::new();
    let mut mistakes = Vec::new();
    let mut owners = BTreeMap::new();
    for source in sources {
        match serde_yaml_ng::from_str::<Service>(source.text) {
            Err(error) => {
                let line = error.location().map_or(1, |location| location.line());
                let told = error.to_string();
                let what = told.rsplit_once(" at line ").map_or(told.as_str(), |(what, _)| what).to_owned();
                mistakes.push(Mistake { file: source.file.to_owned(), line, what });
            }
            Ok(service) => {
                let mut check = Check { source, service: &service, mistakes: &mut mistakes };
                check.whole();
                for name in std::iter::once(&service.name).chain(&service.aliases) {
                    if let Some(owner) = owners.insert(name.clone(), source.file) {
                        check.note(&[name], format!("the name `{name}` is taken by catalog/{owner}"));
                    }
                }
                services.push(service);
            }
        }
    }
    // What one file says of another is known when all could be read.
    for (source, service) in sources.iter().zip(&services).filter(|_| sources.len() == services.len()) {
        if let Some(companion) = &service.companion
            && !services.iter().any(|other| other.name == companion.service)
        {
            let what = format!("there is no service `{}`", companion.service);
            Check { source, service, mistakes: &mut mistakes }.note(&["companion:"], what);
        }
    }
    if mistakes.is_empty() { Ok(services) } else { Err(mistakes) }
}

struct Check<'a> {
    source: &'a Source<'a>,
    service: &'a Service,
    mistakes: &'a mut Vec<Mistake>,
}

impl<'a> Check<'a> {
    /// Notes a mistake at the line that is found by looking for the needles one after the other.
    fn note(&mut self, needles: &[&str], what: String) {
        let mut at = 0;
        for needle in needles {
            at += self.source.text[at..].find(needle).unwrap_or_default();
        }
        let line = self.source.text[..at].matches('\n').count() + 1;
        self.mistakes.push(Mistake { file: self.source.file.to_owned(), line, what });
    }

    fn whole(&mut self) {
        let service = self.service;
        if self.source.file != format!("{}.yaml", service.name) {
            self.note(&["name:"], format!("the file has to be called {}.yaml", service.name));
        }
        for name in std::iter::once(&service.name).chain(&service.aliases) {
            if !is_name(name) {
                self.note(&[name], format!("`{name}`: a name has lower-case letters, digits and `-`"));
            }
        }
        self.parameters();
        for (set, variables) in &service.variables {
            for variable in variables {
                self.variable(set, variable);
            }
        }
        self.connections();
        self.sources();
        self.address();
        self.azure();
    }

    /// What sources are offered exists, and what exists for clusters is offered.
    fn sources(&mut self) {
        let service = self.service;
        let sources = &service.sources;
        for offer in std::iter::once(&sources.cluster).chain(&sources.local) {
            if !offer.auth.contains(&offer.default) {
                self.note(
                    &["sources:"],
                    format!("the default `{}` is not among `auth`", offer.default.name()),
                );
            }
        }
        let offered: Vec<_> =
            sources.cluster.auth.iter().map(|auth| (auth.name(), auth.auth_type())).collect();
        let known: BTreeSet<_> =
            service.connections.iter().flat_map(|connection| connection.auth.iter().copied()).collect();
        for (name, auth) in &offered {
            if auth.is_none_or(|auth| !known.contains(&auth)) {
                self.note(
                    &["sources:", name],
                    format!("`connections` has nothing for the auth type {name} of clusters"),
                );
            }
        }
        for auth in known {
            let is_offered = offered.iter().any(|(_, offered)| *offered == Some(auth));
            if !is_offered && auth != AuthType::SystemManagedIdentity {
                self.note(
                    &["sources:"],
                    format!("the auth type {auth} of `connections` is not offered to clusters"),
                );
            }
        }
    }

    /// It is known where to look for the service.
    fn address(&mut self) {
        let service = self.service;
        let has = |name: &str| self.parameter(name).is_some();
        let is_known = service.address.is_some() || (has("host") && has("port")) || has("endpoint");
        if !is_known && service.probe != ProbeFamily::Nothing {
            self.note(
                &["probe:"],
                "the probe needs `address:`, or the parameters `host` and `port`, or `endpoint`".to_owned(),
            );
        }
        for used in service.address.iter().flat_map(Template::placeholders) {
            if self.parameter(used).is_none_or(|parameter| parameter.from.is_some()) {
                self.note(&["address:"], format!("`{{{used}}}` is no parameter of the target"));
            }
        }
    }

    fn azure(&mut self) {
        let service = self.service;
        let Some(azure) = &service.azure else { return };
        for used in azure.id.placeholders() {
            if self.parameter(used).is_none() && !RESOURCE.contains(&used) {
                self.note(&["azure:", &format!("{{{used}}}")], format!("`{{{used}}}` is no parameter"));
            }
        }
        for role in &azure.roles {
            if role.id.len() != 36 {
                self.note(&["azure:", &role.id], format!("the role id `{}` is no UUID", role.id));
            }
        }
    }

    fn parameter(&self, name: &str) -> Option<&'a Parameter> {
        self.service.parameters.iter().find(|parameter| parameter.name == name)
    }
}

fn is_name(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}
