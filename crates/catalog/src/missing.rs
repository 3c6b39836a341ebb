//! What a request lacks, so that a person is told all of it at once.

use sc_model::{Failure, FailureCode, Result};

use crate::file::{Parameter, Service};

/// What a request lacks, told all at once.
#[derive(Default)]
pub(crate) struct Missing {
    options: Vec<String>,
    fields: Vec<String>,
    remedies: Vec<String>,
}

impl Missing {
    pub(crate) fn add(&mut self, option: &str, field: &str) {
        self.options.push(format!("--{option}"));
        self.fields.push(field.to_owned());
        self.remedies.push(format!("--{option}"));
    }

    pub(crate) fn parameter(&mut self, service: &Service, parameter: &Parameter) {
        let shorts = service.shorts_of(parameter);
        if let Some(what_for) = shorts.first().and_then(|short| short.short_for()) {
            let short: Vec<_> = shorts.iter().map(|short| format!("--{}", short.option())).collect();
            self.options.push(format!("--{}", parameter.option()));
            self.fields.push(parameter.field());
            self.remedies.push(format!(
                "--{}, or {} for {what_for}",
                parameter.option(),
                short.join(" and ")
            ));
        } else if parameter.is_required() {
            self.add(parameter.option(), &parameter.field());
        }
        // Else it is a short way to say another parameter, or its default waits for one: that one is told of.
    }

    pub(crate) fn check(self, service: &Service) -> Result<()> {
        let [first, others @ ..] = self.remedies.as_slice() else { return Ok(()) };
        let also = if others.is_empty() { String::new() } else { format!("; also {}", others.join(" and ")) };
        Err(Failure::new(
            FailureCode::MissingOption,
            format!("the connection to {} needs {}", service.name(), self.options.join(", ")),
        )
        .because(format!("{} not given in the ServiceConnection", listed(&self.fields)))
        .remedied_by(format!("Give {first}{also}.")))
    }
}

fn listed(fields: &[String]) -> String {
    let verb = if fields.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", fields.join(", "))
}
