//! The language of the work that is being done: of the page that is rendered, or of the letter that is written.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::task_local;

use super::Language;

/// The language of a task and of those that it has begun, as its place in [`ALL`].
type Shared = Arc<AtomicUsize>;

const ALL: [Language; 4] = [Language::English, Language::German, Language::Accented, Language::Mirrored];

task_local! {
    static CURRENT: Shared;
}

fn shared(language: Language) -> Shared {
    Arc::new(AtomicUsize::new(place(language)))
}

fn place(language: Language) -> usize {
    ALL.iter().position(|known| *known == language).unwrap_or_default()
}

/// Runs `work` in a language, which [`choose`] may change.
pub async fn scope<T>(language: Language, work: impl Future<Output = T>) -> T {
    CURRENT.scope(shared(language), work).await
}

/// Runs `work` in a language.
pub fn with<T>(language: Language, work: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(shared(language), work)
}

/// Lets a spawned task speak the language of this one, also when one of the two changes it. Outside of a [`scope`] the
/// task has none either: the API speaks English there, too.
pub fn in_current_scope<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let current = CURRENT.try_with(Arc::clone).ok();
    async move {
        match current {
            Some(current) => CURRENT.scope(current, work).await,
            None => work.await,
        }
    }
}

/// Goes on in another language, as the signed-in user has chosen. Outside of a [`scope`], as in the API, English stays.
pub fn choose(language: Language) {
    let _ = CURRENT.try_with(|current| current.store(place(language), Ordering::Relaxed));
}

/// The language of the work that is being done; English outside of a [`scope`].
pub fn current() -> Language {
    let current = CURRENT.try_with(|current| ALL.get(current.load(Ordering::Relaxed)).copied());
    current.ok().flatten().unwrap_or(Language::English)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_of_a_page_shares_its_language_and_one_of_the_api_stays_english() {
        let choose_german = || async {
            in_current_scope(async { choose(Language::German) }).await;
            current()
        };
        assert_eq!(scope(Language::English, choose_german()).await, Language::German);
        let of_api = in_current_scope(async {
            choose(Language::German);
            current()
        });
        assert_eq!(of_api.await, Language::English);
    }
}
