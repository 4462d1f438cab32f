//! Tasks: creating, changing, completing, listing them.

pub mod bulk;
mod date_figures;
pub mod day_words;
pub mod due_letter;
pub mod due_words;
mod events;
pub mod filters;
pub mod imported;
mod lists;
mod proof;
mod query;
mod search;
mod search_words;
pub mod service;
mod store;
#[cfg(test)]
mod store_test;
mod task_row;
pub mod time_words;
pub mod trash;

pub use due_words::listed_due;
pub use proof::Manageable;
