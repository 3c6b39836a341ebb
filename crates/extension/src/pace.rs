//! When the next sc-job may start: at once for what is new, with growing patience for what failed.

use std::time::{Duration, Instant};

use sc_cluster::extension::JobState;

/// The first wait before a failed connection is tried again, doubled each time.
const FIRST_RETRY: Duration = Duration::from_secs(15);
/// The longest wait before a failed connection is tried again.
const LONGEST_RETRY: Duration = Duration::from_secs(300);
/// The first wait after a Job that ended without dealing with what was pending: its pod was killed or crashed.
const FIRST_RESTART: Duration = Duration::from_secs(1);
/// The longest of these waits.
const LONGEST_RESTART: Duration = Duration::from_secs(30);
/// How long nothing is started after somebody else removed the Job. Helm does so just before it makes its own, at every upgrade,
/// and fails where it finds another one then.
const AFTER_REMOVAL: Duration = Duration::from_secs(3);
/// Runs in a row that may succeed and still leave pending what was so when they began, because it changed again.
const QUICK_RUNS: u32 = 3;

/// What the operator does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Nothing before something changes, or before the instant.
    Wait(Option<Instant>),
    /// Remove the ended Job.
    Remove,
    /// Start a Job.
    Start,
}

/// What a run of the Job came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// No connection failed, and neither did the Job itself.
    pub(crate) succeeded: bool,
    /// What was pending when it began didn't stay so: it dealt with some of it at least, whatever arrived meanwhile.
    pub(crate) helped: bool,
    /// How many connections have failed and are to be tried again.
    pub(crate) later: usize,
}

/// Counts runs that didn't help.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    failed_retries: u32,
    failing: usize,
    idle_runs: u32,
    retry_at: Option<Instant>,
    start_at: Option<Instant>,
    removed_until: Option<Instant>,
}

impl Pace {
    /// Takes note that a Job ended.
    pub(crate) fn ended(&mut self, run: Ended, at: Instant) {
        if run.helped {
            self.idle_runs = 0;
            self.start_at = None;
        } else {
            self.idle_runs += 1;
            let is_quick = run.succeeded && self.idle_runs <= QUICK_RUNS;
            self.start_at = (!is_quick).then(|| at + doubled(FIRST_RESTART, self.idle_runs, LONGEST_RESTART));
        }
        let is_fresh = run.later > self.failing;
        let was_due = self.retry_at.is_none_or(|due| due <= at);
        self.failing = run.later;
        // A run for the sake of others that comes before the retry is due doesn't put the retry off.
        if run.succeeded || is_fresh || was_due {
            self.failed_retries = if run.succeeded || is_fresh { 1 } else { self.failed_retries + 1 };
            self.retry_at = Some(at + doubled(FIRST_RETRY, self.failed_retries, LONGEST_RETRY));
        }
    }

    /// Takes note that somebody else removed the Job.
    pub(crate) fn removed_by_others(&mut self, at: Instant) {
        self.removed_until = Some(at + AFTER_REMOVAL);
    }

    /// Decides, from how the Job stands and how many connections need one at once and after a while.
    pub(crate) fn decide(&self, job: &JobState, (now, later): (usize, usize), at: Instant) -> Action {
        let due = match (now, later) {
            (0, 0) => None,
            (0, _) => Some(self.retry_at.unwrap_or(at)),
            _ => Some(self.start_at.unwrap_or(at)),
        };
        match (job, due) {
            (JobState::Running, _) => Action::Wait(None),
            (JobState::Succeeded, _) => Action::Remove,
            (JobState::Absent | JobState::Failed { .. }, None) => Action::Wait(None),
            (_, Some(due)) if due > at => Action::Wait(Some(due)),
            (JobState::Failed { .. }, _) => Action::Remove,
            (JobState::Absent, _) if self.removed_until.is_some_and(|until| until > at) => {
                Action::Wait(self.removed_until)
            }
            (JobState::Absent, _) => Action::Start,
        }
    }
}

fn doubled(first: Duration, times: u32, longest: Duration) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(times.saturating_sub(1))).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Ended = Ended { succeeded: true, helped: true, later: 0 };
    const ONE_FAILED: Ended = Ended { succeeded: false, helped: true, later: 1 };
    const CRASHED: Ended = Ended { succeeded: false, helped: false, later: 0 };

    fn failed() -> JobState {
        JobState::Failed { cause: "exit code 1".to_owned() }
    }

    #[test]
    fn a_change_starts_the_job_at_once() {
        let at = Instant::now();
        assert_eq!(Pace::default().decide(&JobState::Absent, (1, 0), at), Action::Start);
    }

    #[test]
    fn what_arrives_while_the_job_runs_waits_for_its_end() {
        let at = Instant::now();
        assert_eq!(Pace::default().decide(&JobState::Running, (5, 0), at), Action::Wait(None));
    }

    #[test]
    fn a_failed_job_is_kept_until_the_next_run_is_due() {
        let (mut pace, at) = (Pace::default(), Instant::now());
        pace.ended(ONE_FAILED, at);
        assert_eq!(pace.decide(&failed(), (0, 1), at), Action::Wait(Some(at + FIRST_RETRY)));
        assert_eq!(pace.decide(&failed(), (0, 1), at + FIRST_RETRY), Action::Remove);
    }

    #[test]
    fn a_failing_connection_does_not_delay_another_one() {
        let (mut pace, at) = (Pace::default(), Instant::now());
        for _ in 0..10 {
            pace.ended(ONE_FAILED, at);
        }
        assert_eq!(pace.decide(&failed(), (1, 1), at), Action::Remove);
        assert_eq!(pace.decide(&JobState::Absent, (1, 1), at), Action::Start);
    }

    #[test]
    fn others_do_not_put_off_the_retry_of_a_failed_connection() {
        let (mut pace, at) = (Pace::default(), Instant::now());
        for second in 0..10 {
            pace.ended(ONE_FAILED, at + Duration::from_secs(second));
        }
        assert_eq!(pace.decide(&failed(), (0, 1), at), Action::Wait(Some(at + FIRST_RETRY)));
    }

    #[test]
    fn a_connection_that_stays_failed_is_tried_ever_more_slowly_and_a_fresh_one_soon() {
        let (mut pace, mut at) = (Pace::default(), Instant::now());
        for _ in 0..20 {
            pace.ended(ONE_FAILED, at);
            at += LONGEST_RETRY;
        }
        pace.ended(ONE_FAILED, at);
        assert_eq!(pace.decide(&failed(), (0, 1), at), Action::Wait(Some(at + LONGEST_RETRY)));
        pace.ended(Ended { later: 2, ..ONE_FAILED }, at);
        assert_eq!(pace.decide(&failed(), (0, 2), at), Action::Wait(Some(at + FIRST_RETRY)));
    }

    #[test]
    fn a_job_that_keeps_crashing_is_restarted_ever_more_slowly() {
        let (mut pace, at) = (Pace::default(), Instant::now());
        pace.ended(CRASHED, at);
        assert_eq!(pace.decide(&failed(), (1, 0), at), Action::Wait(Some(at + FIRST_RESTART)));
        for _ in 0..20 {
            pace.ended(CRASHED, at);
        }
        assert_eq!(pace.decide(&failed(), (1, 0), at), Action::Wait(Some(at + LONGEST_RESTART)));
    }

    #[test]
    fn who_removed_the_job_is_let_start_its_own() {
        let (mut pace, at) = (Pace::default(), Instant::now());
        pace.removed_by_others(at);
        pace.ended(WELL, at);
        let until = at + AFTER_REMOVAL;
        assert_eq!(pace.decide(&JobState::Absent, (1, 0), at), Action::Wait(Some(until)));
        assert_eq!(pace.decide(&JobState::Absent, (1, 0), until), Action::Start);
    }

    #[test]
    fn a_success_is_removed_and_waits_for_nothing() {
        let (mut pace, at) = (Pace::default(), Instant::now());
        pace.ended(WELL, at);
        assert_eq!(pace.decide(&JobState::Succeeded, (0, 0), at), Action::Remove);
        assert_eq!(pace.decide(&JobState::Absent, (0, 0), at), Action::Wait(None));
    }
}
