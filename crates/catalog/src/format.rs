//! How a value is written inside a variable's text so that the client library reads it back unharmed.
//!
//! A value without special characters is always written as it is: that is what the original writes.

use std::borrow::Cow;

use crate::file::Format;

/// Where in a variable's text a value stands, as far as its escaping depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nothing stands before it.
    Start,
    /// Directly behind a `/`.
    BehindSlash,
    /// Anywhere else.
    Within,
}

impl Place {
    /// The place behind a text; `None` at the start.
    pub(crate) fn behind(text: Option<&str>) -> Self {
        match text {
            None => Self::Start,
            Some(text) if text.ends_with('/') => Self::BehindSlash,
            Some(_) => Self::Within,
        }
    }
}

/// Why a format can't hold a value: what the value has in it, without showing the value.
pub(crate) type Refusal = &'static str;

impl Format {
    /// Writes a value.
    pub(crate) fn encode(self, place: Place, value: &str) -> Result<Cow<'_, str>, Refusal> {
        match self {
            Self::Plain => {}
            Self::Dotnet => return Ok(dotnet(value)),
            Self::Libpq => return Ok(libpq(value)),
            Self::Url => return Ok(percent(value, |byte| !is_unreserved(byte))),
            Self::StackexchangeRedis => {
                if value.contains(',') {
                    return Err("it holds a comma, which StackExchange.Redis takes for the end of the value");
                }
                if value.trim() != value {
                    return Err("it begins or ends with a space, which StackExchange.Redis cuts off");
                }
            }
            Self::GoMysql => match place {
                // The driver looks for the last `/`, the last `@` before it, and the first `:`; so a password may
                // hold all of them, a user no `:`. The database's name is percent-decoded.
                Place::Start if value.contains(':') => {
                    return Err("it holds a `:`, which Go's MySQL driver takes for the end of the user");
                }
                Place::BehindSlash => return Ok(percent(value, |byte| b"/?%".contains(&byte))),
                Place::Start | Place::Within => {}
            },
            Self::Storage => {
                if value.contains(';') {
                    return Err(
                        "it holds a `;`, which Azure's storage libraries take for the end of the value",
                    );
                }
                if value.trim() != value {
                    return Err(
                        "it begins or ends with a space, which Azure's storage libraries may cut off",
                    );
                }
            }
        }
        Ok(Cow::Borrowed(value))
    }

    /// Reads a value back that [`Format::encode`] wrote; `None` if it can't have written this.
    pub(crate) fn decode(self, place: Place, text: &str) -> Option<String> {
        let value = match self {
            Self::Dotnet => match text.strip_prefix('"') {
                Some(quoted) => quoted.strip_suffix('"')?.replace("\"\"", "\""),
                None => text
                    .strip_prefix('\'')
                    .and_then(|quoted| quoted.strip_suffix('\''))
                    .unwrap_or(text)
                    .to_owned(),
            },
            Self::Libpq => match text.strip_prefix('\'') {
                Some(quoted) => unescape(quoted.strip_suffix('\'')?)?,
                None => text.to_owned(),
            },
            Self::Url => unpercent(text)?,
            Self::GoMysql if place == Place::BehindSlash => unpercent(text)?,
            Self::Plain | Self::StackexchangeRedis | Self::GoMysql | Self::Storage => text.to_owned(),
        };
        // Each value has one way to be written, so anything else is not the connector's.
        let is_own = self.encode(place, &value).is_ok_and(|written| written == text);
        is_own.then_some(value)
    }

    /// Writes a host: where a port follows it behind a `:`, an IPv6 address stands in brackets.
    pub(crate) fn host(self, host: &str) -> Cow<'_, str> {
        match self {
            Self::Url | Self::StackexchangeRedis | Self::GoMysql if host.contains(':') => {
                Cow::Owned(format!("[{host}]"))
            }
            _ => Cow::Borrowed(host),
        }
    }
}

/// The rule of .NET's `DbConnectionStringBuilder.AppendKeyValuePair`.
fn dotnet(value: &str) -> Cow<'_, str> {
    let is_special = |c: char| matches!(c, '"' | '\'' | '=' | ';') || c.is_whitespace() || c.is_control();
    if !value.contains(is_special) {
        Cow::Borrowed(value)
    } else if value.contains('"') && !value.contains('\'') {
        Cow::Owned(format!("'{value}'"))
    } else {
        Cow::Owned(format!("\"{}\"", value.replace('"', "\"\"")))
    }
}

/// The rule of libpq's connection strings, which pgx and lib/pq share.
fn libpq(value: &str) -> Cow<'_, str> {
    let is_special = |c: char| matches!(c, '\'' | '\\') || c.is_whitespace() || c.is_control();
    if value.contains(is_special) || value.is_empty() {
        Cow::Owned(format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'")))
    } else {
        Cow::Borrowed(value)
    }
}

/// Takes the backslashes of libpq's quoting away; `None` if a quote stands alone.
fn unescape(quoted: &str) -> Option<String> {
    let mut value = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => value.push(characters.next()?),
            '\'' => return None,
            c => value.push(c),
        }
    }
    Some(value)
}

/// What RFC 3986 lets stand everywhere in a URL.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn percent(value: &str, is_special: impl Fn(u8) -> bool) -> Cow<'_, str> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    if !value.bytes().any(&is_special) {
        return Cow::Borrowed(value);
    }
    let mut written = Vec::with_capacity(value.len() + 16);
    for byte in value.bytes() {
        if is_special(byte) {
            written.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        } else {
            written.push(byte);
        }
    }
    // Only whole ASCII bytes are replaced by ASCII, or all bytes of a character.
    Cow::Owned(String::from_utf8_lossy(&written).into_owned())
}

fn unpercent(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Format; 7] = [
        Format::Plain,
        Format::Dotnet,
        Format::Libpq,
        Format::Url,
        Format::StackexchangeRedis,
        Format::GoMysql,
        Format::Storage,
    ];

    #[test]
    fn special_characters_are_written_by_each_librarys_rule() {
        let write = |format: Format, value: &str| format.encode(Place::Within, value).map(Cow::into_owned);
        assert_eq!(write(Format::Dotnet, "a;b").unwrap(), "\"a;b\"");
        assert_eq!(write(Format::Dotnet, "a\"b").unwrap(), "'a\"b'");
        assert_eq!(write(Format::Dotnet, "a\"'b").unwrap(), "\"a\"\"'b\"");
        assert_eq!(write(Format::Libpq, "it's a \\").unwrap(), "'it\\'s a \\\\'");
        assert_eq!(write(Format::Url, "p@ss/ü+").unwrap(), "p%40ss%2F%C3%BC%2B");
        assert!(write(Format::StackexchangeRedis, "a,b").is_err());
        assert!(write(Format::Storage, "a;b").is_err());
        assert_eq!(write(Format::GoMysql, "p@:/?").unwrap(), "p@:/?");
        assert!(Format::GoMysql.encode(Place::Start, "a:b").is_err());
        assert_eq!(Format::GoMysql.encode(Place::BehindSlash, "a/b?").unwrap(), "a%2Fb%3F");
    }

    #[test]
    fn an_ipv6_address_stands_in_brackets_where_a_port_follows() {
        assert_eq!(Format::Url.host("fd00::1"), "[fd00::1]");
        assert_eq!(Format::Libpq.host("fd00::1"), "fd00::1");
        assert_eq!(Format::Url.host("db.shop"), "db.shop");
    }

    proptest! {
        #[test]
        fn a_value_without_special_characters_is_written_as_it_is(value in "[A-Za-z0-9._~-]{1,40}") {
            for format in ALL {
                prop_assert_eq!(format.encode(Place::Within, &value).unwrap(), value.as_str());
            }
        }

        #[test]
        fn what_was_written_is_read_back(value in ".*") {
            for format in ALL {
                for place in [Place::Start, Place::BehindSlash, Place::Within] {
                    if let Ok(text) = format.encode(place, &value) {
                        prop_assert_eq!(format.decode(place, &text), Some(value.clone()));
                    }
                }
            }
        }

        #[test]
        fn no_text_makes_the_reading_panic(text in ".*") {
            for format in ALL {
                let _ = format.decode(Place::Within, &text);
            }
        }
    }
}
