//! The command line. It is part of the library: in the binary, the compiler would generate the whole server a
//! second time.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use chrono::{NaiveDate, NaiveTime};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use backup::BackupOptions;
use token::TokenCommand;
use user::UserCommand;

use crate::server;
use tallyboard_base::{
    config::Config,
    release::{self, Release},
};
use tallyboard_core::{
    audit::AuditRecord,
    mail::{Mailer, letter::Letter},
    ops,
    statistics::counters::Differences,
};
use tallyboard_db::{Database, Migration};
use tallyboard_model::id::RowId;
use tallyboard_ops::{
    demo,
    doctor::{self, Level},
};

mod backup;
mod mcp;
mod token;
mod user;

/// How long the server may take to answer.
const HEALTHCHECK_TIMEOUT: Duration = Duration::from_secs(5);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A task board that people and their AI assistants share.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// The settings file [default: Leptos.toml in the working directory, fine when missing]
    #[arg(long, global = true, value_name = "PATH")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the board (also without any command)
    Serve,
    /// Bring the database's tables up to date, or back
    Migrate {
        #[arg(value_enum)]
        direction: Direction,
        /// With `down`: undo every migration, not only the last. Deletes all data
        #[arg(long)]
        all: bool,
    },
    /// Fill the database with demo data; refuses one that has users
    Seed {
        /// Add the demo data to a database that has users, too
        #[arg(long, conflicts_with = "if_empty")]
        force: bool,
        /// Do nothing, and succeed, when the database has users
        #[arg(long)]
        if_empty: bool,
    },
    /// Check settings, machine and database, and say what to do; exits 1 when something is wrong
    Doctor {
        /// Only compare the dashboard's numbers with the tasks, and recount when one is wrong
        #[arg(long, conflicts_with = "json")]
        counters: bool,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Make a backup while the server runs; check and list backups
    Backup(BackupOptions),
    /// Restore a backup; the current data is saved first. Stop the server first
    Restore {
        /// A file that `backup` has made
        file: PathBuf,
        /// JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Copy everything to another database, which has no accounts yet: from SQLite to PostgreSQL or back
    Copy {
        /// For example sqlite://./data/tallyboard.db
        #[arg(long, value_name = "URL")]
        from: String,
        /// For example postgres://user:password@host/name
        #[arg(long, value_name = "URL")]
        to: String,
        /// JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// List, add, disable, enable and delete accounts, and make links to choose a password
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Create, list and revoke personal tokens of an account
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Send a test mail with the settings of [mail], and say what the SMTP server answers
    TestMail {
        /// The address to send it to
        email: String,
    },
    /// Print what the user of an account did, oldest first
    Audit {
        /// The email address of the account
        #[arg(long, value_name = "EMAIL")]
        user: String,
        /// The first day, for example 2026-11-01 [default: all that is kept]
        #[arg(long, value_name = "DATE")]
        since: Option<NaiveDate>,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Connect an assistant that starts programs to a server: MCP over standard input and output
    Mcp {
        /// The server's address, for example https://tasks.example.org
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000")]
        url: String,
        /// A file with a personal token; otherwise it is read from TALLYBOARD_TOKEN
        #[arg(long, value_name = "PATH")]
        token_file: Option<PathBuf>,
    },
    /// Ask the running server for its health; exits 1 when it is not healthy
    Healthcheck,
}

#[derive(Clone, Copy, ValueEnum)]
enum Direction {
    Up,
    Down,
    Status,
}

/// Runs the command that was given, in a release or in a build for development.
pub fn run(release: Option<Release>) -> ExitCode {
    // The database, backups and keys are nobody else's, whatever the system's default is.
    tallyboard_ops::keep_new_files_private();
    if let Some(release) = release {
        release::set(release);
    }
    // clap wants a text that lives as long as the program.
    let version: &'static str = release::version().leak();
    let cli =
        Cli::from_arg_matches(&Cli::command().version(version).get_matches()).unwrap_or_else(|error| error.exit());
    let outcome = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::from);
    let outcome = outcome.and_then(|runtime| {
        let outcome = runtime.block_on(execute(cli));
        // A backup that is being compressed must not keep a server that was told to stop; the next one clears it away.
        runtime.shutdown_timeout(Duration::from_millis(100));
        outcome
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The database driver puts its own words before our sentences.
            let sentence = error.to_string();
            let sentence = ["while executing migrations: ", "error with configuration: "]
                .into_iter()
                .fold(sentence, |sentence, words| sentence.replace(words, ""));
            eprintln!("tallyboard: {sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(cli: Cli) -> Result<(), Failure> {
    // Needs no settings: the server may be on another machine.
    if let Some(Command::Mcp { url, token_file }) = cli.command {
        return mcp::run(&url, mcp::token(token_file)?).await;
    }
    let path = cli.config.clone().unwrap_or_else(|| PathBuf::from("Leptos.toml"));
    let config = Config::load(&path, cli.config.is_some())?;
    server::start_log(&config.log)?;
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => server::serve(server::build(config).await?).await,
        Command::Migrate { direction, all } => migrate(config, direction, all).await,
        Command::Seed { force, if_empty } => seed(config, force, if_empty).await,
        Command::Doctor { counters: true, .. } => check_counters(config).await,
        Command::Doctor { json, .. } => examine(config, json).await,
        Command::Backup(options) => backup::backup(&config, options).await,
        Command::Restore { file, json } => backup::restore(&config, file, json).await,
        Command::Copy { from, to, json } => backup::copy(&config, from, to, json).await,
        Command::User { command } => user::run(config, command).await,
        Command::Token { command } => token::run(config, command).await,
        Command::TestMail { email } => test_mail(config, &email).await,
        Command::Audit { user, since, json } => audit(config, &user, since, json).await,
        Command::Mcp { .. } => Ok(()),
        Command::Healthcheck => healthcheck(config.server.address).await,
    }
}

async fn migrate(config: Config, direction: Direction, all: bool) -> Result<(), Failure> {
    std::fs::create_dir_all(&config.data_dir)?;
    let db = Database::connect(&config.database).await?;
    match direction {
        Direction::Up => db.migrate(Migration::Up).await?,
        Direction::Down => db.migrate(if all { Migration::DownAll } else { Migration::Down }).await?,
        Direction::Status => {}
    }
    for state in db.migrations().await? {
        println!(
            "{:04} {:<24} {}",
            state.version,
            state.description,
            if state.applied { "applied" } else { "pending" }
        );
    }
    db.close().await;
    Ok(())
}

async fn seed(config: Config, force: bool, if_empty: bool) -> Result<(), Failure> {
    let app = server::build(config).await?;
    match demo::seed(&app.db, &app.auth, force).await {
        Ok(()) => println!("Demo data is in. Sign in as {} with the password {}", demo::EMAIL, demo::PASSWORD),
        Err(error) if if_empty && error.code == tallyboard_model::error::Code::Conflict => {
            println!(
                "The database is not new. The demo sign-in, unless it was changed: {}, {}",
                demo::EMAIL,
                demo::PASSWORD
            );
        }
        Err(error) => return Err(error.into()),
    }
    app.db.close().await;
    Ok(())
}

async fn examine(config: Config, json: bool) -> Result<(), Failure> {
    let findings = doctor::examine(&config).await;
    for finding in &findings {
        if json {
            println!("{}", serde_json::to_string(finding)?);
            continue;
        }
        let level = match finding.level {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Error => "ERROR",
        };
        println!("{level:<8} {:<19} {}", finding.check, finding.message);
        if let Some(advice) = &finding.advice {
            println!("{:<28} -> {advice}", "");
        }
    }
    match findings.iter().filter(|finding| finding.level == Level::Error).count() {
        0 => Ok(()),
        1 => Err("1 check has found an error".into()),
        errors => Err(format!("{errors} checks have found errors").into()),
    }
}

async fn check_counters(config: Config) -> Result<(), Failure> {
    let Differences { users, teams, quarters } = doctor::check_counters(&config.database).await?;
    if (users, teams, quarters) == (0, 0, 0) {
        println!("Every number is right");
    } else {
        println!("Repaired: numbers of {users} users, {teams} teams, {quarters} quarters of an hour were wrong");
    }
    Ok(())
}

async fn test_mail(config: Config, email: &str) -> Result<(), Failure> {
    let mailer = Mailer::new(&config.mail, &config.server.public_url)?;
    let mailer = mailer.ok_or("mail.server is empty: no SMTP server is set up")?;
    let letter = Letter::new("A test mail of Tallyboard")
        .text("This server can send mails.")
        .link("Open Tallyboard", &config.server.public_url);
    mailer.send(RowId::new(), email, &letter).await?;
    println!("The SMTP server has accepted the mail to {email}");
    Ok(())
}

async fn audit(config: Config, email: &str, since: Option<NaiveDate>, json: bool) -> Result<(), Failure> {
    let app = server::build(config).await?;
    let since = since.unwrap_or_default().and_time(NaiveTime::MIN).and_utc();
    for record in ops::audit::of_account(&app.db, &app.auth, email, since).await? {
        if json {
            println!("{}", serde_json::to_string(&record)?);
            continue;
        }
        let AuditRecord { at, action, actor, target, ip, .. } = record;
        let target = target.id.map(|id| format!("{} {id}", target.kind.unwrap_or_default())).unwrap_or_default();
        println!(
            "{}  {action:<22} {target:<42} {}  {}",
            at.format("%Y-%m-%d %H:%M:%S"),
            actor.via,
            ip.unwrap_or_default()
        );
    }
    app.db.close().await;
    Ok(())
}

async fn healthcheck(mut address: SocketAddr) -> Result<(), Failure> {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let client = reqwest::Client::builder().timeout(HEALTHCHECK_TIMEOUT).no_proxy().build()?;
    let answer = client.get(format!("http://{address}/health")).send().await?;
    let status = answer.status();
    println!("{}", answer.text().await?);
    if status.is_success() { Ok(()) } else { Err("unhealthy".into()) }
}
