use std::process::Output;

use tempfile::TempDir;

use crate::support::{Kind, Server, binary, database_url};

fn run(folder: &TempDir, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    binary(folder).args(arguments).envs(variables.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_setting_that_is_wrong_stops_the_start_and_is_named() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("Leptos.toml"), "[server]\nadress = \"1\"\n").unwrap();
    let refused = run(&folder, &["serve"], &[]);
    assert!(!refused.status.success());
    assert!(text(&refused.stderr).contains("Leptos.toml: server.adress: unknown field"), "{}", text(&refused.stderr));
    let refused = run(&folder, &["serve", "--config", "nowhere.toml"], &[]);
    assert!(text(&refused.stderr).contains("nowhere.toml"));
    let refused = run(&folder, &["serve", "--config", "/dev/null"], &[("TALLYBOARD_LOG_FORMAT", "xml")]);
    assert!(text(&refused.stderr).contains("TALLYBOARD_LOG_FORMAT: log.format"), "{}", text(&refused.stderr));
}

#[test]
fn help_and_version_help() {
    let folder = TempDir::new().unwrap();
    let help = text(&run(&folder, &["--help"], &[]).stdout);
    for command in ["serve", "migrate", "seed", "doctor", "healthcheck"] {
        assert!(help.contains(command), "{help}");
    }
    assert_eq!(text(&run(&folder, &["--version"], &[]).stdout), format!("tallyboard {}\n", env!("CARGO_PKG_VERSION")));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_servers_user_can_read_its_files() {
    use std::os::unix::fs::PermissionsExt;
    // Debian's default, which would let everybody read.
    let server = Server::start(Kind::Sqlite, &[]).await;
    server.user("Ada").await;
    let (folder, url) = server.stop();
    let backup = run(&folder, &["backup"], &[("DATABASE_URL", &url)]);
    assert!(backup.status.success(), "{}", text(&backup.stderr));
    let (mut folders, mut files) = (vec![folder.path().to_owned()], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            assert_eq!(metadata.permissions().mode() & 0o077, 0, "{}", entry.path().display());
            if metadata.is_dir() {
                folders.push(entry.path());
            }
            files += 1;
        }
    }
    assert!(files > 3, "{files}");
}

#[test]
fn the_signing_key_is_made_once_and_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    assert!(run(&folder, &["seed"], &[]).status.success());
    let key = folder.path().join("data/signing.key");
    let first = std::fs::read(&key).unwrap();
    assert!(first.len() >= 32);
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(run(&folder, &["seed", "--if-empty"], &[]).status.success());
    assert_eq!(std::fs::read(&key).unwrap(), first);
}

on_both_databases! {
    async fn the_doctor_finds_wrong_numbers_and_recounts(server) {
        let ada = server.user("Ada").await;
        ada.task("One").await;
        let doctor = || text(&run(&server.folder, &["doctor", "--counters"], &[("DATABASE_URL", &server.url)]).stdout);
        assert_eq!(doctor(), "Every number is right\n");
        server.sql("DELETE FROM counter_changes".to_owned()).await;
        server.sql("DELETE FROM user_counters".to_owned()).await;
        server.sql("DELETE FROM user_days".to_owned()).await;
        assert_eq!(doctor(), "Repaired: numbers of 1 users, 0 teams, 1 quarters of an hour were wrong\n");
        assert_eq!(doctor(), "Every number is right\n");
        ada.task("Two").await;
        assert_eq!(ada.numbers().await, [2, 2, 0, 0]);
    }

    async fn it_stops_in_order_and_the_healthcheck_tells(server) {
        let mut server = server;
        let address = server.base.trim_start_matches("http://").to_owned();
        let health = run(&server.folder, &["healthcheck"], &[("TALLYBOARD_SERVER_ADDRESS", &address)]);
        assert!(health.status.success() && text(&health.stdout).contains("\"healthy\""), "{}", text(&health.stdout));
        let signal = std::process::Command::new("kill").args(["-TERM", &server.process_id().to_string()]).status().unwrap();
        assert!(signal.success());
        assert_eq!(server.wait().code(), Some(0));
        let health = run(&server.folder, &["healthcheck"], &[("TALLYBOARD_SERVER_ADDRESS", &address)]);
        assert_eq!(health.status.code(), Some(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_writes_survive_a_kill() {
    let folder = TempDir::new().unwrap();
    let url = database_url(Kind::Sqlite, &folder).await;
    let server = Server::start_on(Kind::Sqlite, folder, url, &[]);
    let ada = server.user("Ada").await;
    for number in 0..5 {
        ada.task(&number.to_string()).await;
    }
    let copy = TempDir::new().unwrap();
    std::process::Command::new("kill").args(["-KILL", &server.process_id().to_string()]).status().unwrap();
    for name in ["test.db", "test.db-wal"] {
        std::fs::copy(server.path(name), copy.path().join(name)).unwrap();
    }
    let url = format!("sqlite://{}", copy.path().join("test.db").display());
    let second = Server::start_on(Kind::Sqlite, copy, url, &[]);
    let mut again = second.anybody();
    again.email.clone_from(&ada.email);
    again.sign_in("quiet-lantern-97-harbour").await;
    assert_eq!(again.numbers().await, [5, 5, 0, 0]);
}
