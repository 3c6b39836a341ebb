//! A list that a person chooses from.

use std::fmt;

use inquire::Select;
use sc_catalog::Service;
use sc_model::{ClientType, Result};

use super::terminal::Terminal;

/// What a person is told below a list.
const CHOOSING: &str = "type to filter, arrows to move, Enter to choose";
/// How many lines of a list are shown at once.
const PAGE: usize = 12;

/// A line of a list.
pub(super) struct Choice<T> {
    value: T,
    /// What the answer shows.
    name: String,
    about: String,
    /// Other names that find it.
    also: String,
    /// How wide the names of the list are.
    width: usize,
}

impl<T> Choice<T> {
    pub(super) fn new(value: T, name: impl Into<String>, about: impl Into<String>) -> Self {
        Self { value, name: name.into(), about: about.into(), also: String::new(), width: 0 }
    }

    /// How well it fits what was typed: best at the name's beginning, else each word somewhere in it, at least the letters in
    /// their order (`pgflex`).
    fn score(&self, typed: &str) -> Option<i64> {
        let (typed, name) = (typed.trim().to_lowercase(), self.name.to_lowercase());
        let all = format!("{name} {} {}", self.about, self.also).to_lowercase();
        if name == typed {
            Some(4)
        } else if name.starts_with(&typed) {
            Some(3)
        } else if name.contains(&typed) {
            Some(2)
        } else if typed.split_whitespace().all(|word| all.contains(word)) {
            Some(1)
        } else {
            let mut letters = name.chars();
            let begins = name.chars().next() == typed.chars().next();
            (begins && typed.chars().all(|letter| letters.any(|other| other == letter))).then_some(0)
        }
    }
}

impl<T> fmt::Display for Choice<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.about.is_empty() {
            return formatter.write_str(&self.name);
        }
        write!(formatter, "{:<width$}  {}", self.name, self.about, width = self.width)
    }
}

/// A target service to choose.
pub(super) fn target(service: &'static Service) -> Choice<&'static Service> {
    let also = service.aliases().join(" ");
    Choice { also, ..Choice::new(service, service.name(), service.title()) }
}

/// A client type to choose.
pub(super) fn client(client: ClientType) -> Choice<ClientType> {
    let about = match client {
        ClientType::None => "no library: the values one by one",
        ClientType::Dotnet => ".NET",
        ClientType::Java => "Java with JDBC",
        ClientType::Python => "Python",
        ClientType::Nodejs => "Node.js",
        ClientType::Go => "Go",
        ClientType::Php => "PHP",
        ClientType::Ruby => "Ruby",
        ClientType::SpringBoot => "Spring Boot",
        ClientType::KafkaSpringBoot => "Spring Boot with the Kafka binder",
        ClientType::Django => "Django",
    };
    Choice::new(client, client.name(), about)
}

/// Lets a person choose; a list of one has no question.
pub(super) async fn choose<T: Send + 'static>(
    terminal: &Terminal,
    message: &'static str,
    mut choices: Vec<Choice<T>>,
    start: usize,
) -> Result<T> {
    if choices.len() == 1
        && let Some(only) = choices.pop()
    {
        return Ok(only.value);
    }
    let width = choices.iter().map(|choice| choice.name.chars().count()).max().unwrap_or_default();
    for choice in &mut choices {
        choice.width = width;
    }
    let prompt = move || {
        Select::new(message, choices)
            .with_starting_cursor(start)
            .with_page_size(PAGE)
            .with_help_message(CHOOSING)
            .with_scorer(&|typed, choice, _, _| choice.score(typed))
            .with_formatter(&|chosen| chosen.value.name.clone())
            .prompt()
    };
    Ok(terminal.prompt(prompt).await?.value)
}

#[cfg(test)]
mod tests {
    use sc_catalog::Catalog;

    use super::*;

    #[test]
    fn what_is_typed_finds_names_titles_and_aliases() {
        let services = Catalog::builtin().services().iter().map(target);
        let found = |typed: &str| -> Vec<String> {
            let mut found: Vec<_> =
                services.clone().filter_map(|choice| Some((choice.score(typed)?, choice.name))).collect();
            found.sort_by_key(|(score, _)| -score);
            found.into_iter().map(|(_, name)| name).collect()
        };
        assert_eq!(found("postgres")[0], "postgres");
        assert!(found("neon").contains(&"neon-postgres".to_owned()));
        assert!(found("azure flex").contains(&"mysql-flexible".to_owned()));
        assert_eq!(found("pgflex"), ["postgres-flexible"]);
        assert_eq!(found("no such thing"), Vec::<String>::new());
    }
}
