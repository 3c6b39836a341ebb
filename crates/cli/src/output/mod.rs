//! The one place that prints: results to the standard output, everything else to the standard error output.

mod progress;
mod table;
pub(crate) mod view;

use std::cell::RefCell;
use std::io::{IsTerminal as _, Write as _};

use sc_engine::{Plan, Progress};
use sc_model::{Failure, Outcome, Report, Result};
use serde::Serialize;

use crate::arguments::OutputFormat;
pub(crate) use table::Rows;

/// Prints in the format that was asked for.
pub(crate) struct Printer {
    format: OutputFormat,
    quiet: bool,
    announced: RefCell<String>,
}

impl Printer {
    pub(crate) fn new(format: OutputFormat, quiet: bool) -> Self {
        Self { format, quiet, announced: RefCell::default() }
    }

    /// Prints a result: rows for people and `cut`, the whole of it as JSON or YAML.
    pub(crate) fn result<T: Serialize + Rows>(&self, result: &T) -> Result<()> {
        let text = match self.format {
            OutputFormat::Json => format!("{}\n", serde_json::to_string_pretty(result).map_err(unprintable)?),
            OutputFormat::Yaml => serde_yaml_ng::to_string(result).map_err(unprintable)?,
            OutputFormat::Table => table::aligned(result),
            OutputFormat::Tsv => table::tab_separated(result),
        };
        self.out(&text)
    }

    /// Prints text that goes into a person's own files, whatever the format.
    pub(crate) fn text(&self, text: &str) -> Result<()> {
        self.out(text)
    }

    /// Prints a sentence for people; formats for programs have it in their result.
    pub(crate) fn say(&self, sentence: &str) {
        if self.format == OutputFormat::Table && !self.quiet {
            anstream::eprintln!("{sentence}");
        }
    }

    /// Prints a warning, whatever the format.
    pub(crate) fn warn(&self, failure: &Failure) {
        explain("warning", failure);
    }

    /// Prints a failure for people, or as JSON where JSON was asked for.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.format == OutputFormat::Json {
            let body = serde_json::json!({"error": failure});
            anstream::eprintln!("{body:#}");
        } else {
            explain("error", failure);
        }
    }

    /// Prints a plan, or its JSON.
    pub(crate) fn plan(&self, plan: &Plan) -> Result<()> {
        match self.format {
            OutputFormat::Table => self.out(&plan_text(plan)),
            _ => self.result(&view::PlanView(plan)),
        }
    }

    /// Shows the plan before it is carried out; one that a person has seen already isn't shown again.
    pub(crate) fn announce(&self, plan: &Plan) {
        if self.format == OutputFormat::Table && !self.quiet {
            let text = plan_text(plan);
            if *self.announced.borrow() != text {
                anstream::eprint!("{text}");
            }
            self.announced.replace(text);
        }
    }

    /// Prints what a validation found, for people.
    pub(crate) fn report(&self, report: &Report) {
        if self.format == OutputFormat::Table && !self.quiet {
            anstream::eprint!("{}", report_text(report));
        }
    }

    /// Who is told of a request's progress: a line that moves on a terminal, plain lines elsewhere.
    pub(crate) fn progress(&self) -> Box<dyn Progress> {
        if self.quiet {
            Box::new(sc_engine::Silent)
        } else if std::io::stderr().is_terminal() {
            Box::new(progress::Moving::new())
        } else {
            Box::new(progress::Plain::default())
        }
    }

    fn out(&self, text: &str) -> Result<()> {
        match anstream::stdout().write_all(text.as_bytes()) {
            // The reader has seen enough (`sc … | head`).
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            outcome => outcome.map_err(|error| Failure::local("can't print the result", error)),
        }
    }
}

fn unprintable(error: impl std::fmt::Display) -> Failure {
    Failure::local("can't print the result", error)
}

fn explain(what: &str, failure: &Failure) {
    anstream::eprintln!("{what}: {}", failure.message);
    if let Some(cause) = &failure.cause {
        anstream::eprintln!("  cause:  {cause}");
    }
    // A remedy may be lines to add to a manifest.
    anstream::eprintln!("  remedy: {}", failure.remedy.replace('\n', "\n          "));
    anstream::eprintln!("  code:   {}", failure.code);
}

fn plan_text(plan: &Plan) -> String {
    let line = |planned: &sc_engine::PlannedStep| {
        let mark = if planned.is_done { "=" } else { "+" };
        format!("  {mark} {:<13} {}\n", planned.step.title(), planned.says)
    };
    format!("Plan (+ to do, = there already):\n{}", plan.steps.iter().map(line).collect::<String>())
}

/// A validation as lines: mark, question, answer, time; cause and remedy below a failure.
pub(crate) fn report_text(report: &Report) -> String {
    let mut text = String::new();
    for check in &report.checks {
        let mark = match check.outcome {
            Outcome::Passed => "ok",
            Outcome::Failed => "FAILED",
            Outcome::Skipped => "-",
        };
        text += &format!("  {:<8} {mark:<7} {} ({} ms)\n", check.name, check.detail, check.milliseconds);
        for (title, detail) in [("cause", &check.cause), ("remedy", &check.remedy)] {
            if let Some(detail) = detail {
                text += &format!("                   {title}: {detail}\n");
            }
        }
    }
    text
}
