//! DNS and TCP.

use std::io::{Error, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use sc_model::{CheckName, FailureCode, HostName, Port};
use tokio::net::{TcpStream, lookup_host};

use crate::steps::{Answer, Found, Steps, shown};

/// How long one address may take to answer, so that the next one is still tried.
const ADDRESS_LIMIT: Duration = Duration::from_secs(5);

/// Finds the host's addresses. Never an empty list.
pub(crate) async fn resolve(
    steps: &mut Steps,
    host: &HostName,
    port: Port,
) -> Result<Vec<SocketAddr>, Found> {
    if let Ok(address) = host.as_str().parse::<IpAddr>() {
        steps.skip(CheckName::Dns, "the host is an address");
        return Ok(vec![SocketAddr::new(address, port.number())]);
    }
    steps.run(CheckName::Dns, look_up(host, port)).await
}

async fn look_up(host: &HostName, port: Port) -> Answer<Vec<SocketAddr>> {
    let found =
        lookup_host((host.as_str(), port.number())).await.map_err(|error| unresolved(host, &error))?;
    let mut addresses = Vec::new();
    for address in found {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        return Err(Found::new(FailureCode::NameNotResolved, format!("`{host}` has no address")));
    }
    let list: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
    Ok((list.join(", "), addresses))
}

/// The resolver's answers, in the words of getaddrinfo(3).
fn unresolved(host: &HostName, error: &Error) -> Found {
    let said = error.to_string();
    let cause = if said.contains("Name or service not known") {
        format!("DNS knows no `{host}`")
    } else if said.contains("No address associated") {
        format!("DNS knows no address of `{host}`")
    } else if said.contains("Temporary failure") {
        // One answer for both: getaddrinfo tells silence and SERVFAIL apart no further.
        format!("no DNS server answered for `{host}`, or only with a failure of its own (SERVFAIL)")
    } else {
        format!("`{host}` can't be looked up: {}", shown(&said))
    };
    Found::new(FailureCode::NameNotResolved, cause)
}

/// Connects to the first address that answers.
pub(crate) async fn connect(steps: &mut Steps, addresses: &[SocketAddr]) -> Result<TcpStream, Found> {
    steps.run(CheckName::Tcp, dial(addresses)).await
}

async fn dial(addresses: &[SocketAddr]) -> Answer<TcpStream> {
    let mut causes = Vec::new();
    for address in addresses {
        match tokio::time::timeout(ADDRESS_LIMIT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok((format!("connected to {address}"), stream)),
            Ok(Err(error)) => causes.push(refused(*address, &error)),
            Err(_) => causes.push(format!(
                "{address}: nothing answered within {} s: a firewall or a network policy may drop the packets",
                ADDRESS_LIMIT.as_secs()
            )),
        }
    }
    Err(Found::new(FailureCode::ConnectFailed, causes.join("; ")))
}

fn refused(address: SocketAddr, error: &Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => format!("{address}: refused, nothing listens on this port"),
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => {
            format!("{address}: there is no route to it")
        }
        ErrorKind::TimedOut => format!("{address}: nothing answered"),
        _ => format!("{address}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_closed_port_is_told_from_silence() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let found = dial(&[address]).await.unwrap_err();
        assert!(found.cause.contains("nothing listens"), "{found:?}");
    }

    #[test]
    fn an_unknown_name_is_told_from_a_missing_dns_server() {
        let host: HostName = "db.example".parse().unwrap();
        let unknown = unresolved(
            &host,
            &Error::other("failed to lookup address information: Name or service not known"),
        );
        let silent = unresolved(
            &host,
            &Error::other("failed to lookup address information: Temporary failure in name resolution"),
        );
        assert!(unknown.cause.contains("DNS knows no `db.example`"));
        assert!(silent.cause.contains("no DNS server answered"));
    }
}
