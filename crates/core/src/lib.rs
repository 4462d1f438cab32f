//! The rules: each room's service and, private to the room, its SQL.

pub mod app;
pub mod apps;
pub mod assets;
pub mod audit;
pub mod auth;
pub mod blocks;
pub mod chat;
pub mod invitations;
pub mod live;
pub mod mail;
pub mod mcp;
pub mod membership;
pub mod model;
pub mod notifications;
pub mod ops;
pub mod received_invitations;
pub mod shares;
pub mod statistics;
pub mod tasks;
pub mod teams;
pub mod transfer;
