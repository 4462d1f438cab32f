//! Invalid backup files and damaged databases.

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::Path,
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde_json::{Value, json};

use crate::support::{Kind, Place, filled, sql};

/// A `.tar.gz` of these entries.
fn pack(to: &Path, entries: &[(&str, &[u8])]) {
    let mut archive = tar::Builder::new(GzEncoder::new(File::create(to).unwrap(), Compression::fast()));
    for (name, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        // By hand: the library refuses to write a path that leads out of the folder.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        archive.append(&header, *content).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap();
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    format!("{:x}", Sha256::digest(bytes))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_broken_file_is_restored() {
    let (server, _) = filled(Kind::Sqlite).await;
    let place = Place::of(server).await;
    let good = fs::read(place.backup()).unwrap();
    let before = place.contents().await;
    let mut unpacked = tar::Archive::new(GzDecoder::new(good.as_slice()));
    let contents: Vec<Vec<u8>> = unpacked
        .entries()
        .unwrap()
        .map(|entry| {
            let mut bytes = Vec::new();
            entry.unwrap().read_to_end(&mut bytes).unwrap();
            bytes
        })
        .collect();
    let [manifest, database] = contents.try_into().unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let file = place.folder.path().join("broken.tar.gz");
    let mut cases = 0;
    let mut refuse = |what: &str, reason: &str| {
        cases += 1;
        for command in [&["restore", "broken.tar.gz"][..], &["backup", "verify", "broken.tar.gz"]] {
            println!("{what}");
            let why = place.refusal(command);
            assert!(why.contains(reason), "{what}: {command:?} says {why}");
        }
    };
    let with_manifest = |manifest: &Value, database: &[u8]| {
        pack(&file, &[("manifest.json", manifest.to_string().as_bytes()), ("database.sqlite", database)]);
    };
    // A manifest that is right about a database that is not.
    let honest = |database: &[u8]| {
        let mut manifest = manifest.clone();
        manifest["sha256"] = sha256(database).into();
        manifest["bytes"] = database.len().into();
        with_manifest(&manifest, database);
    };

    refuse("a file that is not there", "No such file");
    fs::create_dir(&file).unwrap();
    refuse("a folder", "");
    fs::remove_dir(&file).unwrap();
    for (what, bytes) in [
        ("an empty file", &b""[..]),
        ("text", b"This is not a backup"),
        ("a raw database", &database),
        ("a beginning of gzip", &good[..20]),
        ("half a file", &good[..good.len() / 2]),
        ("a file without its last bytes", &good[..good.len() - 4]),
    ] {
        fs::write(&file, bytes).unwrap();
        refuse(what, "broken.tar.gz");
    }
    for place_of_flip in [good.len() / 4, good.len() / 2, good.len() - 6] {
        let mut flipped = good.clone();
        // One alone may change nothing: in a run of zeros, copying from elsewhere copies zeros.
        flipped[place_of_flip..].iter_mut().take(32).for_each(|byte| *byte ^= 0xff);
        fs::write(&file, flipped).unwrap();
        refuse("flipped bits", "broken.tar.gz");
    }
    pack(&file, &[("something", b"else")]);
    refuse("another archive", "not a backup of Tallyboard");
    pack(&file, &[("manifest.json", b"{}"), ("database.sqlite", &database)]);
    refuse("an empty manifest", "not a backup of Tallyboard");
    pack(&file, &[("manifest.json", manifest.to_string().as_bytes())]);
    refuse("a manifest alone", "contains no database");
    let text = manifest.to_string();
    pack(&file, &[("manifest.json", text.as_bytes()), ("../database.sqlite", &database)]);
    refuse("a path that leads out", "something else where the database should be");
    pack(&file, &[("manifest.json", text.as_bytes()), ("database.sqlite", &database), ("more", b"x")]);
    refuse("something more", "contains more than a database");
    let changed = |field: &str, value: Value| {
        let mut manifest = manifest.clone();
        manifest[field] = value;
        with_manifest(&manifest, &database);
    };
    changed("product", "another".into());
    refuse("another product", "not of Tallyboard");
    changed("format", 2.into());
    refuse("a later format", "made by a later version");
    changed("sha256", "00".repeat(32).into());
    refuse("another checksum", "the checksum of its database is wrong");
    changed("bytes", 5.into());
    refuse("another size", "should have 5");
    changed("schema", 7.into());
    refuse("another schema than its database", "its schema differs from the manifest");
    changed("tables", json!({ "users": 1 }));
    refuse("other numbers of rows", "row counts differ");
    honest(b"SQLite format 3\0 and then nothing of it");
    refuse("no database inside", "its database");
    let mut damaged = database.clone();
    damaged[4096 * 3..4096 * 3 + 2000].fill(0x5a);
    honest(&damaged);
    refuse("a damaged page", "its database is damaged");
    fs::write(&file, &database).unwrap();
    sql(&format!("sqlite://{}", file.display()), "PRAGMA foreign_keys = OFF; DELETE FROM users").await;
    let orphaned = fs::read(&file).unwrap();
    honest(&orphaned);
    refuse("rows without their user", "rows that do not exist");

    // Valid backups, but not for this database.
    changed("schema", 9999.into());
    assert!(place.refusal(&["restore", "broken.tar.gz"]).contains("it needs Tallyboard"));
    changed("engine", "postgres".into());
    assert!(place.refusal(&["restore", "broken.tar.gz"]).contains("it is a backup of PostgreSQL"));
    assert!(cases >= 24, "{cases}");
    assert_eq!(place.contents().await, before, "a refused file has changed something");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_replaced_and_its_files_are_kept() {
    let (server, _) = filled(Kind::Sqlite).await;
    let place = Place::of(server).await;
    let (file, before) = (place.backup(), place.contents().await);
    let mut database = File::options().write(true).open(place.folder.path().join("test.db")).unwrap();
    database.write_all(&[0x5a; 5000]).unwrap();
    drop(database);
    let restored = place.expect(&["restore", &file, "--json"]);
    let kept = restored[0]["safety_backup"].as_str().unwrap();
    assert!(kept.contains("damaged-") && place.folder.path().join(kept).exists(), "{kept}");
    assert_eq!(place.contents().await, before);
}
