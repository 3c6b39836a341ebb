//! Finds what is wrong in a file of the catalog that already has the right shape. Used by the build script only
//! (and by tests), so that a mistake stops the build with its file and line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::AuthType;
use crate::file::{Format, Kind, Parameter, ProbeFamily, SecretKind, Service, Variable};
use crate::template::{Part, Take, Template};

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

    fn parameters(&mut self) {
        let service = self.service;
        let mut seen: BTreeSet<&str> = IDENTITY.into_iter().chain([CLIENT_SECRET]).collect();
        seen.extend(service.secret.as_ref().map(|secret| secret.name.as_ref()));
        for parameter in &service.parameters {
            let name = parameter.name.as_str();
            let place = ["parameters:", &format!("name: {name}")];
            if !is_name(name) {
                self.note(&place, format!("`{name}`: a name has lower-case letters, digits and `-`"));
            }
            if !seen.insert(name) {
                self.note(&place, format!("the name `{name}` is taken"));
            }
            for used in parameter.default.iter().flat_map(Template::placeholders) {
                if self.parameter(used).is_none_or(|used| used.default.is_some() || used.from.is_some()) {
                    self.note(
                        &place,
                        format!(
                            "the default of `{name}` uses `{used}`, which is no parameter without a default"
                        ),
                    );
                }
            }
            self.choices(&place, parameter);
            if let Some(instead) = &parameter.instead_of {
                let default = self.parameter(&instead.parameter).and_then(|whole| whole.default.as_ref());
                if !default.is_some_and(|default| default.placeholders().any(|used| used == name)) {
                    self.note(
                        &place,
                        format!("`{name}` stands for `{}`, whose default doesn't use it", instead.parameter),
                    );
                }
            }
        }
    }

    fn choices(&mut self, place: &[&str], parameter: &Parameter) {
        let name = &parameter.name;
        let choices: Vec<&str> = match parameter.kind {
            Kind::Choice => parameter.choices.iter().map(String::as_str).collect(),
            Kind::Switch => vec!["on", "off"],
            _ => Vec::new(),
        };
        if (parameter.kind == Kind::Choice) == parameter.choices.is_empty() {
            self.note(place, format!("`{name}`: `choices` go with the kind `choice`, and only with it"));
        }
        let default = parameter.default.clone().map(String::from);
        if let Some(default) = default
            && !choices.is_empty()
            && !choices.contains(&default.as_str())
        {
            self.note(place, format!("`{name}`: the default `{default}` is none of {}", choices.join(", ")));
        }
    }

    fn variable(&mut self, set: &str, variable: &Variable) {
        let name = variable.name.as_str();
        let set = format!("\n  {set}:");
        let place = ["variables:", &set, name];
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty() || !name.chars().all(fits) || name.starts_with(|c: char| c.is_ascii_digit()) {
            self.note(&place, format!("`{name}` can't be the name of a variable"));
        }
        self.template(&place, variable.format, &variable.value);
        if let Some(parameter) = &variable.only_if_changed {
            self.has_default(&place, parameter);
            if !secrets(self.service, &variable.value).is_empty() {
                self.note(&place, format!("`{name}` holds the secret and can't be left out"));
            }
        }
        if let Some(changed) = &variable.value_if_changed {
            self.has_default(&place, &changed.parameter);
            self.template(&place, variable.format, &changed.value);
            if secrets(self.service, &changed.value) != secrets(self.service, &variable.value) {
                self.note(&place, format!("`{name}`: both values have to use the same secret"));
            }
        }
    }

    fn has_default(&mut self, place: &[&str], parameter: &str) {
        if self.parameter(parameter).is_none_or(|parameter| parameter.default.is_none()) {
            self.note(place, format!("`{parameter}` is no parameter with a default"));
        }
    }

    fn template(&mut self, place: &[&str], format: Format, template: &Template) {
        let secrets = secrets(self.service, template);
        if secrets.len() > 1 {
            self.note(place, "a variable can hold one secret, once".to_owned());
        }
        let is_text_around = template.parts().len() > 1;
        for part in template.parts() {
            let Part::Placeholder { name, take } = part else { continue };
            let opened = format!("{{{name}");
            let place = [place, &[opened.as_str()]].concat();
            let kind = match self.parameter(name) {
                Some(parameter) if parameter.instead_of.is_some() => {
                    self.note(&place, format!("`{{{name}}}` may be left out and can't stand in a variable"));
                    continue;
                }
                Some(parameter) => parameter.kind,
                // A whole connection string is handed on as it is, whatever stands around it.
                None if secrets.contains(&name.as_str()) && self.is_connection_string(name) => continue,
                None if secrets.contains(&name.as_str()) => Kind::Text,
                None if IDENTITY.contains(&name.as_str()) => Kind::Guid,
                None => {
                    self.note(&place, format!("`{{{name}}}` is no parameter and no secret input"));
                    continue;
                }
            };
            match take {
                Take::Scheme if kind != Kind::Url => {
                    self.note(&place, format!("`{{{name}|scheme}}`: only a URL has a scheme"));
                }
                Take::Field(field) => {
                    self.note(
                        &place,
                        format!("`{{{name}|field:{field}}}`: only a secret connection string has fields"),
                    );
                }
                Take::Either(..) if kind != Kind::Switch => {
                    self.note(&place, format!("`{{{name}?…}}`: only a switch chooses between two texts"));
                }
                Take::Whole | Take::Scheme | Take::Either(..) => {}
            }
            if kind == Kind::Text && is_text_around && format == Format::Plain {
                self.note(
                    &place,
                    format!("`{{{name}}}` stands inside other text: say by `format` how it is escaped"),
                );
            }
        }
    }

    fn is_connection_string(&self, secret: &str) -> bool {
        let input = self.service.secret.as_ref().filter(|input| input.name == secret);
        input.is_some_and(|input| input.kind == SecretKind::ConnectionString)
    }

    fn connections(&mut self) {
        let service = self.service;
        let mut seen = BTreeSet::new();
        let mut used = BTreeSet::new();
        for connection in &service.connections {
            let needle = connection.r#use.join(", ");
            let place = ["connections:", needle.as_str()];
            let mut variables = Vec::new();
            for set in &connection.r#use {
                used.insert(set);
                match service.variables.get(set) {
                    Some(found) => variables.extend(found),
                    None => self.note(&place, format!("there is no set `{set}` under `variables`")),
                }
            }
            let mut names = BTreeSet::new();
            for variable in &variables {
                if !names.insert(&variable.name) {
                    self.note(&place, format!("the sets give `{}` twice", variable.name));
                }
            }
            for auth in &connection.auth {
                for client in &connection.clients {
                    if !seen.insert((*auth, *client)) {
                        self.note(&place, format!("{auth} with {client} is there twice"));
                    }
                }
                self.auth(&place, *auth, &variables);
            }
        }
        for set in service.variables.keys().filter(|set| !used.contains(set)) {
            self.note(&["variables:", &format!("\n  {set}:"), set], format!("nothing uses the set `{set}`"));
        }
    }

    /// An auth type's variables hold its secret, and no other auth type's values.
    fn auth(&mut self, place: &[&str], auth: AuthType, variables: &[&Variable]) {
        let service = self.service;
        let wanted = match auth {
            AuthType::Secret => service.secret.as_ref().map(|secret| secret.name.as_ref()),
            AuthType::ServicePrincipal => Some(CLIENT_SECRET),
            AuthType::WorkloadIdentity | AuthType::Csi | AuthType::SystemManagedIdentity => None,
        };
        let held: BTreeSet<_> =
            variables.iter().flat_map(|variable| secrets(service, &variable.value)).collect();
        let is_whole = |variable: &Variable| {
            variable.value.parts().iter().any(|part| {
                matches!(part, Part::Placeholder { name, take: Take::Whole } if Some(name.as_str()) == wanted)
            })
        };
        if wanted.is_some() && !held.is_empty() && !variables.iter().any(|variable| is_whole(variable)) {
            self.note(
                place,
                "a variable has to hold all of the secret, or it couldn't be found again".to_owned(),
            );
        }
        if held != wanted.into_iter().collect() {
            let rule =
                wanted.map_or("no secret".to_owned(), |wanted| format!("`{{{wanted}}}` and no other secret"));
            self.note(place, format!("with the auth type {auth} the variables have to hold {rule}"));
        }
        if matches!(auth, AuthType::Secret | AuthType::SystemManagedIdentity)
            && variables
                .iter()
                .any(|variable| variable.value.placeholders().any(|used| IDENTITY.contains(&used)))
        {
            self.note(place, format!("the auth type `{auth}` has no client id and no tenant id"));
        }
    }
}

/// The secret inputs that a template uses, as often as it does.
fn secrets<'t>(service: &Service, template: &'t Template) -> Vec<&'t str> {
    let is_secret = |name: &&str| {
        *name == CLIENT_SECRET || service.secret.as_ref().is_some_and(|secret| secret.name == *name)
    };
    template.placeholders().filter(is_secret).collect()
}

fn is_name(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}
