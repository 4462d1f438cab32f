//! The binary: command line -> settings -> command.

#[cfg(feature = "ssr")]
mod cli;

#[cfg(feature = "ssr")]
fn main() -> std::process::ExitCode {
    cli::run()
}

/// The browser's side is a library; cargo wants a main all the same.
#[cfg(not(feature = "ssr"))]
fn main() {}
