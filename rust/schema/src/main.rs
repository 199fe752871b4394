//! `zkperp-schema`: writes every file that is generated from `schema.toml`; with `--check` it
//! writes nothing and exits with 1 if one of them is stale.

mod generator;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use generator::{Schema, SchemaError};
use thiserror::Error;

/// Why nothing, or not everything, was written.
#[derive(Debug, Error)]
enum Failure {
    #[error("{0}: {1}")]
    Io(PathBuf, #[source] io::Error),
    #[error("schema.toml: {0}")]
    Schema(#[from] SchemaError),
    #[error("stale: {}\nrun `cargo run --release -p zkperp-schema`", .0.join(", "))]
    Stale(Vec<String>),
    #[error("usage: zkperp-schema [--check]")]
    Usage,
}

fn main() -> ExitCode {
    match run() {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("zkperp-schema: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let check = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--check"] => true,
        _ => return Err(Failure::Usage),
    };
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = read(&package.join("schema.toml"))?;
    let schema = Schema::parse(&text)?;
    let root = package.join("../..");
    let mut stale = Vec::new();
    let files = schema.files();
    for (path, content) in &files {
        let target = root.join(path);
        if fs::read_to_string(&target).is_ok_and(|old| old == *content) {
            continue;
        }
        stale.push((*path).to_owned());
        if !check {
            write(&target, content)?;
        }
    }
    if check && !stale.is_empty() {
        return Err(Failure::Stale(stale));
    }
    let written = if check { 0 } else { stale.len() };
    Ok(format!("{} files, {written} written", files.len()))
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::Io(path.to_owned(), error))
}

fn write(path: &Path, content: &str) -> Result<(), Failure> {
    let fail = |error| Failure::Io(path.to_owned(), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(fail)?;
    }
    fs::write(path, content).map_err(fail)
}
