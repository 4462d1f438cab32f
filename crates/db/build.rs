//! Writes the SQL files in `migrations` into the program, as two lists of
//! `(version, description, up, down)`.

use std::{env, error::Error, fmt::Write, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=../../migrations");
    let root = env::var("CARGO_MANIFEST_DIR")?;
    let mut code = String::new();
    for (name, database) in [("SQLITE", "sqlite"), ("POSTGRES", "postgres")] {
        let folder = Path::new(&root).join("../../migrations").join(database);
        let mut files: Vec<_> =
            fs::read_dir(&folder)?.map(|file| Ok(file?.file_name())).collect::<Result<_, std::io::Error>>()?;
        files.sort();
        writeln!(code, "static {name}: &[MigrationFiles] = &[")?;
        for file in &files {
            let file = file.to_str().ok_or("the name of a migration is not UTF-8")?;
            let Some(base) = file.strip_suffix(".up.sql") else { continue };
            let (version, description) = base.split_once('_').ok_or("a migration is named NNNN_what.up.sql")?;
            let version: i64 = version.parse()?;
            let description = description.replace('_', " ");
            let include = |way: &str| format!("include_str!({:?})", folder.join(format!("{base}.{way}.sql")));
            writeln!(code, "    ({version}, {description:?}, {}, {}),", include("up"), include("down"))?;
        }
        writeln!(code, "];")?;
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("migrations.rs"), code)?;
    Ok(())
}
