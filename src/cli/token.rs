//! `tallyboard token`: personal tokens of any account, for the operator.

use clap::Subcommand;

use super::Failure;
use crate::server;
use tallyboard_base::config::Config;
use tallyboard_model::{
    auth::{NewPersonalToken, PersonalToken, TokenScope},
    id::TokenId,
};

#[derive(Subcommand)]
pub enum TokenCommand {
    /// Create a token and print its secret, which is shown only once
    Create {
        /// The email address of the account
        #[arg(long, value_name = "EMAIL")]
        user: String,
        /// What the token is for
        #[arg(long)]
        name: String,
        /// Let the token read and change nothing
        #[arg(long)]
        read_only: bool,
        /// How long it is valid: 1 to 366 [default: 90]
        #[arg(long, value_name = "DAYS")]
        expires_in_days: Option<u32>,
        /// Keep it valid until it is revoked
        #[arg(long, conflicts_with = "expires_in_days")]
        never_expires: bool,
    },
    /// List the tokens of an account that were not revoked
    List {
        /// The email address of the account
        #[arg(long, value_name = "EMAIL")]
        user: String,
    },
    /// Revoke a token; running servers refuse it within 5 seconds
    Revoke {
        /// The email address of the account
        #[arg(long, value_name = "EMAIL")]
        user: String,
        /// The id that `list` prints
        #[arg(long)]
        id: TokenId,
    },
}

/// Runs one of the commands.
pub async fn run(config: Config, command: TokenCommand) -> Result<(), Failure> {
    let app = server::build(config).await?;
    match command {
        TokenCommand::Create { user, name, read_only, expires_in_days, never_expires } => {
            let scope = if read_only { TokenScope::Read } else { TokenScope::Write };
            let new =
                NewPersonalToken { name, scopes: scope.included(), expires_in_days, never_expires, password: None };
            let created = app.auth.create_token_as_operator(&user, new).await?;
            println!("{}", created.token);
        }
        TokenCommand::List { user } => {
            for token in app.auth.tokens_as_operator(&user).await? {
                println!("{}", line(&token));
            }
        }
        TokenCommand::Revoke { user, id } => {
            app.auth.revoke_token_as_operator(&user, id).await?;
            println!("Revoked");
        }
    }
    app.db.close().await;
    Ok(())
}

fn line(token: &PersonalToken) -> String {
    let scope = match token.scopes.iter().max() {
        Some(TokenScope::Write) => "read,write",
        Some(TokenScope::Read) => "read",
        _ => "calendar",
    };
    let day = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%d").to_string();
    let expires = token.expires_at.map_or("never".to_owned(), day);
    let used = token.last_used_at.map_or("never".to_owned(), day);
    let PersonalToken { id, prefix, name, .. } = token;
    format!("{id}  {prefix}…  {scope:<10}  expires {expires:<10}  last used {used:<10}  {name}")
}
