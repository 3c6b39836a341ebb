//! How client libraries quote: a value in, the text that they read it back from out.

use std::borrow::Cow;

/// The rule of .NET's `DbConnectionStringBuilder.AppendKeyValuePair`.
pub(crate) fn dotnet(value: &str) -> Cow<'_, str> {
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
pub(crate) fn libpq(value: &str) -> Cow<'_, str> {
    let is_special = |c: char| matches!(c, '\'' | '\\') || c.is_whitespace() || c.is_control();
    if value.contains(is_special) || value.is_empty() {
        Cow::Owned(format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'")))
    } else {
        Cow::Borrowed(value)
    }
}

/// The rule of `java.io.StreamTokenizer`, by which Kafka's clients read `sasl.jaas.config`: inside quotes a backslash takes the
/// next character, and a line end would end the text.
pub(crate) fn jaas(value: &str) -> Cow<'_, str> {
    if !value.contains(['\\', '\'', '\n', '\r']) {
        return Cow::Borrowed(value);
    }
    let escaped = value.replace('\\', "\\\\").replace('\'', "\\'");
    Cow::Owned(escaped.replace('\n', "\\n").replace('\r', "\\r"))
}

pub(crate) fn unescape_jaas(text: &str) -> Option<String> {
    let mut value = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => value.push(match characters.next()? {
                'n' => '\n',
                'r' => '\r',
                other => other,
            }),
            '\'' => return None,
            c => value.push(c),
        }
    }
    Some(value)
}

/// ODBC's rule for attribute values, which Microsoft's JDBC driver shares: braces around, and a closing one twice.
pub(crate) fn braced(value: &str) -> Cow<'_, str> {
    let is_special = |c: char| "[]{}(),;?*=!@".contains(c) || c.is_whitespace() || c.is_control();
    if value.contains(is_special) {
        Cow::Owned(format!("{{{}}}", value.replace('}', "}}")))
    } else {
        Cow::Borrowed(value)
    }
}

/// go-mssqldb's rule: double quotes around, and one inside twice. Versions before 1.9.3 take quotes for a part of the value, so
/// they are written only where nothing else helps.
pub(crate) fn double_quoted(value: &str) -> Cow<'_, str> {
    if value.contains([';', '"']) || value.trim() != value {
        Cow::Owned(format!("\"{}\"", value.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(value)
    }
}

/// Takes the backslashes of libpq's quoting away; `None` if a quote stands alone.
pub(crate) fn unescape(quoted: &str) -> Option<String> {
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
pub(crate) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

pub(crate) fn percent(value: &str, is_special: impl Fn(u8) -> bool) -> Cow<'_, str> {
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

pub(crate) fn unpercent(text: &str) -> Option<String> {
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
