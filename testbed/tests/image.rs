//! The image of `sc` is the same, whoever makes it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test tells by a panic what went wrong")]

use std::collections::BTreeSet;
use std::fs;

use sc_testbed::{Image, SC_ENTRYPOINT, SC_ENVIRONMENT, SC_REPOSITORY, SC_USER, workspace};

/// What the last stage of the Dockerfile says after a word.
fn dockerfile(word: &str) -> Vec<String> {
    let text = fs::read_to_string(workspace().join("Dockerfile")).unwrap();
    let last = text.rfind("FROM scratch").expect("the image begins with nothing");
    let lines = text[last..].lines().filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
    lines.map(str::to_owned).collect()
}

#[test]
fn the_dockerfile_and_the_testbed_agree() {
    assert_eq!(dockerfile("USER"), [SC_USER]);
    let entrypoint: Vec<String> = serde_json::from_str(&dockerfile("ENTRYPOINT")[0]).unwrap();
    assert_eq!(entrypoint, SC_ENTRYPOINT);
    assert_eq!(dockerfile("ENV").join(" ").split(' ').collect::<Vec<_>>(), SC_ENVIRONMENT);
    assert_eq!(dockerfile("COPY"), ["--from=build /sc /sc", "testbed/image/passwd /etc/passwd"]);
    assert_eq!(dockerfile("CMD"), [""; 0]);
}

#[test]
fn the_image_knows_its_user() {
    let passwd = fs::read_to_string(workspace().join("testbed/image/passwd")).unwrap();
    assert!(passwd.lines().any(|line| line.starts_with(&format!("nonroot:x:{SC_USER}:"))), "{passwd}");
}

#[test]
fn the_same_binary_gives_the_same_image() {
    let binary = std::env::current_exe().unwrap();
    let (first, second) = (Image::of_sc(&binary).unwrap(), Image::of_sc(&binary).unwrap());
    assert_eq!(first.digest(), second.digest());
    assert_eq!(first.name(), second.name());
    let tag = first.name().strip_prefix(&format!("{SC_REPOSITORY}:")).unwrap();
    assert!(tag.len() == 12 && tag.bytes().all(|byte| byte.is_ascii_hexdigit()), "{tag}");
}

#[test]
fn the_archive_has_what_an_oci_archive_has() {
    let folder = workspace().join("target/testbed").join(format!("image-test-{}", std::process::id()));
    let file = folder.join("sc.tar");
    Image::of_sc(&std::env::current_exe().unwrap()).unwrap().write(&file).unwrap();
    let mut archive = tar::Archive::new(fs::File::open(&file).unwrap());
    let paths: BTreeSet<String> = archive
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().path().unwrap().display().to_string())
        .collect();
    fs::remove_dir_all(&folder).unwrap();
    assert!(paths.contains("oci-layout") && paths.contains("index.json"), "{paths:?}");
    assert_eq!(paths.iter().filter(|path| path.starts_with("blobs/sha256/")).count(), 3, "{paths:?}");
}
