//! The probe's role: reads what the workload would read, tries it, and leaves a report.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sc_catalog::Catalog;
use sc_cluster::probe::SPECIFICATION;
use sc_model::{
    Check, CheckName, Failure, FailureCode, Outcome, Report, Result, SecretValue, ServiceConnectionSpec,
};

/// Where Kubernetes takes a container's last words from.
const TERMINATION_LOG: &str = "/dev/termination-log";
/// The most that Kubernetes keeps of them, in bytes.
const TERMINATION_LIMIT: usize = 4096;
/// How long the target may take for everything.
const TARGET_LIMIT: Duration = Duration::from_secs(20);

/// Runs the probe in its pod: the connection from the environment, the report into the termination log.
pub async fn run() -> Result<Report> {
    let text = std::env::var(SPECIFICATION).map_err(|_| {
        Failure::new(FailureCode::MissingOption, format!("the environment has no `{SPECIFICATION}`"))
            .because("`sc probe` runs in the pod that `sc connection validate` makes")
    })?;
    let spec: ServiceConnectionSpec = serde_json::from_str(&text).map_err(|error| {
        Failure::new(FailureCode::InvalidConnection, "the connection can't be read").because(error)
    })?;
    let environment: BTreeMap<_, _> =
        std::env::vars().map(|(key, value)| (key, SecretValue::new(value))).collect();
    let report = examine(&spec, &environment).await?;
    let said = shortened(&report)?;
    std::fs::write(TERMINATION_LOG, said).map_err(|error| Failure::local("can't leave the report", error))?;
    Ok(report)
}

/// Checks the workload's environment against the connection, then the target with what the environment holds.
pub async fn examine(
    spec: &ServiceConnectionSpec,
    environment: &BTreeMap<String, SecretValue>,
) -> Result<Report> {
    let begun = Instant::now();
    let resolved = Catalog::builtin().resolve(spec)?;
    let keys = resolved.keys().len();
    let secret = match resolved.recover_secret(environment) {
        Ok(secret) => secret,
        Err(failure) => return Ok(Report { checks: vec![secret_check(begun, Err(failure))] }),
    };
    let mut checks = vec![secret_check(
        begun,
        Ok(format!("{keys} variable{}, as the connection says", if keys == 1 { "" } else { "s" })),
    )];
    let request = crate::target::request(spec, &resolved, secret, TARGET_LIMIT)?;
    match request {
        Some(request) => checks.extend(sc_probe::probe(&request).await.checks),
        None => checks.push(Check {
            name: CheckName::SignIn,
            outcome: Outcome::Skipped,
            detail: format!("it isn't known where {} is, so nothing was tried", resolved.service().title()),
            code: None,
            cause: None,
            remedy: None,
            milliseconds: 0,
        }),
    }
    Ok(Report { checks })
}

fn secret_check(begun: Instant, found: Result<String>) -> Check {
    let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let name = CheckName::Secret;
    match found {
        Ok(detail) => Check {
            name,
            outcome: Outcome::Passed,
            detail,
            code: None,
            cause: None,
            remedy: None,
            milliseconds,
        },
        Err(failure) => Check {
            name,
            outcome: Outcome::Failed,
            detail: failure.message,
            code: Some(failure.code),
            cause: failure.cause,
            remedy: Some(failure.remedy),
            milliseconds,
        },
    }
}

/// The report as JSON, with long details cut so that it fits.
fn shortened(report: &Report) -> Result<String> {
    let mut report = report.clone();
    for limit in [1000, 300, 100] {
        for check in &mut report.checks {
            let texts = [Some(&mut check.detail), check.cause.as_mut(), check.remedy.as_mut()];
            texts.into_iter().flatten().for_each(|text| cut(text, limit));
        }
        let said = serde_json::to_string(&report)
            .map_err(|error| Failure::local("can't write down the report", error))?;
        if said.len() <= TERMINATION_LIMIT {
            return Ok(said);
        }
    }
    Err(Failure::new(FailureCode::ProbeFailed, "the report is too long for the pod's termination message"))
}

fn cut(text: &mut String, limit: usize) {
    if text.chars().count() > limit {
        *text = text.chars().take(limit).chain(['…']).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_report_still_fits_into_a_termination_message() {
        let check = secret_check(
            Instant::now(),
            Err(Failure::new(FailureCode::SecretDrifted, "ä".repeat(5000)).because("x".repeat(9000))),
        );
        let said = shortened(&Report { checks: vec![check; 6] }).unwrap();
        assert!(said.len() <= TERMINATION_LIMIT);
        assert_eq!(serde_json::from_str::<Report>(&said).unwrap().checks.len(), 6);
    }
}
