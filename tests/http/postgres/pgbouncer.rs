//! The PgBouncer of this machine, where it has one: with its default settings, pooling transactions.

use std::{
    fs,
    net::TcpStream,
    os::unix::fs::{MetadataExt, PermissionsExt},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use super::{database_of_new_owner, serve};
use crate::support::{binary, until};

struct PgBouncer {
    process: Child,
    _folder: TempDir,
    url: String,
}

impl PgBouncer {
    /// Its version: "PgBouncer 1.25.2".
    fn version() -> Option<(u32, u32)> {
        let output = Command::new("pgbouncer").arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let mut parts = text.split_whitespace().nth(1)?.split('.').map_while(|part| part.parse().ok());
        Some((parts.next()?, parts.next()?))
    }

    async fn before(url: &str, settings: &str) -> Self {
        let folder = TempDir::with_prefix_in("tallyboard-pgbouncer", "/tmp").unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (host, database) = url.split('@').nth(1).unwrap().split_once('/').unwrap();
        let (address, of_server) = host.split_once(':').unwrap();
        let file = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n{database} = host={address} port={of_server} user={database}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = transaction\ndefault_pool_size = 6\n{settings}\n"
        );
        fs::write(&file, text).unwrap();
        // It refuses to be root.
        let mut command = if fs::metadata("/proc/self").unwrap().uid() == 0 {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--", "pgbouncer"]);
            command
        } else {
            Command::new("pgbouncer")
        };
        let process = command.arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let url = url.replace(host, &format!("127.0.0.1:{port}"));
        let is_there = async || TcpStream::connect(("127.0.0.1", port)).is_ok();
        until(Duration::from_secs(10), is_there, |there| *there).await;
        Self { process, _folder: folder, url }
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // Not kill(): runuser would leave it behind.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_installed_pgbouncer_is_worked_with_or_refused_in_one_sentence() {
    let Some(version) = PgBouncer::version() else {
        eprintln!("skipped: no PgBouncer is installed here");
        return;
    };
    let url = database_of_new_owner("CREATEROLE", "").await;
    if version < (1, 21) {
        let pgbouncer = PgBouncer::before(&url, "").await;
        let folder = TempDir::new().unwrap();
        let refused = binary(&folder).arg("serve").env("DATABASE_URL", &pgbouncer.url).output().unwrap();
        let why = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && why.contains("1.21") && why.contains("max_prepared_statements"), "{why}");
        return;
    }
    let pgbouncer = PgBouncer::before(&url, "max_prepared_statements = 200").await;
    // Twice: the second start meets what the first has left on PgBouncer's connections.
    for number in 1..=2 {
        let server = serve(&pgbouncer.url, &[("TALLYBOARD_DATABASE_DIRECT_URL", &url)]);
        let ready = async || server.anybody().get("/readyz").await.status;
        until(Duration::from_secs(10), ready, |status| *status == 200).await;
        let user = server.user(&format!("User {number}")).await;
        for task in 1..=10 {
            user.task("x").await;
            assert_eq!(user.numbers().await[0], task);
        }
    }
}
