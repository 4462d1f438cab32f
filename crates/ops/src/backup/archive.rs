//! The file of a backup: a `.tar.gz` with `manifest.json` and then the database. `tar xzf` opens it without us.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};

use chrono::{DateTime, Utc};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tar::{Archive, Builder, EntryType, Header};

use super::{Engine, Failure};
use crate::progress::{Progress, Unit};

const MANIFEST: &str = "manifest.json";
const PRODUCT: &str = "tallyboard";
/// The format of the file; a higher number is of a later version of us.
const FORMAT: u32 = 1;
/// A longer manifest isn't ours.
const MAX_MANIFEST_BYTES: u64 = 1024 * 1024;

/// A backup's manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    format: u32,
    product: String,
    /// The version of the program that made it.
    pub version: String,
    /// The kind of the database.
    pub engine: Engine,
    /// The last migration of the database.
    pub schema: i64,
    /// The moment whose data it holds.
    pub created_at: DateTime<Utc>,
    /// How many rows each table has.
    pub tables: BTreeMap<String, i64>,
    /// The size of the database's file, in bytes.
    pub bytes: u64,
    /// The checksum of the database's file, in hexadecimal digits.
    pub sha256: String,
}

impl Manifest {
    /// The manifest of this file.
    pub fn of(file: &Path, engine: Engine, contents: super::Contents, progress: &Progress) -> Result<Self, Failure> {
        let mut reader = File::open(file)?;
        let bytes = reader.metadata()?.len();
        progress.step("Computing the checksum", bytes, Unit::Bytes);
        let sha256 = copy_hashed(&mut reader, &mut io::sink(), progress)?.1;
        Ok(Self {
            format: FORMAT,
            product: PRODUCT.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            engine,
            schema: contents.schema,
            created_at: contents.created_at,
            tables: contents.tables,
            bytes,
            sha256,
        })
    }

    fn check(&self) -> Result<(), Failure> {
        if self.product != PRODUCT {
            return Err(format!("it is a backup of {:?}, not of Tallyboard", self.product).into());
        }
        if self.format > FORMAT {
            let Self { version, .. } = self;
            return Err(format!("it was made by a later version, {version}: restore it with that version").into());
        }
        Ok(())
    }
}

/// Writes the manifest and the database into a new file, and makes sure that it is on the disk.
pub fn write(to: &Path, manifest: &Manifest, database: &Path, progress: &Progress) -> Result<(), Failure> {
    progress.step("Compressing", manifest.bytes, Unit::Bytes);
    let file = File::create_new(to)?;
    let mut archive = Builder::new(GzEncoder::new(io::BufWriter::new(file), Compression::fast()));
    let text = serde_json::to_vec_pretty(manifest)?;
    archive.append_data(&mut header(text.len() as u64, manifest), MANIFEST, text.as_slice())?;
    let reader = Counted { inner: File::open(database)?, progress };
    archive.append_data(&mut header(manifest.bytes, manifest), manifest.engine.file_name(), reader)?;
    let file = archive.into_inner()?.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(())
}

fn header(size: u64, manifest: &Manifest) -> Header {
    let mut header = Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(manifest.created_at.timestamp()).unwrap_or_default());
    header
}

/// The manifest alone: the rest of the file is not read.
pub fn read_manifest(file: &Path) -> Result<Manifest, Failure> {
    let mut archive = Archive::new(GzDecoder::new(io::BufReader::new(open(file)?)));
    let mut entries = archive.entries()?;
    first_entry(&mut entries)
}

/// Writes the database of a backup to `to` and answers the manifest. Everything about the file is checked: that it is
/// whole, that nothing was added, and that the database is the one of the manifest.
pub fn extract(file: &Path, to: &Path, progress: &Progress) -> Result<Manifest, Failure> {
    let mut archive = Archive::new(GzDecoder::new(io::BufReader::new(open(file)?)));
    let mut entries = archive.entries()?;
    let manifest = first_entry(&mut entries)?;
    progress.step("Reading the backup", manifest.bytes, Unit::Bytes);
    let mut entry = entries.next().ok_or("it contains no database")??;
    let is_database = entry.path()?.to_str() == Some(manifest.engine.file_name());
    if !is_database || entry.header().entry_type() != EntryType::Regular {
        return Err("it has something else where the database should be".into());
    }
    let mut out = File::create_new(to)?;
    let (bytes, sha256) = copy_hashed(&mut entry, &mut out, progress)?;
    if bytes != manifest.bytes {
        return Err(format!("its database has {bytes} bytes, and should have {}", manifest.bytes).into());
    }
    if sha256 != manifest.sha256 {
        return Err("the checksum of its database is wrong: the file was changed or damaged".into());
    }
    if entries.next().is_some() {
        return Err("it contains more than a database".into());
    }
    // To the end, where gzip has its own checksum: a file that was cut off there is not whole.
    let rest = io::copy(&mut archive.into_inner(), &mut io::sink())?;
    if rest > 1024 * 1024 {
        return Err("it contains more than a database".into());
    }
    out.sync_all()?;
    Ok(manifest)
}

fn open(file: &Path) -> Result<File, Failure> {
    let opened = File::open(file)?;
    if !opened.metadata()?.is_file() {
        return Err("it is not a file".into());
    }
    Ok(opened)
}

fn first_entry<R: Read>(entries: &mut tar::Entries<'_, R>) -> Result<Manifest, Failure> {
    let none = "it is not a backup of Tallyboard";
    let mut entry = entries.next().ok_or(none)?.map_err(|error| format!("{none}: {error}"))?;
    if entry.path()?.to_str() != Some(MANIFEST) || entry.size() > MAX_MANIFEST_BYTES {
        return Err(none.into());
    }
    let mut text = String::new();
    entry.read_to_string(&mut text)?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| format!("{none}: {error}"))?;
    manifest.check()?;
    Ok(manifest)
}

/// Copies and answers the size and the SHA-256.
fn copy_hashed(from: &mut impl Read, to: &mut impl Write, progress: &Progress) -> Result<(u64, String), Failure> {
    let (mut buffer, mut bytes, mut hash) = (vec![0; 256 * 1024], 0, Sha256::new());
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok((bytes, format!("{:x}", hash.finalize())));
        }
        hash.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
        bytes += count as u64;
        progress.add(count as u64);
    }
}

/// A reader that tells how far it is.
struct Counted<'a> {
    inner: File,
    progress: &'a Progress,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.progress.add(count as u64);
        Ok(count)
    }
}

/// Makes sure that a rename in this folder is on the disk.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}
