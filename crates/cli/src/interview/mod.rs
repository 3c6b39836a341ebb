//! `sc connection create` for a person at a terminal: asks for what the command line leaves open.
//!
//! An answer becomes words of the command line, which is read again: what was asked for and what was typed go one way,
//! and the command that is shown at the end does the same. [`draft`] decides what is asked, without a terminal;
//! [`ask`] asks it. Secrets alone stay outside of the words.

mod answer;
mod ask;
mod choice;
mod command_line;
mod draft;
mod preview;
mod terminal;

use std::time::Duration;

use sc_cluster::Cluster;
use sc_model::{Failure, Result};

pub(crate) use preview::Preview;

use crate::arguments::{Command, ConnectionCommand, CreateCommand, Global, parse_words, program_name};
use crate::interactive::stopped;
use crate::output::Printer;
use ask::{Namespaces, ask};
use command_line::CommandLine;
use draft::{Draft, Question};
use terminal::Terminal;

/// How long the cluster may take to list its namespaces; without an answer, one is typed.
const LIST_LIMIT: Duration = Duration::from_secs(3);

/// Asks for what a create lacks, where it lacks something and somebody is there to answer. Other commands pass.
pub(crate) async fn complete(
    global: &Global,
    command: ConnectionCommand,
    printer: &Printer,
) -> Result<ConnectionCommand> {
    match command {
        ConnectionCommand::Create(create) if terminal::is_attended(global) => {
            let draft = Draft::new(create.arguments.clone());
            if draft.is_complete()? {
                return Ok(ConnectionCommand::Create(create));
            }
            draft.check_given()?;
            interview(global, draft, printer).await
        }
        other => Ok(other),
    }
}

async fn interview(global: &Global, mut draft: Draft, printer: &Printer) -> Result<ConnectionCommand> {
    let terminal = Terminal::take()?;
    let mut line = CommandLine::of_this_program();
    printer.say("Something is missing; Esc or Ctrl-C stops, and nothing is changed.\n");
    while let Some(question) = draft.next()? {
        let namespaces = match question {
            Question::Namespace => namespaces(global).await?,
            _ => Namespaces::default(),
        };
        let answer = ask(&terminal, question, &draft, namespaces).await?;
        line.extend(&answer.words);
        draft.learn(answer, read(&line)?.arguments);
    }
    line.extend(&draft.last_words()?);
    let mut create = read(&line)?;
    if let Some(arguments) = &mut create.arguments {
        create.preview = Some(Preview::show(arguments, &line.shown(program_name()), printer)?);
        draft.put_secrets(arguments);
    }
    Ok(ConnectionCommand::Create(Box::new(create)))
}

/// Reads the command line that the answers made.
fn read(line: &CommandLine) -> Result<CreateCommand> {
    match parse_words(line.words())?.command {
        Command::Connection(ConnectionCommand::Create(create)) => Ok(*create),
        other => Err(Failure::local("the answers make another command", format!("{other:?}"))),
    }
}

/// What there is to choose from, where the cluster tells.
async fn namespaces(global: &Global) -> Result<Namespaces> {
    let listing = async {
        let cluster = Cluster::connect(global.access()).await?;
        let usual = cluster.default_namespace().to_owned();
        Ok::<_, Failure>(match tokio::time::timeout(LIST_LIMIT, cluster.namespaces()).await {
            Ok(Ok(known)) => Namespaces { usual, known, why_unknown: None },
            Ok(Err(failure)) => Namespaces { usual, known: Vec::new(), why_unknown: Some(failure.message) },
            Err(_) => {
                let why = "the API server doesn't answer".to_owned();
                Namespaces { usual, known: Vec::new(), why_unknown: Some(why) }
            }
        })
    };
    tokio::select! {
        biased;
        // Whoever can't be reached now may be reached when it comes to that; a create tells it well.
        listed = listing => Ok(listed.unwrap_or_else(|failure| Namespaces {
            why_unknown: Some(failure.message),
            ..Namespaces::default()
        })),
        () = stopped() => Err(terminal::nothing_changed()),
    }
}
