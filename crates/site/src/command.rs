//! Running other programs, and saying what takes how long.

use std::{
    env, io,
    process::{Command, Output},
    sync::Mutex,
    thread,
    time::Instant,
};

use anyhow::{Context, Result, anyhow, bail};

/// Does a step and prints how long it took.
pub fn timed<T>(step: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    let result = work()?;
    println!("{:>5.1} s  {step}", start.elapsed().as_secs_f32());
    Ok(result)
}

/// The cargo that runs this program, or the one on PATH.
pub fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a program of node_modules or the system.
///
/// # Errors
/// With what the program wrote.
pub fn run(command: &mut Command) -> Result<Output> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| missing(&name, error))?;
    if !output.status.success() {
        let text = [output.stdout, output.stderr].concat();
        bail!("{name} failed ({}):\n{}", output.status, String::from_utf8_lossy(&text).trim());
    }
    Ok(output)
}

/// Runs a program that writes to the terminal itself.
pub fn run_visibly(command: &mut Command, what: &str) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| missing(&name, error))?;
    if status.success() { Ok(()) } else { bail!("{what} failed ({status}): see above") }
}

fn missing(name: &str, error: io::Error) -> anyhow::Error {
    if error.kind() == io::ErrorKind::NotFound {
        return anyhow!("{name} is not on PATH: `make setup` installs it, and make puts node_modules/.bin on PATH");
    }
    anyhow::Error::from(error).context(format!("{name} cannot be started"))
}

/// Does the same to many things, as many at once as there are cores.
pub fn for_each<T: Send>(things: impl IntoIterator<Item = T>, work: impl Fn(T) -> Result<()> + Sync) -> Result<()> {
    let queue = Mutex::new(things.into_iter().collect::<Vec<_>>());
    let next = || queue.lock().ok().and_then(|mut queue| queue.pop());
    let worker = || {
        while let Some(thing) = next() {
            work(thing)?;
        }
        Ok(())
    };
    let cores = thread::available_parallelism().context("the number of cores is unknown")?;
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores.get()).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| anyhow!("a worker panicked"))?)
    })
}
