//! Results as rows: aligned columns as kubectl prints them, or tab-separated.

use tabled::builder::Builder;
use tabled::settings::{Padding, Style};

/// A result that can be shown as rows.
pub(crate) trait Rows {
    /// The columns' titles.
    fn header(&self) -> Vec<&'static str>;
    /// The rows, as long as the header.
    fn rows(&self) -> Vec<Vec<String>>;
}

pub(super) fn aligned(result: &impl Rows) -> String {
    let rows = result.rows();
    if rows.is_empty() {
        return String::new();
    }
    let mut builder = Builder::new();
    builder.push_record(result.header());
    rows.into_iter().for_each(|row| builder.push_record(row));
    let mut table = builder.build();
    table.with(Style::empty()).with(Padding::new(0, 3, 0, 0));
    table.to_string().lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

pub(super) fn tab_separated(result: &impl Rows) -> String {
    let line = |row: Vec<String>| {
        let cells: Vec<_> = row.iter().map(|cell| cell.replace(['\t', '\n'], " ")).collect();
        format!("{}\n", cells.join("\t"))
    };
    result.rows().into_iter().map(line).collect()
}
