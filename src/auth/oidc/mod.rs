//! Signing in with an account of another service: its pages and redirects.

pub mod page;
pub mod redirects;
