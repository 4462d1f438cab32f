//! Small scripts.

/// A script without its comments and the space at the beginnings of its lines: every page sends it.
pub fn compact(source: &str) -> String {
    let lines = source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_by_scripts_are_kept() {
        let source = "{\n    // Why.\n    const a = 'x // y';\n\n    f();\n}\n";
        assert_eq!(compact(source), "{\nconst a = 'x // y';\nf();\n}");
    }
}
