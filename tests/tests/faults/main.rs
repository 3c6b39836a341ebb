//! Stories that disturb everybody, one at a time.
