//! `sc connection create`, with a target service or, for a person who is to be asked, without one.

use std::time::Duration;

use clap::{ArgMatches, Args, Command, FromArgMatches};
use sc_model::{Failure, FailureCode, Result};

use super::create::CreateArguments;
use crate::interview::Preview;

/// A create as far as the command line says it.
#[derive(Debug, Clone)]
pub(crate) struct CreateCommand {
    /// `None` where no target was named.
    pub(crate) arguments: Option<CreateArguments>,
    /// What a person who was asked sees before anything is done.
    pub(crate) preview: Option<Preview>,
}

impl CreateCommand {
    /// How long it may take.
    pub(crate) fn limit(&self) -> Duration {
        let own = self.arguments.as_ref().map_or(super::READ_LIMIT, |arguments| arguments.request.timeout);
        // A person may take a while to look at a preview.
        if self.preview.is_some() { own + super::QUESTION_LIMIT } else { own }
    }

    /// The request, or that there is none.
    pub(crate) fn said(self) -> Result<(CreateArguments, Option<Preview>)> {
        let missing = || {
            Failure::new(FailureCode::MissingOption, "the target service is missing").remedied_by(
                "Name one: `sc connection create TARGET …`. `sc connection list-support-types` lists them, and \
                 `sc connection create TARGET --help` the options of one.",
            )
        };
        Ok((self.arguments.ok_or_else(missing)?, self.preview))
    }
}

impl Args for CreateCommand {
    fn augment_args(command: Command) -> Command {
        CreateArguments::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        CreateArguments::augment_args_for_update(command)
    }
}

impl FromArgMatches for CreateCommand {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let arguments =
            matches.subcommand().map(|_| CreateArguments::from_arg_matches(matches)).transpose()?;
        Ok(Self { arguments, preview: None })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
