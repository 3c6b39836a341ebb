//! The fixture of the stories: a [`World`] with a real cluster, the real `sc`, and fresh namespaces.
//!
//! A story runs `sc`, `kubectl` and `helm` as a person does and reads what they print. Everything here hides how that is
//! done, never what is expected: a story's assertions stand in the story. It must not know the crates of the product, so
//! that a story can't pass by a shared mistake.

#![allow(clippy::expect_used, clippy::panic, reason = "a fixture tells by a panic what went wrong")]

mod call;
mod language;
mod patience;
mod place;
mod world;

pub use call::{Call, Said, Started};
pub use language::Language;
pub use patience::{SOON, eventually, eventually_within};
pub use place::Place;
pub use world::{Quiet, World, quiet_world, world};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Text as a Secret carries it.
pub fn encoded(text: &str) -> String {
    STANDARD.encode(text)
}

/// What a Secret carries, as text.
pub fn decoded(data: &str) -> String {
    String::from_utf8(decoded_bytes(data)).expect("the value is text")
}

/// What a Secret carries.
pub fn decoded_bytes(data: &str) -> Vec<u8> {
    STANDARD.decode(data).expect("the API server sends base64")
}
