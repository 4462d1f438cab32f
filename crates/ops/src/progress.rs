//! The progress of long work: a bar on a terminal, lines elsewhere, JSON objects for programs.

use std::{
    io::{IsTerminal, Write},
    sync::Mutex,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// How often to print a line about the progress.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Where progress is reported.
pub enum Progress {
    /// A bar with rate and time left.
    Bar(ProgressBar),
    /// A line at the beginning of each step, and every few seconds within it.
    Lines(Mutex<Step>),
    /// The same as one JSON object a line.
    Json(Mutex<Step>),
    /// Nowhere: work of the server itself.
    Silent,
}

/// The current step.
pub struct Step {
    name: String,
    total: u64,
    done: u64,
    started: Instant,
    printed: Instant,
}

impl Default for Step {
    fn default() -> Self {
        let now = Instant::now();
        Self { name: String::new(), total: 0, done: 0, started: now, printed: now }
    }
}

impl Progress {
    /// As the terminal, or its absence, suggests.
    pub fn new(json: bool) -> Self {
        match (json, std::io::stderr().is_terminal()) {
            (true, _) => Self::Json(Mutex::default()),
            (false, true) => Self::Bar(ProgressBar::new(0)),
            (false, false) => Self::Lines(Mutex::default()),
        }
    }

    /// Begins a step of `total` bytes or rows.
    pub fn step(&self, name: &str, total: u64, unit: Unit) {
        match self {
            Self::Bar(bar) => {
                let amount = match unit {
                    Unit::Bytes => "{bytes}/{total_bytes}  {bytes_per_sec}",
                    Unit::Rows => "{human_pos}/{human_len} rows  {per_sec}",
                };
                let template = format!("{{msg:<28}} {{bar:30}} {amount}  {{eta}} left");
                bar.set_style(ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar()));
                bar.reset();
                bar.set_length(total);
                bar.set_message(name.to_owned());
            }
            Self::Lines(step) | Self::Json(step) => {
                let mut step = lock(step);
                *step = Step { name: name.to_owned(), total, ..Step::default() };
                self.print(&step);
            }
            Self::Silent => {}
        }
    }

    /// Adds `done` to the step's progress.
    pub fn add(&self, done: u64) {
        match self {
            Self::Bar(bar) => bar.inc(done),
            Self::Lines(step) | Self::Json(step) => {
                let mut step = lock(step);
                step.done += done;
                if step.printed.elapsed() >= LINE_INTERVAL {
                    step.printed = Instant::now();
                    self.print(&step);
                }
            }
            Self::Silent => {}
        }
    }

    /// Sets the step's progress to `done`.
    pub fn set(&self, done: u64) {
        match self {
            Self::Bar(bar) => bar.set_position(done),
            Self::Lines(step) | Self::Json(step) => lock(step).done = done,
            Self::Silent => {}
        }
    }

    /// Everything is done.
    pub fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }

    // To stderr, so that stdout has the result alone. A closed stderr must not stop the work.
    fn print(&self, step: &Step) {
        let percent = (step.done * 100).checked_div(step.total).unwrap_or_default().min(100);
        let seconds = step.started.elapsed().as_secs_f64();
        let line = match self {
            Self::Json(_) => {
                let rate = if seconds > 0.0 { step.done as f64 / seconds } else { 0.0 };
                serde_json::json!({ "step": step.name, "done": step.done, "total": step.total, "per_second": rate.round() })
                    .to_string()
            }
            _ if step.done == 0 => step.name.clone(),
            _ => {
                let left = seconds * step.total.saturating_sub(step.done) as f64 / step.done as f64;
                format!("{}: {percent} %, {left:.0} s left", step.name)
            }
        };
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// The unit of a step.
#[derive(Clone, Copy)]
pub enum Unit {
    /// Bytes of a file.
    Bytes,
    /// Rows of a table.
    Rows,
}

fn lock(step: &Mutex<Step>) -> std::sync::MutexGuard<'_, Step> {
    step.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
