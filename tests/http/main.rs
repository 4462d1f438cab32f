//! Tests from outside: a real server process, HTTP, every test on SQLite and on PostgreSQL.
//! Each has a server and a database of its own, so they run in any order and side by side.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[macro_use]
mod support;

mod accounts;
mod architecture;
mod asking;
mod assistant;
mod assistant_failures;
mod audit;
mod backup;
mod bounds;
mod broken_backups;
mod build;
mod calendar;
mod chat;
mod clock_steps;
mod command_line;
mod commands;
mod copy;
mod days;
mod doctor;
mod documented;
mod endpoints;
mod errors;
mod export;
mod faults;
mod figures;
mod filters;
mod full_disk;
mod goals;
mod idempotency;
mod identities;
mod import;
mod import_tables;
mod invitations;
mod languages;
mod layers;
mod limits;
mod live;
mod mail;
mod mailed_invitations;
mod mcp;
mod mcp_tools;
mod memory;
mod migrations;
mod notifications;
mod oauth;
mod oauth_attacks;
mod openapi;
mod operator;
mod outage;
mod packaging;
mod pages;
mod passkeys;
mod personal_tokens;
mod plans;
mod postgres;
mod quick_add;
mod recent_password;
mod row_level_security;
mod rows;
mod search;
mod security_log;
mod shares;
mod statistics;
mod strangers;
mod tasks;
mod teams;
mod together;
mod tokens;
mod told;
mod two_step;
mod unchecked_text;
