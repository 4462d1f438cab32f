//! Small scripts.

/// A script without its comments, its types and its indentation: every page sends it. Comments are JSDoc, or whole lines.
pub fn compact(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, comment)) = rest.split_once("/**") {
        code += before;
        rest = comment.split_once("*/").map_or("", |(_, after)| after.trim_start_matches(' '));
    }
    code += rest;
    let lines = code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_by_scripts_are_kept() {
        let source = "// @ts-check\n{\n    // Why.\n    const a = 'x // y';\n\n    f();\n}\n";
        assert_eq!(compact(source), "{\nconst a = 'x // y';\nf();\n}");
    }

    #[test]
    fn types_are_not_sent() {
        let source = "/**\n * @param {number} a\n */\nconst f = a => /** @type {B} */ (g(a));\n/** @type {C | undefined} */\nlet c;\n";
        assert_eq!(compact(source), "const f = a => (g(a));\nlet c;");
    }
}
