//! A request's progress on the standard error output.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use sc_engine::Progress;

/// Plain lines, for logs and pipes.
#[derive(Default)]
pub(super) struct Plain(Mutex<Option<(String, Instant)>>);

impl Progress for Plain {
    fn begin(&self, number: usize, total: usize, title: &str) {
        set(&self.0, format!("[{number}/{total}] {title}"));
    }

    fn note(&self, text: &str) {
        eprintln!("      {text}");
    }

    fn end(&self, detail: &str) {
        if let Some((title, took)) = take(&self.0) {
            eprintln!("{title}: {detail} ({:.1} s)", took.as_secs_f32());
        }
    }
}

/// One line that turns while a step runs, and stays when it ended.
pub(super) struct Moving {
    bar: ProgressBar,
    step: Mutex<Option<(String, Instant)>>,
}

impl Moving {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        Self { bar, step: Mutex::default() }
    }
}

impl Progress for Moving {
    fn begin(&self, number: usize, total: usize, title: &str) {
        let title = format!("[{number}/{total}] {title}");
        self.bar.reset_elapsed();
        self.bar.set_message(title.clone());
        self.bar.enable_steady_tick(Duration::from_millis(100));
        set(&self.step, title);
    }

    fn note(&self, text: &str) {
        self.bar.println(format!("      {text}"));
    }

    fn end(&self, detail: &str) {
        if let Some((title, took)) = take(&self.step) {
            self.bar.println(format!("{title}: {detail} ({:.1} s)", took.as_secs_f32()));
        }
        self.bar.disable_steady_tick();
    }
}

impl Drop for Moving {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

type Step = Mutex<Option<(String, Instant)>>;

fn set(step: &Step, title: String) {
    if let Ok(mut step) = step.lock() {
        *step = Some((title, Instant::now()));
    }
}

fn take(step: &Step) -> Option<(String, Duration)> {
    let (title, begun) = step.lock().ok()?.take()?;
    Some((title, begun.elapsed()))
}
