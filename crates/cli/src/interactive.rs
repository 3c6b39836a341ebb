//! Questions to a person at the terminal.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use sc_model::{Failure, FailureCode, Result};

/// Runs something that waits for a person or a pipe, so that Ctrl-C ends it.
pub(crate) async fn patiently<T: Send + 'static>(
    wait: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(wait)
        .await
        .map_err(|error| Failure::local("can't wait for the input", error))?
}

/// Waits for Ctrl-C, or for what Kubernetes ends a pod with.
pub(crate) async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
}

/// Asks before something is destroyed. `--yes` answers for a pipe.
pub(crate) async fn confirm(question: String, is_confirmed: bool) -> Result<()> {
    if is_confirmed {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(FailureCode::MissingOption, format!("{question} Nobody is here to answer"))
            .because("the standard input is no terminal")
            .remedied_by("Give --yes to go ahead without being asked."));
    }
    patiently(move || ask(&question)).await
}

fn ask(question: &str) -> Result<()> {
    eprint!("{question} [y/N] ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::local("can't read the answer", error))?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::new(FailureCode::Interrupted, "nothing was changed")
            .remedied_by("Answer `y` to go ahead.")),
    }
}
