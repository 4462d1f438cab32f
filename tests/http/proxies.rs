//! The files under packaging/, read by the programs that they're for.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command},
    time::Duration,
};

use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Kind, Server, program, until};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap()
}

#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}");
    text
}

#[test]
fn caddy_reads_its_file() {
    let Some(caddy) = program("caddy") else { return };
    let home = TempDir::new().unwrap();
    let mut command = Command::new(caddy);
    command.args(["validate", "--adapter", "caddyfile", "--config", "packaging/Caddyfile"]).current_dir(ROOT);
    succeeds(command.env("HOME", home.path()));
}

#[test]
fn haproxy_reads_its_file() {
    let Some(haproxy) = program("haproxy") else { return };
    let mut command = Command::new(haproxy);
    command.args(["-c", "-f", "scripts/haproxy.cfg"]).current_dir(ROOT);
    for (name, port) in [("CLUSTER_ADDRESS", 3000), ("CLUSTER_A", 3001), ("CLUSTER_B", 3002)] {
        command.env(name, format!("127.0.0.1:{port}"));
    }
    succeeds(&mut command);
}

#[test]
fn systemd_reads_its_file() {
    let Some(systemd) = program("systemd-analyze") else { return };
    let folder = TempDir::new().unwrap();
    let unit = folder.path().join("tallyboard.service");
    // The program isn't installed here.
    fs::write(&unit, read("packaging/tallyboard.service").replace("/usr/local/bin/tallyboard", "/bin/true")).unwrap();
    let said = succeeds(Command::new(systemd).arg("verify").arg(&unit));
    assert_eq!(said, "");
}

/// nginx with the packaged settings, at other ports and before another server.
struct Nginx {
    process: Child,
    address: String,
    _folder: TempDir,
}

impl Nginx {
    fn start(nginx: &Path, server: &Server) -> Self {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]);
        openssl.args(["-subj", "/CN=tasks.example.org", "-keyout", &path("key.pem"), "-out", &path("certificate.pem")]);
        succeeds(&mut openssl);
        let free = || TcpListener::bind("127.0.0.1:0").unwrap();
        let ports = [free(), free()].map(|listener| listener.local_addr().unwrap().to_string());
        let mut site = read("packaging/nginx.conf");
        for (packaged, here) in [
            ("127.0.0.1:3000", server.base.trim_start_matches("http://")),
            ("listen 80;", &format!("listen {};", ports[0])),
            ("listen 443 ssl http2;", &format!("listen {} ssl http2;", ports[1])),
            ("/etc/letsencrypt/live/tasks.example.org/fullchain.pem", &path("certificate.pem")),
            ("/etc/letsencrypt/live/tasks.example.org/privkey.pem", &path("key.pem")),
        ] {
            assert_eq!(site.matches(packaged).count(), 1, "{packaged}");
            site = site.replace(packaged, here);
        }
        let folders: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {};\n", path(name)))
            .concat();
        let whole = format!(
            "user root;\ndaemon off;\nmaster_process off;\npid {};\nerror_log stderr error;\nevents {{}}\nhttp {{\naccess_log off;\n{folders}{site}\n}}\n",
            path("pid")
        );
        fs::write(path("nginx.conf"), whole).unwrap();
        let command = || {
            let mut command = Command::new(nginx);
            command.args(["-p", &path(""), "-e", "stderr", "-c", &path("nginx.conf")]);
            command
        };
        succeeds(command().arg("-t"));
        let process = command().spawn().unwrap();
        Self { process, address: format!("https://{}", ports[1]), _folder: folder }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_arrives_through_nginx() {
    let (Some(nginx), Some(_)) = (program("nginx"), program("openssl")) else { return };
    let server = Server::start(Kind::Sqlite, &[("TALLYBOARD_SERVER_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let ada = server.user("Ada").await;
    let nginx = Nginx::start(&nginx, &server);
    let ada = ada.trusting_any_certificate(&nginx.address);
    let is_up = async || ada.request(Method::GET, "/healthz").send().await.is_ok();
    until(Duration::from_secs(20), is_up, |is_up| *is_up).await;

    // 5 MiB, as a file and in the form of the page.
    let file = format!("title,description\n{}", format!("One,{}\n", "x".repeat(990)).repeat(5300));
    assert!(file.len() > 5 * 1024 * 1024);
    let slow = Duration::from_secs(60);
    let request =
        ada.request(Method::POST, "/api/import?dry_run=true").header("content-type", "text/csv").timeout(slow);
    let report = ada.send(request.body(file.clone())).await.expect(200);
    assert_eq!(report["tasks"].as_array().unwrap().len(), 5300);
    let form = format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{file}\r\n\
         --x\r\nContent-Disposition: form-data; name=\"dry_run\"\r\n\r\ntrue\r\n--x--\r\n"
    );
    let request =
        ada.request(Method::POST, "/settings/import").header("content-type", "multipart/form-data; boundary=x");
    let page = ada.send(request.timeout(slow).body(form)).await;
    assert!(page.status == 200 && page.text.contains("5300 tasks would be imported"), "{}", page.status);

    // What's too large is refused in the shape of our errors.
    let large = "title\n".to_owned() + &"x\n".repeat(5 * 1024 * 1024);
    let request = ada.request(Method::POST, "/api/import").header("content-type", "text/csv").timeout(slow);
    ada.send(request.body(large)).await.expect_error(413, "PAYLOAD_TOO_LARGE");
    let task = json!({ "title": "One", "description": "x".repeat(200 * 1024) });
    ada.post("/api/tasks", task).await.expect_error(413, "PAYLOAD_TOO_LARGE");
    let page = ada.get("/tasks").await;
    assert!(page.status == 200 && page.text.contains("<html"), "{}", page.status);
}
