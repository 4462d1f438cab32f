//! The binary: command line -> settings -> command.

/// Returns memory to the system sooner than glibc's allocator and is faster (docs/PERFORMANCE.md).
#[cfg(feature = "ssr")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(feature = "ssr")]
fn main() -> std::process::ExitCode {
    tallyboard::cli::run(RELEASE)
}

/// `scripts/release.sh` compiles this file, and it alone, with what a release has inside.
#[cfg(all(feature = "ssr", site_embedded))]
const RELEASE: Option<tallyboard_base::release::Release> = Some(tallyboard_base::release::Release {
    site: include_bytes!(env!("TALLYBOARD_SITE_ARCHIVE")),
    commit: env!("TALLYBOARD_COMMIT"),
});
#[cfg(all(feature = "ssr", not(site_embedded)))]
const RELEASE: Option<tallyboard_base::release::Release> = None;

/// The browser's side is the library; cargo still needs a main function.
#[cfg(not(feature = "ssr"))]
fn main() {}
