//! `tallyboard user`: the accounts, for the operator.

use clap::Subcommand;

use super::Failure;
use crate::server;
use tallyboard_base::config::Config;
use tallyboard_core::auth::accounts::{Account, LinkDelivery};
use tallyboard_model::paths;

#[derive(Subcommand)]
pub enum UserCommand {
    /// List every account
    List {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Create an account and print the link by which its owner chooses a password; valid for an hour
    Add {
        /// The email address of the account
        email: String,
        /// The owner's name
        #[arg(long)]
        name: String,
        /// Where the owner's days begin, for example Europe/Berlin [default: UTC]
        #[arg(long, value_name = "ZONE")]
        time_zone: Option<String>,
    },
    /// Print a link by which the owner chooses a new password, once; valid for an hour
    ResetPassword {
        /// The email address of the account
        email: String,
    },
    /// Turn off two-step sign-in, for somebody who has lost their app and recovery codes
    EndTwoStep {
        /// The email address of the account
        email: String,
    },
    /// Disable an account: end its sessions, tokens and apps, and block sign-in; its data stays
    Disable {
        /// The email address of the account
        email: String,
    },
    /// Let the owner of a disabled account sign in again
    Enable {
        /// The email address of the account
        email: String,
    },
    /// Delete an account and all its data; its teams pass to a member
    Delete {
        /// The email address of the account
        email: String,
        /// Confirm the deletion; only a backup brings the account back
        #[arg(long)]
        yes: bool,
    },
}

/// Runs one of the commands.
pub async fn run(config: Config, command: UserCommand) -> Result<(), Failure> {
    let app = server::build(config).await?;
    let auth = &app.auth;
    match command {
        UserCommand::List { json } => {
            for account in auth.accounts().await? {
                println!("{}", if json { serde_json::to_string(&account)? } else { line(&account) });
            }
        }
        UserCommand::Add { email, name, time_zone } => {
            let user = auth.create_account(email, name, time_zone).await?;
            let secret = auth.create_password_link(user.id, LinkDelivery::Operator).await?;
            print_link(&app.config, &secret);
        }
        UserCommand::ResetPassword { email } => {
            let user = auth.id_of_account(&email).await?;
            print_link(&app.config, &auth.create_password_link(user, LinkDelivery::Operator).await?);
        }
        UserCommand::EndTwoStep { email } => {
            auth.end_two_step_of(auth.id_of_account(&email).await?).await?;
            println!("The password alone signs in now");
        }
        UserCommand::Disable { email } => {
            auth.disable_account(&email).await?;
            println!("Disabled. Running servers let nobody in any more within 5 seconds");
        }
        UserCommand::Enable { email } => {
            auth.enable_account(&email).await?;
            println!("Enabled. Its owner can sign in again; tokens and apps have to be created again");
        }
        UserCommand::Delete { email, yes } => {
            auth.id_of_account(&email).await?;
            if !yes {
                return Err(format!(
                    "this deletes {email} with all tasks, shares and conversations, for good. \
                     Repeat the command with --yes to confirm; `tallyboard user disable {email}` keeps everything"
                )
                .into());
            }
            auth.delete_account(&email).await?;
            println!("Deleted");
        }
    }
    app.db.close().await;
    Ok(())
}

/// The link alone goes to standard output, so that a script can send it.
fn print_link(config: &Config, secret: &str) {
    let configured = &config.server.public_url;
    if configured.is_empty() {
        eprintln!("The address below is this machine's own: set server.public_url to the one that people type");
    }
    let host = match configured.as_str() {
        "" => format!("http://{}", config.server.address),
        url => url.to_owned(),
    };
    println!("{host}{}", paths::reset_password(secret));
    eprintln!("Valid once, for an hour. Anyone with the link can choose the password");
}

fn line(account: &Account) -> String {
    let day = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%d").to_string();
    let seen = account.last_seen_at.map_or("never".to_owned(), day);
    let state = if account.disabled_at.is_some() { "disabled" } else { "enabled" };
    let Account { email, name, created_at, .. } = account;
    format!("{email:<32}  {state:<8}  created {}  last seen {seen:<10}  {name}", day(*created_at))
}
