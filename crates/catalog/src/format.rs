//! How a value is written inside a variable's text so that the client library reads it back unharmed.
//!
//! A value without special characters is always written as it is: that is what the original writes.

use std::borrow::Cow;

use crate::ClientType;
use crate::file::Format;
use crate::quoting::{
    braced, dotnet, double_quoted, is_unreserved, jaas, libpq, percent, unescape, unescape_jaas, unpercent,
};

/// Where in a variable's text a value stands, as far as its escaping depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nothing stands before it.
    Start,
    /// Behind the `://` of a URL: a user.
    BehindScheme,
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
            Some(text) if text.ends_with("://") => Self::BehindScheme,
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
            Self::Url | Self::RedisUrl | Self::JavaAmqpUrl | Self::NodejsAmqpUrl
                if place == Place::BehindSlash && (value == "." || value == "..") =>
            {
                return Err(
                    "a `.` or `..` behind a slash is a step in the path of a URL, even when it is encoded",
                );
            }
            Self::RedisUrl if place == Place::BehindScheme && value.contains(':') => {
                return Err(
                    "it holds a `:`, which Jedis takes for the end of the user even when it is encoded",
                );
            }
            Self::Url | Self::RedisUrl => return Ok(percent(value, |byte| !is_unreserved(byte))),
            Self::JavaAmqpUrl if place == Place::BehindSlash && value.contains('%') => {
                return Err("it holds a `%`, which RabbitMQ's Java client decodes twice");
            }
            Self::JavaAmqpUrl if value.chars().any(is_space_outside_ascii) => {
                return Err(
                    "it holds a space or control character outside ASCII, which Java takes in no URL",
                );
            }
            // RabbitMQ's Java client decodes to ASCII, and takes everything else as it stands.
            Self::JavaAmqpUrl => {
                return Ok(percent(value, |byte| byte.is_ascii() && !is_unreserved(byte)));
            }
            Self::NodejsAmqpUrl if place != Place::BehindSlash && !value.is_ascii() => {
                return Err("it holds a character outside ASCII, which Node.js' amqplib misreads in a URL");
            }
            Self::NodejsAmqpUrl => return Ok(percent(value, |byte| !is_unreserved(byte))),
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
                Place::Start | Place::BehindScheme | Place::Within => {}
            },
            Self::Azure => {
                if value.contains(';') {
                    return Err("it holds a `;`, which Azure's libraries take for the end of the value");
                }
                if value.trim() != value {
                    return Err("it begins or ends with a space, which Azure's libraries may cut off");
                }
            }
            Self::Jaas => return Ok(jaas(value)),
            Self::Basic if place == Place::Start && value.contains(':') => {
                return Err(
                    "it holds a `:`, which HTTP's basic authentication takes for the end of the user",
                );
            }
            Self::Basic => {}
            Self::Odbc | Self::SqlserverJdbc => return Ok(braced(value)),
            Self::GoMssql => return Ok(double_quoted(value)),
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
            Self::Url | Self::RedisUrl | Self::JavaAmqpUrl | Self::NodejsAmqpUrl => unpercent(text)?,
            Self::Jaas => unescape_jaas(text)?,
            Self::Odbc | Self::SqlserverJdbc => match text.strip_prefix('{') {
                Some(quoted) => quoted.strip_suffix('}')?.replace("}}", "}"),
                None => text.to_owned(),
            },
            Self::GoMssql => match text.strip_prefix('"') {
                Some(quoted) => quoted.strip_suffix('"')?.replace("\"\"", "\""),
                None => text.to_owned(),
            },
            Self::GoMysql if place == Place::BehindSlash => unpercent(text)?,
            Self::Plain | Self::StackexchangeRedis | Self::GoMysql | Self::Azure | Self::Basic => {
                text.to_owned()
            }
        };
        // Each value has one way to be written, so anything else is not the connector's.
        let is_own = self.encode(place, &value).is_ok_and(|written| written == text);
        is_own.then_some(value)
    }

    /// Whether it is a connection string, which takes properties at its end.
    pub(crate) fn is_connection_string(self) -> bool {
        self.append("", "a", "b").is_some()
    }

    /// Puts a property at the end of a connection string; `None` for formats that aren't one.
    ///
    /// `written` is what stands before, as far as its last character and its `?` matter.
    pub(crate) fn append(self, written: &str, key: &str, value: &str) -> Option<Result<String, Refusal>> {
        let (before, after) = match self {
            Self::Plain | Self::Jaas | Self::Basic => return None,
            Self::Url | Self::RedisUrl | Self::JavaAmqpUrl | Self::NodejsAmqpUrl | Self::GoMysql => {
                let separator = if written.contains('?') { "&" } else { "?" };
                return Some(Ok(format!(
                    "{separator}{}={}",
                    percent(key, |byte| !is_unreserved(byte)),
                    percent(value, |byte| !is_unreserved(byte))
                )));
            }
            Self::Libpq => (" ", ""),
            Self::StackexchangeRedis => (",", ""),
            Self::Dotnet | Self::Azure | Self::Odbc | Self::SqlserverJdbc | Self::GoMssql => {
                if written.ends_with(';') { ("", ";") } else { (";", "") }
            }
        };
        Some(self.encode(Place::Within, value).map(|value| format!("{before}{key}={value}{after}")))
    }

    /// Writes a host: where a port follows it behind a `:`, an IPv6 address stands in brackets.
    pub(crate) fn host(self, host: &str) -> Cow<'_, str> {
        match self {
            Self::Url
            | Self::RedisUrl
            | Self::JavaAmqpUrl
            | Self::NodejsAmqpUrl
            | Self::StackexchangeRedis
            | Self::GoMysql
            | Self::SqlserverJdbc
                if host.contains(':') =>
            {
                Cow::Owned(format!("[{host}]"))
            }
            _ => Cow::Borrowed(host),
        }
    }
}

/// Whether a client reads something into a value beyond its format: Spring replaces `${…}` in every property, passwords included
/// (Spring Boot's reference, "Property Placeholders").
pub(crate) fn refused_by_client(client: ClientType, written: &str) -> Option<Refusal> {
    let is_spring = matches!(client, ClientType::SpringBoot | ClientType::KafkaSpringBoot);
    (is_spring && written.contains("${"))
        .then_some("it holds `${`, which Spring takes for the beginning of a placeholder")
}

/// What `java.net.URI` takes neither raw nor, in RabbitMQ's client, encoded.
fn is_space_outside_ascii(c: char) -> bool {
    !c.is_ascii() && (c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Format; 15] = [
        Format::Plain,
        Format::Dotnet,
        Format::Libpq,
        Format::Url,
        Format::RedisUrl,
        Format::JavaAmqpUrl,
        Format::NodejsAmqpUrl,
        Format::StackexchangeRedis,
        Format::GoMysql,
        Format::Azure,
        Format::Jaas,
        Format::Basic,
        Format::Odbc,
        Format::SqlserverJdbc,
        Format::GoMssql,
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
        assert!(write(Format::Azure, "a;b").is_err());
        assert_eq!(write(Format::GoMysql, "p@:/?").unwrap(), "p@:/?");
        assert!(Format::GoMysql.encode(Place::Start, "a:b").is_err());
        assert_eq!(Format::GoMysql.encode(Place::BehindSlash, "a/b?").unwrap(), "a%2Fb%3F");
        assert_eq!(write(Format::Jaas, "it's a \\").unwrap(), "it\\'s a \\\\");
        assert!(Format::RedisUrl.encode(Place::BehindScheme, "a:b").is_err());
        assert_eq!(write(Format::JavaAmqpUrl, "p@ü").unwrap(), "p%40ü");
        assert!(write(Format::NodejsAmqpUrl, "ü").is_err());
        assert!(write(Format::JavaAmqpUrl, "a\u{a0}b").is_err());
        assert!(Format::JavaAmqpUrl.encode(Place::BehindSlash, "a%b").is_err());
        assert!(Format::Url.encode(Place::BehindSlash, "..").is_err());
        assert!(Format::Basic.encode(Place::Start, "a:b").is_err());
        assert_eq!(write(Format::Odbc, "a;}b").unwrap(), "{a;}}b}");
        assert_eq!(write(Format::GoMssql, "a;\"b").unwrap(), "\"a;\"\"b\"");
    }

    #[test]
    fn a_property_is_put_at_the_end_of_a_connection_string_as_its_library_separates_them() {
        let append = |format: Format, written: &str| format.append(written, "Key", "a b").map(Result::unwrap);
        assert_eq!(append(Format::Dotnet, "Server=x;").unwrap(), "Key=\"a b\";");
        assert_eq!(append(Format::Dotnet, "Server=x").unwrap(), ";Key=\"a b\"");
        assert_eq!(append(Format::Libpq, "host=x").unwrap(), " Key='a b'");
        assert_eq!(append(Format::Url, "mongodb://x/").unwrap(), "?Key=a%20b");
        assert_eq!(append(Format::Url, "jdbc:x?a=b").unwrap(), "&Key=a%20b");
        assert_eq!(append(Format::Plain, "x"), None);
    }

    #[test]
    fn an_ipv6_address_stands_in_brackets_where_a_port_follows() {
        assert_eq!(Format::Url.host("fd00::1"), "[fd00::1]");
        assert_eq!(Format::NodejsAmqpUrl.host("fd00::1"), "[fd00::1]");
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
                for place in [Place::Start, Place::BehindScheme, Place::BehindSlash, Place::Within] {
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
