//! The REST API and the WebSocket, room by room.

pub mod audit;
pub mod auth;
pub mod blocks;
pub mod chat;
pub mod invitations;
pub mod live;
pub mod notifications;
pub mod received_invitations;
pub mod shares;
pub mod statistics;
pub mod tasks;
pub mod teams;
pub mod transfer;
