//! The binary `sc`: parse, call, print. Nothing is decided here.

mod arguments;
mod commands;
mod interactive;
mod interview;
mod output;
mod secret_input;

use std::process::ExitCode;
use std::time::Duration;

use arguments::{Command, Invocation};
use interactive::stopped;
use output::Printer;
use sc_model::{Failure, FailureCode, Result};

fn main() -> ExitCode {
    let invocation = arguments::parse();
    let printer = Printer::new(invocation.global.output, invocation.global.quiet);
    start_log(&invocation);
    match run(invocation, &printer) {
        Ok(code) => code,
        Err(failure) => {
            printer.failure(&failure);
            ExitCode::from(u8::try_from(failure.code.exit_code() as i32).unwrap_or(1))
        }
    }
}

fn run(invocation: Invocation, printer: &Printer) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::local("can't start", error))?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            // What was stopped knows best what that means.
            biased;
            outcome = carry_out(invocation, printer) => outcome,
            () = stopped() => Err(Failure::new(FailureCode::Interrupted, "stopped before the end")),
        }
    });
    // A name that is still being looked up holds a thread that nothing can cancel; nobody waits for it.
    runtime.shutdown_background();
    outcome
}

async fn carry_out(invocation: Invocation, printer: &Printer) -> Result<ExitCode> {
    let Invocation { global, command } = invocation;
    match command {
        Command::Connection(command) => {
            let command = interview::complete(&global, command, printer).await?;
            within(command.limit(), commands::connection::run(&global, command, printer)).await
        }
        Command::Extension(command) => {
            within(command.limit(), commands::extension::run(&global, command, printer)).await
        }
        Command::Operator(options) => commands::roles::operator(&options).await,
        Command::Job(options) => commands::roles::job(&options).await,
        Command::Probe => commands::roles::probe().await,
        Command::SampleJob => commands::roles::sample_job().await,
        Command::WriteSecret { namespace, name } => commands::roles::write_secret(&namespace, &name).await,
        Command::Completion { shell } => arguments::print_completion(shell),
        Command::Man { directory } => arguments::write_man_pages(&directory),
    }
}

/// Ends a command whose time is over even where the API server took a request and never answers it. Each step keeps its
/// own time and says more, so this leaves them some seconds to do so.
async fn within(limit: Duration, command: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    tokio::time::timeout(limit + Duration::from_secs(8), command).await.unwrap_or_else(|_| {
        Err(Failure::new(
            FailureCode::TimedOut,
            format!("the command didn't end within {} s", limit.as_secs()),
        )
        .because("the API server took a request and didn't answer it"))
    })
}

/// The log is for operators of the extension and for `-v`; what a person is to see goes through the printer.
fn start_log(invocation: &Invocation) {
    let level = match (&invocation.command, invocation.global.verbose) {
        (Command::Operator(_) | Command::Job(_), false) => "info",
        (_, true) => "debug",
        (_, false) => "off",
    };
    let filter = std::env::var("SC_LOG").unwrap_or_else(|_| level.to_owned());
    let filter = tracing_subscriber::EnvFilter::new(format!("{filter},kube_client=off,hyper=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(false)
        .init();
}
