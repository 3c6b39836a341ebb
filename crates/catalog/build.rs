//! Checks every file of `catalog/` and packs them into one JSON text, which reads much faster than YAML at start.
//!
//! The vocabulary is included by its path: as a dependency, the model would bring Kubernetes' libraries into the
//! build script.
#![allow(dead_code, unreachable_pub, reason = "the shared modules hold more than the build script uses")]

use std::path::Path;
use std::{env, fs, io};

#[path = "src/about.rs"]
mod about;
#[path = "../model/src/failure.rs"]
mod failure;
#[path = "src/file.rs"]
mod file;
#[path = "../model/src/kind.rs"]
mod kind;
#[path = "src/mistakes/mod.rs"]
mod mistakes;
#[path = "../model/src/name.rs"]
mod name;
#[path = "src/template.rs"]
mod template;

use kind::{AuthType, ClientType};
use mistakes::Source;

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    println!("cargo::rerun-if-changed={}", root.display());

    let mut files = Vec::new();
    for entry in fs::read_dir(&root)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            println!("cargo::rerun-if-changed={}", path.display());
            files.push((file, fs::read_to_string(&path)?));
        }
    }
    // By the services' names, not the files': `mongodb` before `mongodb-atlas`.
    files.sort_by(|(one, _), (other, _)| one.trim_end_matches(".yaml").cmp(other.trim_end_matches(".yaml")));

    let sources: Vec<_> = files.iter().map(|(file, text)| Source { file, text }).collect();
    match mistakes::read_all(&sources) {
        Ok(services) => {
            let packed = Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("catalog.json");
            fs::write(packed, serde_json::to_string(&services)?)?;
        }
        // Each makes cargo fail, with nothing of the build script's own around it.
        Err(mistakes) => mistakes.iter().for_each(|mistake| println!("cargo::error={mistake}")),
    }
    Ok(())
}
