//! What a host is told while a request is carried out.

/// The listener of a request. All texts are for people; none holds a secret.
pub trait Progress: Sync {
    /// A step begins: its number, how many there are, and its title.
    fn begin(&self, number: usize, total: usize, title: &str);
    /// Something a waiting person wants to know, such as why it takes long.
    fn note(&self, text: &str);
    /// The step ended well.
    fn end(&self, detail: &str);
}

/// Tells nothing to nobody.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: usize, _: usize, _: &str) {}
    fn note(&self, _: &str) {}
    fn end(&self, _: &str) {}
}
