//! Container images without a container engine: an OCI archive is a tar of two small documents and three blobs.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::error::{Result, TestbedError};
use crate::folders::{make_parent, workspace};
use crate::interrupt;
use crate::toolchain::sha256;

/// The image that every pod's sandbox runs.
pub(crate) const PAUSE: &str = "service-connector.local/pause:1";

/// The repository part of the name of `sc`'s image.
pub const SC_REPOSITORY: &str = "service-connector.local/sc";

/// The user and group that the image runs as; `Dockerfile` says the same.
pub const SC_USER: &str = "65532:65532";

/// The image's entry point; `Dockerfile` says the same.
pub const SC_ENTRYPOINT: &[&str] = &["/sc"];

/// The image's environment; `Dockerfile` says the same.
pub const SC_ENVIRONMENT: &[&str] = &["PATH=/", "HOME=/"];

/// The accounts that the image knows; `Dockerfile` copies the same file.
const PASSWD: &str = include_str!("../image/passwd");

/// An image of one layer.
#[derive(Debug)]
pub struct Image {
    name: String,
    manifest: Vec<u8>,
    config: Vec<u8>,
    layer: Vec<u8>,
}

impl Image {
    /// The image of `sc`: the static binary, its debug information stripped, and nothing else but a name for its
    /// user. Its tag is taken from its contents, so that a changed binary is another image.
    pub fn of_sc(binary: &Path) -> Result<Self> {
        let program = stripped(binary)?;
        let tag = sha256(&program)[..12].to_owned();
        let files = [("sc", program.as_slice(), 0o755), ("etc/passwd", PASSWD.as_bytes(), 0o644)];
        let config = json!({"User": SC_USER, "Entrypoint": SC_ENTRYPOINT, "Env": SC_ENVIRONMENT});
        Ok(Self::new(format!("{SC_REPOSITORY}:{tag}"), &files, &config))
    }

    fn new(name: String, files: &[(&str, &[u8], u32)], config: &Value) -> Self {
        let layer = archive(files.iter().copied());
        let config = json!({
            "architecture": architecture(),
            "os": "linux",
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": [digest(&layer)]},
        });
        let config = config.to_string().into_bytes();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
            "layers": [descriptor("application/vnd.oci.image.layer.v1.tar", &layer)],
        });
        Self { name, manifest: manifest.to_string().into_bytes(), config, layer }
    }

    /// What a pod writes into `image:`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The digest of its manifest, without the algorithm's name.
    pub fn digest(&self) -> String {
        sha256(&self.manifest)
    }

    /// Writes it as an OCI archive, which `ctr images import`, `podman load` and `skopeo` take.
    pub fn write(&self, archive: &Path) -> Result<()> {
        let mut manifest = descriptor("application/vnd.oci.image.manifest.v1+json", &self.manifest);
        manifest["annotations"] = json!({
            "io.containerd.image.name": self.name,
            "org.opencontainers.image.ref.name": self.name.rsplit(':').next(),
        });
        let index = json!({"schemaVersion": 2, "manifests": [manifest]}).to_string();
        let blob = |contents: &[u8]| format!("blobs/sha256/{}", sha256(contents));
        let (manifest, config, layer) = (blob(&self.manifest), blob(&self.config), blob(&self.layer));
        let files: [(&str, &[u8], u32); 5] = [
            ("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#, 0o644),
            ("index.json", index.as_bytes(), 0o644),
            (&manifest, &self.manifest, 0o644),
            (&config, &self.config, 0o644),
            (&layer, &self.layer, 0o644),
        ];
        make_parent(archive)?;
        fs::write(archive, self::archive(files.into_iter())).map_err(TestbedError::file("write", archive))
    }
}

/// The image of the program that does nothing.
pub(crate) fn pause(program: &Path) -> Result<Image> {
    let program = fs::read(program).map_err(TestbedError::file("read", program))?;
    let config = json!({"Entrypoint": ["/pause"], "User": "65535:65535"});
    Ok(Image::new(PAUSE.to_owned(), &[("pause", &program, 0o755)], &config))
}

/// The same files give the same bytes: no times, no owners.
fn archive<'a>(files: impl Iterator<Item = (&'a str, &'a [u8], u32)>) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, contents, mode) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(contents.len() as u64);
        header.set_mode(mode);
        // Neither a write to memory nor these short paths can fail.
        let _infallible = archive.append_data(&mut header, path, contents);
    }
    archive.into_inner().unwrap_or_default()
}

fn digest(contents: &[u8]) -> String {
    format!("sha256:{}", sha256(contents))
}

fn descriptor(media_type: &str, contents: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": digest(contents), "size": contents.len()})
}

fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" }
}

fn stripped(binary: &Path) -> Result<Vec<u8>> {
    File::open(binary).map_err(TestbedError::file("open", binary))?;
    static COPIES: AtomicU32 = AtomicU32::new(0);
    let number = COPIES.fetch_add(1, Ordering::Relaxed);
    let copy = workspace().join(format!("target/testbed/stripped-{}-{number}", std::process::id()));
    make_parent(&copy)?;
    let mut strip = Command::new("strip");
    strip.arg("-o").arg(&copy).arg(binary);
    let program = match interrupt::run(&mut strip, "strip the binary") {
        Ok(_) => copy.as_path(),
        Err(TestbedError::Interrupted) => return Err(TestbedError::Interrupted),
        Err(_) => binary,
    };
    let contents = fs::read(program).map_err(TestbedError::file("read", program));
    let _never_made = fs::remove_file(&copy);
    contents
}
