//! `NAME=VALUE` options, and `NAME-`, which takes one away as `kubectl label` does.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// One `NAME=VALUE` or `NAME-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pair {
    /// `NAME=VALUE`.
    Put(String, String),
    /// `NAME-`.
    Remove(String),
}

impl FromStr for Pair {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        match given.split_once('=') {
            Some(("", _)) => Err("the name before the `=` is missing".to_owned()),
            Some((name, value)) => Ok(Self::Put(name.to_owned(), value.to_owned())),
            None => match given.strip_suffix('-') {
                Some(name) if !name.is_empty() => Ok(Self::Remove(name.to_owned())),
                _ => Err("write it NAME=VALUE, or NAME- to take it away".to_owned()),
            },
        }
    }
}

impl Pair {
    /// Brings what is stored to what is given.
    pub(crate) fn change(pairs: &[Self], stored: &mut BTreeMap<String, String>) {
        for pair in pairs {
            match pair {
                Self::Put(name, value) => stored.insert(name.clone(), value.clone()),
                Self::Remove(name) => stored.remove(name),
            };
        }
    }

    /// The same for names whose values are kept elsewhere.
    pub(crate) fn change_names(pairs: &[Self], stored: &mut BTreeSet<String>) {
        for pair in pairs {
            match pair {
                Self::Put(name, _) => stored.insert(name.clone()),
                Self::Remove(name) => stored.remove(name),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_put_or_taken_away() {
        assert_eq!("A=b=c".parse(), Ok(Pair::Put("A".to_owned(), "b=c".to_owned())));
        assert_eq!("A=".parse(), Ok(Pair::Put("A".to_owned(), String::new())));
        assert_eq!("A-".parse(), Ok(Pair::Remove("A".to_owned())));
        assert!(["A", "=b", "-", ""].iter().all(|wrong| wrong.parse::<Pair>().is_err()));
    }
}
