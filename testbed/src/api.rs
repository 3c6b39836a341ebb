//! Just enough of an HTTPS client to see whether the API server and the node are ready.

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;

use crate::folders::ClusterFolder;
use crate::network::{API, NODE_ADDRESS};
use crate::sandbox::Sandbox;

/// Reads from the API server as its administrator.
pub(crate) struct Api {
    tls: Arc<ClientConfig>,
    sandbox: Sandbox,
}

/// "Not yet", and what was seen instead.
type Seen<T> = Result<T, String>;

fn seen(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Api {
    pub(crate) fn of(sandbox: &Sandbox, folder: &ClusterFolder) -> Seen<Self> {
        let certificates = folder.join("certificates");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(certificates.join("ca.crt")).map_err(seen)?).map_err(seen)?;
        let certificate = CertificateDer::from_pem_file(certificates.join("admin.crt")).map_err(seen)?;
        let key = PrivateKeyDer::from_pem_file(certificates.join("admin.key")).map_err(seen)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(seen)?
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![certificate], key)
            .map_err(seen)?;
        Ok(Self { tls: Arc::new(tls), sandbox: sandbox.clone() })
    }

    /// The body of a successful answer.
    pub(crate) fn get(&self, path: &str) -> Seen<String> {
        let socket = self.sandbox.connect(API).map_err(seen)?;
        socket.set_read_timeout(Some(Duration::from_secs(10))).map_err(seen)?;
        let name = ServerName::from(NODE_ADDRESS);
        let session = ClientConnection::new(Arc::clone(&self.tls), name).map_err(seen)?;
        let mut stream = StreamOwned::new(session, socket);
        // HTTP/1.0: the answer ends with the connection and is not chunked.
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {NODE_ADDRESS}\r\nAccept: application/json\r\n\r\n")
            .map_err(seen)?;
        let mut answer = Vec::new();
        if let Err(error) = stream.read_to_end(&mut answer)
            && error.kind() != std::io::ErrorKind::UnexpectedEof
        {
            return Err(seen(error));
        }
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("the answer is cut short")?;
        let status = head.lines().next().unwrap_or_default();
        if status.split(' ').nth(1) == Some("200") { Ok(body.to_owned()) } else { Err(status.to_owned()) }
    }

    /// Whether the object has the condition `Ready`.
    pub(crate) fn is_ready(&self, path: &str) -> Seen<()> {
        let object: Value = serde_json::from_str(&self.get(path)?).map_err(seen)?;
        let conditions = object["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
        match conditions.iter().find(|condition| condition["type"] == "Ready") {
            Some(ready) if ready["status"] == "True" => Ok(()),
            Some(ready) => Err(format!("not Ready: {}", ready["message"])),
            None => Err("no condition Ready yet".to_owned()),
        }
    }
}
