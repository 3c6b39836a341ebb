//! Secret values, in a type that can't be printed, compared by accident or serialised.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A password, key or connection string. Formatting it shows `[secret]`; its memory is wiped when it is dropped.
#[derive(Clone, Default)]
pub struct SecretValue(SecretString);

impl SecretValue {
    /// Takes a value in; from here on only [`SecretValue::expose`] gives it back.
    pub fn new(value: impl Into<String>) -> Self {
        Self(SecretString::from(value.into()))
    }

    /// The value itself: for the wire and for rendering a binding, never for a message.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

impl From<String> for SecretValue {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_value_does_not_print_itself() {
        assert_eq!(format!("{:?}", SecretValue::new("canary")), "[secret]");
    }
}
