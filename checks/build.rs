//! Lists the TOML files of `profiles/`, `libraries/` and `providers/`, so that adding one touches nothing else.

#![expect(clippy::disallowed_methods, reason = "a build script may read its own crate and write OUT_DIR")]

use std::{env, fmt::Write as _, fs, path::Path};

fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let mut code = String::new();
    for folder in ["profiles", "libraries", "providers"] {
        println!("cargo:rerun-if-changed={folder}");
        let dir = Path::new(&root).join(folder);
        let mut files: Vec<_> = fs::read_dir(&dir)
            .expect("the folder is part of the crate")
            .map(|entry| entry.expect("readable folder").path())
            .filter(|path| path.extension().is_some_and(|e| e == "toml"))
            .collect();
        // By id: with its ending, netbird-embedded would stand before netbird.
        files.sort_by(|a, b| a.file_stem().cmp(&b.file_stem()));
        writeln!(code, "pub(crate) static {}: &[(&str, &str)] = &[", folder.to_uppercase()).expect("to a String");
        for file in files {
            let stem = file.file_stem().expect("it has a name").to_string_lossy();
            // Not the path of today: what this writes is kept when the checkout moves.
            let file = format!("/{folder}/{stem}.toml");
            writeln!(code, "    ({stem:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {file:?}))),")
                .expect("to a String");
        }
        code.push_str("];\n");
    }
    fs::write(Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("data_files.rs"), code)
        .expect("OUT_DIR is writable");
}
