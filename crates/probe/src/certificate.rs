//! What a server's certificate says of itself, read for a person. Trust is decided elsewhere, by rustls.
//!
//! Only the few fields that are shown are read (RFC 5280, section 4.1, in DER); what can't be read isn't shown.

use std::net::IpAddr;

/// Tags of DER.
const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;
/// id-at-commonName, 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// id-ce-subjectAltName, 2.5.29.17.
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
/// How many names are shown.
const NAMES_SHOWN: usize = 4;

/// The fields of a certificate that a person is told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// The subject's common name.
    pub(crate) subject: Option<String>,
    /// The host names and addresses it is made out to.
    pub(crate) names: Vec<String>,
    /// The last day it is valid, as `2027-01-02`.
    pub(crate) valid_until: Option<String>,
}

impl Certificate {
    /// Reads what can be read.
    pub(crate) fn read(der: &[u8]) -> Self {
        let mut certificate = Self::default();
        // A certificate that ends too early keeps what was read until then.
        let _ = certificate.fill(der);
        certificate
    }

    fn fill(&mut self, der: &[u8]) -> Option<()> {
        let mut whole = Der(der);
        let mut outer = Der(whole.expect(SEQUENCE)?);
        let mut fields = Der(outer.expect(SEQUENCE)?);
        if fields.0.first() == Some(&VERSION) {
            fields.next()?;
        }
        let (_serial, _algorithm, _issuer) = (fields.next()?, fields.next()?, fields.next()?);
        let mut validity = Der(fields.expect(SEQUENCE)?);
        let (_from, until) = (validity.next()?, validity.next()?);
        self.valid_until = day(until);
        self.subject = common_name(fields.expect(SEQUENCE)?);
        let extensions = fields.find(|(tag, _)| *tag == EXTENSIONS)?.1;
        self.names = alternative_names(Der(extensions).expect(SEQUENCE)?).unwrap_or_default();
        Some(())
    }

    /// One phrase: `certificate of db.example (shop), valid until 2027-01-02`.
    pub(crate) fn told(&self) -> String {
        let mut told = "certificate".to_owned();
        if !self.names.is_empty() {
            told += &format!(" of {}", listed(&self.names));
        }
        match &self.subject {
            Some(subject) if !self.names.contains(subject) => told += &format!(" (subject {subject})"),
            _ => {}
        }
        if let Some(day) = &self.valid_until {
            told += &format!(", valid until {day}");
        }
        told
    }
}

/// The first few names, and how many more there are.
pub(crate) fn listed(names: &[String]) -> String {
    let shown = names.iter().take(NAMES_SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES_SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `YYMMDD…` (before 2050) or `YYYYMMDD…`.
fn day((tag, value): (u8, &[u8])) -> Option<String> {
    let digits = std::str::from_utf8(value).ok()?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = digits.split_at_checked(2)?;
            (format!("{}{year}", if year < "50" { "20" } else { "19" }), rest)
        }
        GENERALIZED_TIME => digits.split_at_checked(4).map(|(year, rest)| (year.to_owned(), rest))?,
        _ => return None,
    };
    Some(format!("{year}-{}-{}", rest.get(..2)?, rest.get(2..4)?))
}

fn common_name(subject: &[u8]) -> Option<String> {
    Der(subject).find_map(|(_, set)| {
        let mut attribute = Der(Der(set).expect(SEQUENCE)?);
        let is_it = attribute.expect(OBJECT_IDENTIFIER)? == COMMON_NAME;
        let (_, value) = attribute.next()?;
        is_it.then(|| String::from_utf8_lossy(value).into_owned())
    })
}

fn alternative_names(extensions: &[u8]) -> Option<Vec<String>> {
    let names = Der(extensions).find_map(|(_, extension)| {
        let mut parts = Der(extension);
        let is_it = parts.expect(OBJECT_IDENTIFIER)? == ALTERNATIVE_NAMES;
        is_it.then(|| parts.find(|(tag, _)| *tag == OCTET_STRING))?
    })?;
    let names = Der(names.1).expect(SEQUENCE)?;
    Some(Der(names).filter_map(name).collect())
}

fn name((tag, value): (u8, &[u8])) -> Option<String> {
    match tag {
        DNS_NAME => Some(String::from_utf8_lossy(value).into_owned()),
        IP_ADDRESS => {
            let v4 = <[u8; 4]>::try_from(value).map(IpAddr::from);
            v4.or_else(|_| <[u8; 16]>::try_from(value).map(IpAddr::from))
                .ok()
                .map(|address| address.to_string())
        }
        _ => None,
    }
}

/// The elements of DER, one after the other: tag and content.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The content of the next element, if it has this tag.
    fn expect(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.next().filter(|(tag, _)| *tag == wanted).map(|(_, content)| content)
    }
}

impl<'a> Iterator for Der<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first > 0x80 {
            let (digits, behind) = rest.split_at_checked(usize::from(first & 0x7f).min(9))?;
            length = digits.iter().try_fold(0_usize, |sum, digit| {
                sum.checked_mul(256).and_then(|sum| sum.checked_add(usize::from(*digit)))
            })?;
            rest = behind;
        }
        let (content, behind) = rest.split_at_checked(length)?;
        self.0 = behind;
        Some((tag, content))
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

    use super::*;

    fn made(names: &[&str], year: i32) -> Vec<u8> {
        let mut params =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "shop database");
        params.not_after = date_time_ymd(year, 1, 2);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn names_subject_and_last_day_are_read() {
        for year in [2027, 2049, 2050, 2099] {
            let certificate = Certificate::read(&made(&["db.example", "127.0.0.1", "::1"], year));
            assert_eq!(certificate.names, ["db.example", "127.0.0.1", "::1"]);
            assert_eq!(
                certificate.told(),
                format!(
                    "certificate of db.example, 127.0.0.1, ::1 (subject shop database), valid until {year}-01-02"
                )
            );
        }
    }

    #[test]
    fn many_names_are_counted_and_none_are_left_out() {
        assert!(
            Certificate::read(&made(&[], 2030)).told().starts_with("certificate (subject shop database)")
        );
        let names: Vec<_> = (0..6).map(|number| format!("n{number}")).collect();
        assert_eq!(listed(&names), "n0, n1, n2, n3 and 2 more");
    }

    #[test]
    fn nothing_that_a_server_sends_makes_it_panic() {
        let whole = made(&["db.example"], 2030);
        for length in 0..whole.len() {
            Certificate::read(&whole[..length]);
        }
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 0xff;
            Certificate::read(&broken).told();
        }
    }
}
