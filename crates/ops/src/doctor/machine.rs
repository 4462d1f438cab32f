//! What can be checked without a database: settings, the data folder, disk space, backups.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use chrono::{TimeDelta, Utc};

use super::Finding;
use crate::backup;
use tallyboard_base::{config::Config, release::Site};

/// Less free space is an error, in bytes.
const LEAST_SPACE: u64 = 100 * 1024 * 1024;
/// Less free space is a warning.
const LITTLE_SPACE: u64 = 1024 * 1024 * 1024;
/// An older newest backup is a warning.
const OLD_BACKUP: TimeDelta = TimeDelta::days(7);

pub fn check(config: &Config) -> Vec<Finding> {
    let mut findings = vec![address(config), proxies(config), data_folder(config), signing_key(config), space(config)];
    findings.push(site(config));
    findings.push(backups(config));
    findings
}

fn address(config: &Config) -> Finding {
    let (server, check) = (&config.server, "public_url");
    let is_local = server.address.ip().is_loopback();
    match server.public_url.as_str() {
        url if url.starts_with("https://") => Finding::ok(check, format!("people come to {url}; the cookie is Secure")),
        "" if is_local => Finding::ok(check, format!("only this machine reaches {}, without TLS", server.address)),
        "" => Finding::warning(
            check,
            format!(
                "{} can be reached from other machines without TLS: passwords can be read on the way",
                server.address
            ),
            "Put a proxy with TLS in front and set server.public_url to its https address",
        ),
        url if url.contains("://localhost") || url.contains("://127.0.0.1") => {
            Finding::ok(check, format!("people come to {url}"))
        }
        url => Finding::warning(
            check,
            format!("{url} has no TLS: passwords can be read on the way"),
            "Put a proxy with TLS in front and set server.public_url to its https address",
        ),
    }
}

fn proxies(config: &Config) -> Finding {
    let check = "trusted_proxies";
    match (config.server.trusted_proxies.len(), config.server.is_https()) {
        (0, true) => Finding::warning(
            check,
            "https needs a proxy in front, and none is trusted: everybody seems to come from the proxy's address",
            "Set server.trusted_proxies to the proxy's address, so that limits and the audit see who it is",
        ),
        (0, false) => Finding::ok(check, "none: the address of the connection counts"),
        (count, _) => Finding::ok(check, format!("{count} networks")),
    }
}

fn data_folder(config: &Config) -> Finding {
    let (folder, check) = (&config.data_dir, "data folder");
    let shown = folder.display();
    match fs::metadata(folder) {
        Err(error) => Finding::error(
            check,
            format!("{shown}: {error}"),
            "The first start of the server makes it; its user has to be allowed to",
        ),
        Ok(metadata) if !metadata.is_dir() => Finding::error(check, format!("{shown} is not a folder"), "Set data_dir"),
        Ok(_) if try_to_write(folder).is_err() => Finding::error(
            check,
            format!("{shown} cannot be written to"),
            "Make the user of the server its owner: chown -R tallyboard DIR",
        ),
        Ok(metadata) if metadata.mode() & 0o007 != 0 => Finding::warning(
            check,
            format!("{shown} is open to every user of this machine (mode {:o})", metadata.mode() & 0o777),
            format!("chmod 750 {shown}"),
        ),
        Ok(_) => Finding::ok(check, format!("{shown} is ours")),
    }
}

fn try_to_write(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(format!(".doctor-{}", std::process::id()));
    fs::File::create_new(&path)?;
    fs::remove_file(path)
}

fn signing_key(config: &Config) -> Finding {
    let check = "signing key";
    if config.auth.signing_key.is_some() {
        return Finding::ok(check, "given by the settings");
    }
    let path = config.data_dir.join("signing.key");
    match fs::metadata(&path) {
        Err(_) => Finding::ok(check, "none yet: the first start makes it"),
        Ok(metadata) if metadata.mode() & 0o077 != 0 => Finding::error(
            check,
            format!(
                "{} can be read by other users (mode {:o}): a reader can sign in as anybody",
                path.display(),
                metadata.mode() & 0o777
            ),
            format!(
                "chmod 600 {0}; if somebody may have read it, delete it: everybody has to sign in again",
                path.display()
            ),
        ),
        Ok(_) => Finding::ok(check, format!("{} is readable for its owner alone", path.display())),
    }
}

fn space(config: &Config) -> Finding {
    let check = "disk space";
    let Ok(found) = rustix::fs::statvfs(&config.data_dir) else {
        return Finding::ok(check, "unknown: there is no data folder yet");
    };
    let free = found.f_bavail * found.f_frsize;
    let message = format!("{:.1} GB free", free as f64 / 1e9);
    let advice = "Make space: without it nothing can be saved, and reading still works";
    match free {
        free if free < LEAST_SPACE => Finding::error(check, message, advice),
        free if free < LITTLE_SPACE => Finding::warning(check, message, advice),
        _ => Finding::ok(check, message),
    }
}

fn site(config: &Config) -> Finding {
    let check = "scripts and styles";
    match Site::find(&config.server.site_root).origin() {
        Some(origin) => Finding::ok(check, origin),
        None => Finding::error(
            check,
            format!("there are none in {}", config.server.site_root),
            "Build them (`make build`), or use a release, which has them inside",
        ),
    }
}

fn backups(config: &Config) -> Finding {
    let (check, folder) = ("backups", config.backup_folder());
    let advice = "Set backup.every_hours, or run `tallyboard backup` from cron; copy them to another machine";
    match backup::list(&folder) {
        Err(error) => {
            Finding::error(check, error.to_string(), "Set backup.folder to a folder that the server may read")
        }
        Ok(found) => match found.first() {
            None => Finding::warning(check, format!("there are none in {}", folder.display()), advice),
            Some(newest) => {
                let made = newest.manifest.created_at;
                let message = format!("{}, the newest of {} UTC", found.len(), made.format("%Y-%m-%d %H:%M"));
                match Utc::now() - made > OLD_BACKUP {
                    true => Finding::warning(check, message, advice),
                    false => Finding::ok(check, message),
                }
            }
        },
    }
}
