//! What can be wrong with the combinations of auth types and client types, and with what each of them holds.

use std::collections::BTreeSet;

use super::variables::secrets;
use super::{CLIENT_SECRET, Check, IDENTITY};
use crate::AuthType;
use crate::file::Variable;
use crate::template::{Part, Take};

impl Check<'_> {
    pub(super) fn connections(&mut self) {
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
