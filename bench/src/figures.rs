//! The table: figure, floor, ratio, limit, and whether it held.

use std::path::Path;

use serde::Serialize;

use crate::Result;

/// One measured figure.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figure {
    name: &'static str,
    /// What was measured, in `unit`.
    measured: f64,
    /// What it is measured against, in `unit`; the limit itself where that is a fixed number.
    floor: f64,
    unit: &'static str,
    /// `measured / floor`.
    ratio: f64,
    /// The largest ratio that holds.
    limit: f64,
    held: bool,
    /// How it came about: the single runs, the parts of a floor.
    note: String,
}

/// All figures of a run.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Figures(Vec<Figure>);

impl Figures {
    /// Notes a figure against its floor and the largest ratio that holds.
    pub(crate) fn note(
        &mut self,
        name: &'static str,
        unit: &'static str,
        measured: f64,
        floor: f64,
        limit: f64,
        note: String,
    ) {
        let ratio = measured / floor;
        let figure = Figure { name, measured, floor, unit, ratio, limit, held: ratio <= limit, note };
        eprintln!("{}", line(&figure));
        self.0.push(figure);
    }

    /// The table for people.
    pub(crate) fn table(&self) -> String {
        let head = format!(
            "{:<44} {:>10} {:>10} {:>7} {:>7}  held\n",
            "figure", "measured", "floor", "ratio", "limit"
        );
        let lines: String = self.0.iter().map(|figure| format!("{}\n", line(figure))).collect();
        let notes: String =
            self.0.iter().map(|figure| format!("  {}: {}\n", figure.name, figure.note)).collect();
        format!("\n{head}{lines}\n{notes}")
    }

    /// The same as JSON.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        Ok(std::fs::write(path, serde_json::to_string_pretty(self)?)?)
    }
}

fn line(figure: &Figure) -> String {
    let held = if figure.held { "yes" } else { "MISSED" };
    let with_unit = |value: f64| format!("{value:.2} {}", figure.unit);
    format!(
        "{:<44} {:>10} {:>10} {:>7.2} {:>7.2}  {held}",
        figure.name,
        with_unit(figure.measured),
        with_unit(figure.floor),
        figure.ratio,
        figure.limit
    )
}

/// The middle of some runs.
pub(crate) fn median(runs: &[f64]) -> f64 {
    let mut sorted = runs.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Some runs as a note.
pub(crate) fn runs(runs: &[f64]) -> String {
    runs.iter().map(|run| format!("{run:.2}")).collect::<Vec<_>>().join(" ")
}
