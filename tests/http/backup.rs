//! Backups and restores, by the program itself: under writes, killed, on a full disk, by the server on its own.

use std::{
    collections::HashSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use futures::future::join_all;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Kind, PASSWORD, Place, Server, binary, filled, until};

on_both_databases! {
    async fn a_backup_under_writes_is_one_moment_and_is_restored_whole(server) {
        let ada = server.user("Ada").await;
        let kind = server.kind;
        let command = |arguments: &[&str]| {
            let mut command = binary(&server.folder);
            command.args(arguments).env("DATABASE_URL", &server.url);
            command
        };
        let writing = async {
            let mut written = 0;
            for _ in 0..60 {
                let batch = join_all((0..10).map(|number| ada.post("/api/tasks", json!({ "title": number.to_string() }))));
                written += batch.await.into_iter().filter(|answer| answer.status == 201).count();
            }
            written
        };
        let backing_up = async {
            let output = tokio::process::Command::from(command(&["backup", "--json"])).output().await.unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice::<Value>(&output.stdout).unwrap()
        };
        let (written, under_writes) = tokio::join!(writing, backing_up);
        assert_eq!(written, 600);
        let tasks = under_writes["tables"]["tasks"].as_i64().unwrap();
        assert!((0..=600).contains(&tasks), "{under_writes}");
        // Each task has its record: the backup is one moment.
        assert_eq!(under_writes["tables"]["audit_log"], tasks + 2, "{under_writes}");

        let place = Place::of(server).await;
        let file = place.backup();
        let good = place.expect(&["backup", "verify", &file]);
        assert!(good[0].as_str().unwrap().contains("is good") && good[0].as_str().unwrap().contains("600 tasks"), "{good:?}");
        let elsewhere = Place::new(kind).await;
        elsewhere.expect(&["restore", &file]);
        assert_eq!(elsewhere.contents().await, place.contents().await);
        let under_writes = under_writes["path"].as_str().unwrap();
        elsewhere.expect(&["restore", &place.folder.path().join(under_writes).display().to_string()]);
        assert!(elsewhere.expect(&["doctor", "--counters"])[0] == "Every number is right");
        // The restored database serves, and its numbers are those of the backup.
        let server = elsewhere.serve(kind);
        let mut ada = server.anybody();
        ada.email = "ada@example.org".to_owned();
        ada.sign_in(PASSWORD).await;
        assert_eq!(ada.numbers().await[0], u64::try_from(tasks).unwrap());
        ada.task("After the restore").await;
    }

    async fn a_restore_is_refused_while_a_server_runs_and_saves_what_was_there(server) {
        let ada = server.user("Ada").await;
        ada.task("Old").await;
        let kind = server.kind;
        let place = Place::of(server).await;
        let old = place.backup();
        let server = place.serve(kind);
        let mut ada = server.anybody();
        ada.email = "ada@example.org".to_owned();
        ada.sign_in(PASSWORD).await;
        ada.task("New").await;
        let refused = binary(&server.folder).args(["restore", &old]).env("DATABASE_URL", &server.url).output().unwrap();
        let why = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && why.contains("stop") && why.contains("Nothing was changed"), "{why}");
        assert_eq!(ada.numbers().await[0], 2);
        let place = Place::of(server).await;
        let before = place.contents().await;
        let restored = place.expect(&["restore", &old, "--json"]);
        let safety = restored[0]["safety_backup"].as_str().unwrap().to_owned();
        assert_ne!(place.contents().await, before);
        place.expect(&["restore", &safety]);
        assert_eq!(place.contents().await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_backups_go_and_a_failed_one_leaves_nothing() {
    let (server, _) = filled(Kind::Sqlite).await;
    let place = Place::of(server).await;
    let mut made: Vec<String> = (0..4).map(|_| place.backup()).collect();
    made.reverse();
    let listed = |place: &Place| -> Vec<String> {
        let path = |backup: &Value| place.folder.path().join(backup["path"].as_str().unwrap()).display().to_string();
        place.backups().iter().map(path).collect()
    };
    assert_eq!(listed(&place), made);
    // Not ours: neither listed nor deleted.
    let folder = place.folder.path().join("data/backups");
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    fs::write(folder.join("tallyboard-of-somebody.tar.gz"), "mine").unwrap();
    place.expect(&["backup", "--keep", "2"]);
    assert_eq!(listed(&place).len(), 2);
    assert!(folder.join("notes.txt").exists() && folder.join("tallyboard-of-somebody.tar.gz").exists());
    // No such database: it is not made either.
    let nowhere = Place::new(Kind::Sqlite).await;
    nowhere.refusal(&["backup"]);
    assert!(!nowhere.folder.path().join("test.db").exists());
    let left = fs::read_dir(nowhere.folder.path().join("data/backups")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).filter(|name| name != ".lock").collect();
    assert!(left.is_empty(), "{left:?}");
}

on_both_kinds! {
    async fn a_kill_at_any_moment_leaves_the_old_or_the_new_database_whole(kind) {
        let (server, ada) = filled(kind).await;
        let place = Place::of(server).await;
        let old = (place.backup(), place.contents().await);
        let server = place.serve(kind);
        let ada = ada.with_base(&server.base);
        join_all((0..30).map(|number| ada.task(Box::leak(format!("Task {number}").into_boxed_str())))).await;
        let place = Place::of(server).await;
        let new = (place.backup(), place.contents().await);
        let begun = Instant::now();
        place.expect(&["restore", &new.0]);
        let whole = begun.elapsed();
        let (mut completed, mut verified) = (0, HashSet::new());
        for round in 0..24 {
            // From the first moments to well after the end, however busy this machine is.
            let pause = whole * round / 12;
            let (file, now) = if round % 2 == 0 { (&old.0, &old.1) } else { (&new.0, &new.1) };
            let arguments: &[&str] = if round % 3 == 2 { &["backup"] } else { &["restore", file] };
            let mut killed = place.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            tokio::time::sleep(pause).await;
            let _ = killed.kill();
            let status = killed.wait().unwrap();
            completed += u32::from(status.success());
            let found = place.contents().await;
            assert!(found == old.1 || found == new.1, "{kind:?}, killed after {pause:?}");
            assert!(!status.success() || arguments[0] == "backup" || found == *now);
            for backup in place.backups() {
                let path = backup["path"].as_str().unwrap();
                // A file that nobody has touched since is as whole as it was.
                let file = fs::metadata(place.folder.path().join(path)).unwrap();
                if verified.insert((path.to_owned(), file.len(), file.modified().unwrap(), file.ino())) {
                    place.expect(&["backup", "verify", path]);
                }
            }
        }
        assert!(completed > 0, "{kind:?}: nothing ever finished");
        // And the next one works, without a trace of those that were killed.
        let why = async || String::from_utf8(place.run(&["restore", &old.0]).stderr).unwrap();
        until(Duration::from_secs(10), why, |why| !why.contains("Nothing was changed")).await;
        assert_eq!(place.contents().await, old.1);
        place.backup();
        let names = fs::read_dir(place.folder.path().join("data/backups")).unwrap();
        let names: Vec<_> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert!(names.iter().all(|name| !name.starts_with(".partial")), "{names:?}");
    }
}

/// Waits for the first backup in this folder.
async fn first_backup(folder: &Path) -> PathBuf {
    let found = async || {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries
            .map(|entry| entry.unwrap().path())
            .find(|path| path.extension().is_some_and(|extension| extension == "gz"))
    };
    until(Duration::from_secs(20), found, Option::is_some).await;
    found().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_makes_backups_by_itself_and_of_many_instances_one_does() {
    let folder = TempDir::new().unwrap();
    let hook = folder.path().join("hook");
    let then = format!("echo \"$TALLYBOARD_BACKUP_FILE\" > {}", hook.display());
    let variables = [("TALLYBOARD_BACKUP_EVERY_HOURS", "1"), ("TALLYBOARD_BACKUP_THEN", then.as_str())];
    let server = Server::start(Kind::Sqlite, &variables).await;
    let backup = first_backup(&server.path("data/backups")).await;
    until(
        Duration::from_secs(5),
        async || fs::read_to_string(&hook).unwrap_or_default(),
        |said| said.trim().ends_with(backup.file_name().unwrap().to_str().unwrap()),
    )
    .await;

    let one = Server::start(Kind::Postgres, &variables[..1]).await;
    first_backup(&one.path("data/backups")).await;
    let two = Server::start_on(Kind::Postgres, TempDir::new().unwrap(), one.url.clone(), &variables[..1]);
    two.user("Ada").await;
    assert!(!two.path("data/backups").exists(), "the other instance holds the lock");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_fails_a_backup_and_a_restore_without_harm() {
    let Some(disk) = crate::full_disk::SmallDisk::mount() else {
        eprintln!("skipped: this process may not mount a file system");
        return;
    };
    let (server, _) = filled(Kind::Sqlite).await;
    let place = Place::of(server).await;
    let before = place.contents().await;
    let file = place.backup();
    disk.fill();
    let to = disk.path().join("backups").display().to_string();
    let why = place.refusal(&["backup", "--to", &to]);
    assert!(why.contains("full") || why.contains("space"), "{why}");
    let left = walk(&disk.path().join("backups"));
    assert!(left.iter().all(|path| !path.to_string_lossy().contains("tallyboard-")), "{left:?}");
    // A database on the full disk, restored from elsewhere.
    disk.make_space();
    let there =
        Place { folder: TempDir::new().unwrap(), url: format!("sqlite://{}", disk.path().join("test.db").display()) };
    there.expect(&["restore", &file]);
    disk.fill();
    let why = there.refusal(&["restore", &file]);
    assert!(why.contains("space") || why.contains("full"), "{why}");
    disk.make_space();
    assert_eq!(there.contents().await, before);
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
}
