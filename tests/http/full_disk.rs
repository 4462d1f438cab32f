//! A full disk: writes are rejected, reads go on, and writing works again when there is space.

use std::{fs, path::Path, process::Command, time::Duration};

use serde_json::json;
use tempfile::TempDir;

use crate::support::{Client, Kind, Server, until};

/// A file system of 6 MB, unmounted when it is dropped.
pub struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` where this process may not mount.
    pub fn mount() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=6m", "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Leaves no space.
    pub fn fill(&self) {
        let mut size = 8 * 1024 * 1024;
        while size > 0 {
            let name = self.path().join(format!("filler-{size}"));
            // A write that does not fit leaves what fits.
            if fs::write(&name, vec![1_u8; size]).is_err() {
                size /= 2;
            }
        }
    }

    pub fn make_space(&self) {
        for entry in fs::read_dir(self.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("filler-") {
                fs::remove_file(path).unwrap();
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

/// Creates tasks until one is rejected; the titles that were accepted.
async fn write_until_full(ada: &Client, round: usize) -> Vec<String> {
    let mut written = Vec::new();
    for number in 0..3000 {
        let title = format!("Task {round}-{number}");
        let answer = ada.post("/api/tasks", json!({ "title": title, "description": "x".repeat(900) })).await;
        if answer.status == 201 {
            written.push(title);
            continue;
        }
        assert!(!answer.header("retry-after").is_empty(), "{}", answer.text);
        answer.expect_error(503, "UNAVAILABLE");
        return written;
    }
    panic!("the disk was never full");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_rejects_writes_until_there_is_space_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("skipped: this process may not mount a file system");
        return;
    };
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}", disk.path().join("test.db").display());
    let server = Server::start_on(Kind::Sqlite, folder, url, &[("TALLYBOARD_LOG_LEVEL", "off")]);
    let ada = server.user("Ada").await;
    let mut written = Vec::new();
    for round in 0..3 {
        disk.fill();
        written.extend(write_until_full(&ada, round).await);
        for _ in 0..3 {
            ada.post("/api/tasks", json!({ "title": "Too much" })).await.expect_error(503, "UNAVAILABLE");
            assert_eq!(ada.get("/api/tasks").await.status, 200, "reads go on");
            assert_eq!(server.anybody().get("/health").await.status, 200);
        }
        disk.make_space();
        let title = format!("After round {round}");
        let write = async || ada.post("/api/tasks", json!({ "title": title })).await.status;
        until(Duration::from_secs(5), write, |status| *status == 201).await;
        written.push(title);
    }
    let mut listed = ada.listed("/api/tasks", "title").await;
    listed.sort();
    written.sort();
    let lost: Vec<_> = written.iter().filter(|title| !listed.contains(title)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
}
