//! A workload as a user would write it, for the demo: it knows nothing of connections, only its environment.
//!
//! It reads the variable that a Python program reads, in libpq's own words, and queries the database. `PGSSLROOTCERT`,
//! libpq's variable as well, names the certificates of the authorities to trust.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use sc_model::{Failure, FailureCode, Result};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The end of the variable that the connector promises to Python, whoever's the PostgreSQL is.
const CONNECTION_STRING: &str = "POSTGRESQL_CONNECTIONSTRING";

/// Connects, writes a row, reads it back and tells.
pub async fn run() -> Result<()> {
    let (name, text) = std::env::vars().find(|(name, _)| name.ends_with(CONNECTION_STRING)).ok_or_else(|| {
        Failure::new(FailureCode::MissingOption, format!("the environment has no `{CONNECTION_STRING}`"))
            .remedied_by("Give the pod `envFrom: [{secretRef: {name: sc-…-secret}}]` of a PostgreSQL connection for python.")
    })?;
    println!("found {name} in the environment");
    let failed = |error: tokio_postgres::Error| {
        // The connection string never comes into it: the library's errors don't quote it.
        let cause = error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
        Failure::new(FailureCode::SignInRefused, "the database can't be queried").because(cause)
    };
    let config: tokio_postgres::Config = text.parse().map_err(|_| {
        Failure::new(FailureCode::InvalidConnection, format!("`{name}` is not a connection string of libpq"))
    })?;
    let (client, connection) = config.connect(MakeRustlsConnect::new(tls()?)).await.map_err(failed)?;
    let driver = tokio::spawn(connection);
    let row = client
        .query_one("SELECT current_user::text, current_database()::text, version()", &[])
        .await
        .map_err(failed)?;
    let (user, database, version): (String, String, String) = (row.get(0), row.get(1), row.get(2));
    println!("signed in as {user} to database {database}: {version}");
    client
        .batch_execute(
            "CREATE TEMPORARY TABLE orders (item text); INSERT INTO orders VALUES ('tea'), ('coffee')",
        )
        .await
        .map_err(failed)?;
    let row =
        client.query_one("SELECT count(*), string_agg(item, ', ') FROM orders", &[]).await.map_err(failed)?;
    let (count, items): (i64, String) = (row.get(0), row.get(1));
    println!("wrote and read back {count} orders: {items}");
    drop(client);
    let _ = driver.await;
    Ok(())
}

fn tls() -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match std::env::var("PGSSLROOTCERT") {
        Ok(path) => {
            let unusable = |error: rustls::pki_types::pem::Error| {
                Failure::local(format!("can't read the certificates of `{path}`"), error)
            };
            for certificate in CertificateDer::pem_file_iter(&path).map_err(unusable)? {
                roots.add_parsable_certificates([certificate.map_err(unusable)?]);
            }
        }
        Err(_) => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Failure::local("can't prepare TLS", error))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
