//! Keys and certificates, made anew for every cluster: one authority for Kubernetes, one for the services.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

use crate::error::Result;
use crate::folders::ClusterFolder;
use crate::network::{API, DOMAIN, KUBERNETES_SERVICE, NODE};

/// The name of the cluster, the user and the context in the administrator's kubeconfig.
pub const CONTEXT: &str = "sc-testbed";

/// Who signs in to the API server: file name, user, group.
const CLIENTS: [(&str, &str, &str); 6] = [
    ("admin", "sc-testbed-admin", "system:masters"),
    ("api-server", "kube-apiserver-kubelet-client", "system:masters"),
    ("controller-manager", "system:kube-controller-manager", ""),
    ("scheduler", "system:kube-scheduler", ""),
    ("kubelet", concat!("system:node:", "testbed"), "system:nodes"),
    ("proxy", "system:kube-proxy", ""),
];

/// Writes everything below `certificates/`, a kubeconfig for each component, and the administrator's.
pub(crate) fn make(folder: &ClusterFolder) -> Result<()> {
    let authority = authority("sc-testbed Kubernetes")?;
    folder.write("certificates/ca.crt", authority.pem())?;
    // kube-controller-manager signs CertificateSigningRequests with it.
    folder.write("certificates/ca.key", authority.key().serialize_pem())?;
    let names = [
        NODE,
        KUBERNETES_SERVICE,
        "127.0.0.1",
        "localhost",
        "testbed",
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
    ];
    certify(folder, &authority, "server", server("kube-apiserver", &names)?)?;
    for (file, user, group) in CLIENTS {
        certify(folder, &authority, file, client(user, group)?)?;
        let inside = KubeConfig {
            authority: "certificate-authority: /run/certificates/ca.crt".to_owned(),
            certificate: format!("client-certificate: /run/certificates/{file}.crt"),
            key: format!("client-key: /run/certificates/{file}.key"),
        };
        folder.write(format!("certificates/{file}.kubeconfig"), inside.text())?;
    }
    let tokens = KeyPair::generate()?;
    folder.write("certificates/service-account.key", tokens.serialize_pem())?;
    folder.write("certificates/service-account.pub", tokens.public_key_pem())?;
    folder.write("kubeconfig", administrator(folder)?)?;

    let services = self::authority("sc-testbed services")?;
    folder.write("services-ca.crt", services.pem())?;
    let names = [&format!("*.{DOMAIN}"), DOMAIN, NODE, "127.0.0.1", "localhost"];
    certify(folder, &services, "services", server(&format!("*.{DOMAIN}"), &names)?)
}

fn authority(name: &str) -> Result<CertifiedIssuer<'static, KeyPair>> {
    let mut params = subject(CertificateParams::default(), name, "");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
}

fn server(name: &str, hosts: &[&str]) -> Result<CertificateParams> {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = subject(CertificateParams::new(hosts)?, name, "");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

fn client(user: &str, group: &str) -> Result<CertificateParams> {
    let mut params = subject(CertificateParams::default(), user, group);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}

fn subject(mut params: CertificateParams, name: &str, group: &str) -> CertificateParams {
    params.distinguished_name.push(DnType::CommonName, name);
    if !group.is_empty() {
        params.distinguished_name.push(DnType::OrganizationName, group);
    }
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::hours(1);
    params.not_after = now + Duration::days(30);
    params.use_authority_key_identifier_extension = true;
    params
}

fn certify(
    folder: &ClusterFolder,
    authority: &CertifiedIssuer<'static, KeyPair>,
    file: &str,
    mut params: CertificateParams,
) -> Result<()> {
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, authority)?;
    folder.write(format!("certificates/{file}.crt"), certificate.pem())?;
    folder.write(format!("certificates/{file}.key"), key.serialize_pem())?;
    Ok(())
}

/// The administrator's kubeconfig carries its keys in itself, so that it can be copied.
fn administrator(folder: &ClusterFolder) -> Result<String> {
    let data = |file: &str| {
        let path = folder.join("certificates").join(file);
        let read = std::fs::read(&path).map_err(crate::TestbedError::file("read", &path));
        read.map(|bytes| STANDARD.encode(bytes))
    };
    let admin = KubeConfig {
        authority: format!("certificate-authority-data: {}", data("ca.crt")?),
        certificate: format!("client-certificate-data: {}", data("admin.crt")?),
        key: format!("client-key-data: {}", data("admin.key")?),
    };
    Ok(admin.text())
}

struct KubeConfig {
    authority: String,
    certificate: String,
    key: String,
}

impl KubeConfig {
    fn text(&self) -> String {
        let Self { authority, certificate, key } = self;
        format!(
            "apiVersion: v1
kind: Config
current-context: {CONTEXT}
clusters:
- name: {CONTEXT}
  cluster:
    server: https://{NODE}:{API}
    {authority}
users:
- name: {CONTEXT}
  user:
    {certificate}
    {key}
contexts:
- name: {CONTEXT}
  context:
    cluster: {CONTEXT}
    user: {CONTEXT}
"
        )
    }
}
