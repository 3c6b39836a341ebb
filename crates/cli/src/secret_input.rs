//! Where a secret value comes from: the standard input, a file, or az's `secret=` on the command line.

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use sc_model::{Failure, FailureCode, Result, SecretValue};

/// The longest secret taken: more than any key or token has, and small enough for a Secret (1 MiB in all).
const LIMIT: usize = 128 * 1024;

/// Where a secret value is read from.
#[derive(Debug, Clone)]
pub(crate) enum SecretSource {
    /// The standard input, to its end; one line break at the end isn't part of it.
    StandardInput,
    /// A file, in the same way.
    File(PathBuf),
    /// Given in the command line.
    Given(SecretValue),
}

impl SecretSource {
    /// Reads the value.
    pub(crate) fn read(&self) -> Result<SecretValue> {
        let value = match self {
            Self::Given(value) => value.clone(),
            Self::StandardInput => {
                if std::io::stdin().is_terminal() {
                    eprintln!(
                        "Type the secret, then Enter and Ctrl-D (it is shown as you type; a pipe or a file hides it):"
                    );
                }
                bounded(std::io::stdin().lock(), "the standard input")?
            }
            Self::File(path) => {
                let name = format!("the file `{}`", path.display());
                let file = std::fs::File::open(path)
                    .map_err(|error| Failure::local(format!("can't read {name}"), error))?;
                bounded(file, &name)?
            }
        };
        if value.is_empty() {
            return Err(Failure::new(FailureCode::MissingOption, "the password or key is empty"));
        }
        Ok(value)
    }
}

fn bounded(reader: impl std::io::Read, name: &str) -> Result<SecretValue> {
    let mut text = String::new();
    let limit = u64::try_from(LIMIT).unwrap_or(u64::MAX) + 1;
    reader
        .take(limit)
        .read_to_string(&mut text)
        .map_err(|error| Failure::local(format!("can't read {name} as text"), error))?;
    if text.len() > LIMIT {
        return Err(Failure::new(
            FailureCode::InvalidOption,
            format!("{name} holds more than {LIMIT} bytes"),
        ));
    }
    let end = text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')).map(str::len);
    text.truncate(end.unwrap_or(text.len()));
    Ok(SecretValue::new(text))
}

/// Reads the certificates of authorities.
pub(crate) fn read_certificates(path: &Path) -> Result<String> {
    let name = format!("the file `{}`", path.display());
    let text =
        std::fs::read_to_string(path).map_err(|error| Failure::local(format!("can't read {name}"), error))?;
    if text.contains("-----BEGIN CERTIFICATE-----") && text.len() <= 65_536 {
        Ok(text)
    } else {
        Err(Failure::new(FailureCode::InvalidOption, format!("{name} holds no certificates"))
            .because("PEM is wanted (`-----BEGIN CERTIFICATE-----`), at most 64 KiB"))
    }
}

/// What az's `--secret name=USER secret=VALUE` says.
pub(crate) fn parse_az_secret(parts: &[String]) -> Result<(Option<String>, Option<SecretSource>)> {
    let (mut name, mut secret) = (None, None);
    for part in parts {
        match part.split_once('=') {
            Some(("name", value)) => name = Some(value.to_owned()),
            Some(("secret", "@-")) => secret = Some(SecretSource::StandardInput),
            Some(("secret", value)) => secret = Some(SecretSource::Given(SecretValue::new(value))),
            // The part may hold the secret itself, so it isn't shown.
            _ => {
                return Err(Failure::new(
                    FailureCode::InvalidOption,
                    "--secret takes `name=USER` and `secret=VALUE`",
                )
                .remedied_by(
                    "Leave its values out, and give the secret by --password-stdin or --password-file.",
                ));
            }
        }
    }
    Ok((name, secret))
}

/// What a service principal is given by.
#[derive(Debug)]
pub(crate) struct ServicePrincipal {
    pub(crate) client_id: String,
    pub(crate) secret: Option<SecretSource>,
}

/// What `--service-principal CLIENT-ID` says, or az's `client-id=… secret=… object-id=…`.
pub(crate) fn parse_az_service_principal(parts: &[String]) -> Result<ServicePrincipal> {
    let (mut client_id, mut secret) = (None, None);
    for part in parts {
        match part.split_once('=') {
            Some(("client-id", value)) => client_id = Some(value.to_owned()),
            Some(("secret", "@-")) => secret = Some(SecretSource::StandardInput),
            Some(("secret", value)) => secret = Some(SecretSource::Given(SecretValue::new(value))),
            // az looks the object id up for its role; nothing in the cluster holds it.
            Some(("object-id", _)) => {}
            None if client_id.is_none() => client_id = Some(part.clone()),
            // The part may hold the secret itself, so it isn't shown.
            _ => {
                return Err(Failure::new(
                    FailureCode::InvalidOption,
                    "--service-principal takes a client id, or `client-id=ID` and `secret=VALUE`",
                )
                .remedied_by("Give the secret by --client-secret-stdin or --client-secret-file."));
            }
        }
    }
    let client_id = client_id.ok_or_else(|| {
        Failure::new(FailureCode::MissingOption, "--service-principal says no client id")
            .remedied_by("Write --service-principal CLIENT-ID.")
    })?;
    Ok(ServicePrincipal { client_id, secret })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_break_at_the_end_is_not_part_of_a_secret() {
        assert_eq!(bounded("p w\n".as_bytes(), "x").unwrap().expose(), "p w");
        assert_eq!(bounded("p\n\n".as_bytes(), "x").unwrap().expose(), "p\n");
        assert!(bounded(vec![b'x'; LIMIT + 1].as_slice(), "x").is_err());
    }

    #[test]
    fn a_malformed_secret_option_is_refused_without_showing_it() {
        let failure = parse_az_secret(&["canary".to_owned()]).unwrap_err();
        assert!(!format!("{failure:?}").contains("canary"));
        let failure = parse_az_service_principal(&["id".to_owned(), "canary".to_owned()]).unwrap_err();
        assert!(!format!("{failure:?}").contains("canary"));
    }
}
