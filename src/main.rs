//! The binary: command line -> settings -> command.

/// Returns memory to the system sooner than glibc's allocator and is faster (docs/PERFORMANCE.md).
#[cfg(feature = "ssr")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(feature = "ssr")]
fn main() -> std::process::ExitCode {
    tallyboard::cli::run()
}

/// The browser's side is the library; cargo needs a main function all the same.
#[cfg(not(feature = "ssr"))]
fn main() {}
