use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde::Deserialize;

use super::until;

/// A mail that the SMTP server has accepted.
#[derive(Clone, Debug, Deserialize)]
pub struct Mail {
    pub to: Vec<String>,
    pub from: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub id: String,
    /// Whether it came on an encrypted way.
    pub secure: bool,
    /// The names of its headers.
    pub headers: Vec<String>,
}

impl Mail {
    /// The rest of the first line of the text that begins with this address.
    pub fn link(&self, start: &str) -> String {
        let line = self.text.lines().find_map(|line| line.strip_prefix(start));
        line.unwrap_or_else(|| panic!("no {start} in {}", self.text)).to_owned()
    }
}

/// A real SMTP server, end2end/smtp.mjs; it ends when it is dropped.
pub struct SmtpServer {
    pub port: u16,
    process: Child,
    accepted: Arc<Mutex<Vec<Mail>>>,
}

impl SmtpServer {
    pub fn start(options: &[&str]) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("end2end");
        assert!(folder.join("node_modules/smtp-server").exists(), "run `make test-rust` after `make setup`");
        let mut process = Command::new("node")
            .arg(folder.join("smtp.mjs"))
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.next().expect("the SMTP server says its port").unwrap().parse().unwrap();
        let accepted = Arc::new(Mutex::new(Vec::new()));
        let mails = accepted.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                mails.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Self { port, process, accepted }
    }

    /// Every mail for this address, oldest first.
    pub fn mails_to(&self, address: &str) -> Vec<Mail> {
        let mails = self.accepted.lock().unwrap();
        mails.iter().filter(|mail| mail.to == [address.to_owned()]).cloned().collect()
    }

    /// The newest mail for this address, as soon as there are `count`.
    pub async fn mail(&self, address: &str, count: usize) -> Mail {
        // Longer than the pause between two looks into the outbox.
        let limit = Duration::from_secs(40);
        until(limit, async || self.mails_to(address).len(), |found| *found >= count).await;
        let mut mails = self.mails_to(address);
        assert_eq!(mails.len(), count, "{mails:?}");
        mails.pop().unwrap()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
