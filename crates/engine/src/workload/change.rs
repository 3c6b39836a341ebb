//! Decides how a workload takes a connection in, and how it lets it go. No I/O.
//!
//! `envFrom` is a list that one field manager owns as a whole, and `serviceAccountName` has one value. So both can be
//! somebody else's; then the change is refused with their names, or takes the field over with all that is in it.

use sc_cluster::workloads::{Conflicts, WorkloadChange};
use sc_model::{Failure, FailureCode, Result, places};
use serde_json::{Value, json};

use super::conflict::Claims;
use super::live::{Field, Live, Owners, is_entry_of, mentions, secrets};
use super::needs::Needs;
use super::ours::Ours;

/// Which containers a connection goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach<'a> {
    /// All but the init containers.
    All,
    /// The one of this name.
    One(&'a str),
    /// Those that it is in already.
    Kept,
}

/// A wish to put a connection into a workload.
pub(super) struct Wish<'a> {
    pub(super) needs: &'a Needs,
    /// The other connections of the namespace.
    pub(super) others: &'a [Needs],
    pub(super) reach: Reach<'a>,
    pub(super) conflicts: Conflicts,
}

/// How a wish comes true.
#[derive(Debug, PartialEq)]
pub(super) struct Bound {
    /// What is applied, unless it is so already.
    pub(super) change: Option<WorkloadChange>,
    /// What will be, or is, in the workload.
    pub(super) says: String,
}

/// Puts a connection into a workload.
pub(super) fn bind(live: &Live<'_>, wish: &Wish<'_>) -> Result<Bound> {
    let mut ours = Ours::of(live);
    let before = ours.clone();
    let mut claims = Claims::new(live.workload, wish.needs);
    let added = add_entries(live, wish, &mut ours, &mut claims)?;
    settle_account(live, wish, &mut ours, &mut claims);
    let conflicts = claims.settle(wish.conflicts)?;
    let change = (ours != before).then(|| WorkloadChange { object: ours.object(live), conflicts });
    Ok(Bound { says: says(live, wish, &before, &ours, &added), change })
}

fn add_entries<'a>(
    live: &Live<'a>,
    wish: &Wish<'_>,
    ours: &mut Ours,
    claims: &mut Claims,
) -> Result<Vec<&'a str>> {
    let secret = &wish.needs.secret;
    let chosen: Vec<_> = live
        .containers()
        .filter(|(name, entries)| match wish.reach {
            Reach::All => true,
            Reach::One(chosen) => *name == chosen,
            Reach::Kept => mentions(entries, secret),
        })
        .collect();
    if let (Reach::One(name), true) = (wish.reach, chosen.is_empty()) {
        return Err(no_such_container(live, name));
    }
    let mut added = Vec::new();
    // A container that names the Secret needs nothing, whoever wrote it there.
    for (name, entries) in chosen.into_iter().filter(|(_, entries)| !mentions(entries, secret)) {
        let owners = live.others(Field::EnvFrom(name));
        if !owners.is_empty() {
            claims.list(name, &owners);
        }
        let entry = json!({"secretRef": {"name": secret}});
        ours.set(name, Some(entries.iter().cloned().chain([entry]).collect()));
        added.push(name);
    }
    Ok(added)
}

/// Sees to the ServiceAccount and to the label that goes with it; gives up what no connection needs any more.
fn settle_account(live: &Live<'_>, wish: &Wish<'_>, ours: &mut Ours, claims: &mut Claims) {
    let Some(wanted) = &wish.needs.account else {
        give_up_account(live, &wish.needs.secret, wish.others, ours);
        return;
    };
    let is_in = live.mentions(&wish.needs.secret) || wish.reach != Reach::Kept;
    if !is_in {
        return;
    }
    match live.account() {
        Some(current) if current == wanted => {}
        None => ours.account = Some(wanted.clone()),
        Some(current) => {
            let owners = live.others(Field::Account).into_iter().chain(live.others(Field::AccountTwin));
            let mut owners: Owners = owners.collect();
            owners.sort();
            owners.dedup();
            let users = users_of(live, wish.others, current);
            if ours.account.is_none() || !owners.is_empty() || !users.is_empty() {
                claims.account(current, &owners, &users);
            }
            ours.account = Some(wanted.clone());
        }
    }
    match live.identity_label() {
        Some("true") => {}
        None => ours.has_identity_label = true,
        Some(other) => {
            claims.label(other, &live.others(Field::IdentityLabel));
            ours.has_identity_label = true;
        }
    }
}

/// Gives the ServiceAccount up with the last connection that needs it. The Secret of a connection that isn't there any more,
/// because kubectl deleted it, counts as a need: such a deletion leaves the workload as it is.
fn give_up_account(live: &Live<'_>, secret: &str, others: &[Needs], ours: &mut Ours) {
    let is_known = |name: &str| name == secret || others.iter().any(|other| other.secret == name);
    if live.secrets().any(|name| is_secret_of_connection(name) && !is_known(name)) {
        return;
    }
    if ours.account.as_ref().is_some_and(|account| users_of(live, others, account).is_empty()) {
        ours.account = None;
    }
    if !others.iter().any(|other| other.account.is_some() && live.mentions(&other.secret)) {
        ours.has_identity_label = false;
    }
}

/// Whether a Secret's name is one that the connector gives.
fn is_secret_of_connection(name: &str) -> bool {
    name.starts_with("sc-") && name.ends_with("-secret")
}

/// The connections in a workload that run as an account. Read from the workload itself, so that of two that leave at the
/// same time the second sees that the first is gone.
fn users_of(live: &Live<'_>, others: &[Needs], account: &str) -> Vec<String> {
    let uses = |other: &&Needs| other.account.as_deref() == Some(account) && live.mentions(&other.secret);
    others.iter().filter(uses).map(|other| other.connection.clone()).collect()
}

fn says(live: &Live<'_>, wish: &Wish<'_>, before: &Ours, ours: &Ours, added: &[&str]) -> String {
    let (workload, secret) = (live.workload, &wish.needs.secret);
    let mut parts = Vec::new();
    if !added.is_empty() {
        let containers = added.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let word = if added.len() == 1 { "container" } else { "containers" };
        parts.push(format!("add `envFrom: [{{secretRef: {{name: {secret}}}}}]` to {word} {containers}"));
    }
    match (&before.account, &ours.account) {
        (old, Some(new)) if old.as_ref() != Some(new) => {
            parts.push(format!("set `serviceAccountName: {new}`"))
        }
        (Some(old), None) => parts.push(format!("take `serviceAccountName: {old}` out")),
        _ => {}
    }
    if ours.has_identity_label && !before.has_identity_label {
        parts.push(format!("label its pods `{}: \"true\"`", places::WORKLOAD_IDENTITY_USE));
    }
    if parts.is_empty() {
        format!("{workload} names the Secret `{secret}`")
    } else {
        format!("{workload}: {}", parts.join(", "))
    }
}

fn no_such_container(live: &Live<'_>, name: &str) -> Failure {
    let containers: Vec<_> = live.containers().map(|(name, _)| format!("`{name}`")).collect();
    Failure::new(FailureCode::InvalidOption, format!("{} has no container `{name}`", live.workload))
        .because(format!("it has {}", containers.join(", ")))
        .remedied_by("Name one of these with --container, or leave --container out for all of them.")
}

/// How a workload lets a connection go.
#[derive(Debug, PartialEq)]
pub(super) struct Unbound {
    /// What is applied, unless there is nothing of the connection's in it.
    pub(super) change: Option<WorkloadChange>,
    /// The owners of lists that name the Secret and aren't the connector's, so that they stay.
    pub(super) kept_by: Owners,
}

/// Takes a connection out of a workload. Entries of others stay, also in lists that were taken over.
pub(super) fn unbind(live: &Live<'_>, secret: &str, others: &[Needs]) -> Unbound {
    let mut ours = Ours::of(live);
    let before = ours.clone();
    let mut kept_by = Owners::new();
    for (name, entries) in live.containers().filter(|(_, entries)| mentions(entries, secret)) {
        let owners = live.others(Field::EnvFrom(name));
        if !live.is_ours(Field::EnvFrom(name)) || !owners.is_empty() {
            // Owned together, it is given up: the list stays as its other owner says it.
            ours.set(name, None);
            kept_by.extend(if owners.is_empty() { vec!["nobody".to_owned()] } else { owners });
            continue;
        }
        let rest: Vec<_> = entries.iter().filter(|entry| !is_entry_of(entry, secret)).cloned().collect();
        ours.set(name, (!rest.is_empty()).then_some(rest));
    }
    kept_by.sort();
    kept_by.dedup();
    give_up_account(live, secret, others, &mut ours);
    let change =
        (ours != before).then(|| WorkloadChange { object: ours.object(live), conflicts: Conflicts::Refused });
    Unbound { change, kept_by }
}

/// The owners of a workload's fields after the last connection left lists that were taken over: what is left in them is
/// others', and as long as the connector owned such a list, they couldn't change it without a conflict.
pub(super) fn handed_back(live: &Live<'_>) -> Option<Value> {
    let ours = Ours::of(live);
    let is_others = |entries: &[Value]| !secrets(entries).any(is_secret_of_connection);
    let containers: Vec<_> =
        ours.lists().filter(|(_, entries)| is_others(entries)).map(|(name, _)| name).collect();
    (!containers.is_empty()).then(|| live.owners_without(&containers))
}
