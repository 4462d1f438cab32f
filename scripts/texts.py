#!/usr/bin/env python3
"""The texts of the code and those of locales/: what is missing in a language, and what it has too much.

    scripts/texts.py          says so, and fails when there is anything
    scripts/texts.py --write  adds what is missing (empty, to be translated) and removes the rest
"""

import json
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LITERAL = r'"((?:[^"\\]|\\.)*)"'
# How the code names a text. Errors are said in English by the API, and translated where a page shows them.
CALLS = [
    rf"(?<![.\w])(?:t|text|t_with)\(\s*{LITERAL}",
    rf"\bPage::of\(&?app, &?user, {LITERAL}\)",
    rf"\bError::(?:forbidden|unauthorized)\(\s*{LITERAL}",
    rf"\.detail\(\s*{LITERAL}",
    rf"\b(?:reject|invalid|field)\(\s*[^,()]+,\s*{LITERAL}",
    rf"\bCode::\w+,\s*{LITERAL}",
]
COUNT = rf"\bt_count\([^\"]*?{LITERAL},\s*{LITERAL}"
NOT_FOUND = rf"\bError::not_found\(\s*{LITERAL}"
SAY = r"\bsay\('((?:[^'\\]|\\.)*)'"
# The tests at the end of a file; a line like `mod store_test;` at its beginning is none.
TESTS = re.compile(r"\n#\[cfg\((?:all\()?test.*\n(?:#\[.*\n)*mod \w+ {")
# What is compiled for the browser.
ISLANDS = re.compile(r"/island(\.rs|/)|src/ui/(html_list|polling|polling_loop|browser)\.rs|src/assistant/rows\.rs|src/json/|crates/model/src/error/mod\.rs")
# Of no page: command line, log, the MCP server's own words.
SKIPPED = re.compile(
    r"src/cli/|crates/(base/src/config|db|site|ops/src/(doctor|backup|copy))/|crates/model/src/language/(?!dates)|src/openapi"
    r"|crates/assistants/src/mcp/(?!tools)|_test\.rs$"
)


def unescaped(text):
    text = re.sub(r"\\\n\s*", "", text)
    return text.replace('\\"', '"').replace("\\'", "'").replace("\\n", "\n").replace("\\\\", "\\")


def texts_of_the_code():
    """The texts by section: `server`, `islands` and `scripts`."""
    found = {"server": set(), "islands": set(), "scripts": set()}
    for path in sorted([*(ROOT / "src").rglob("*.rs"), *(ROOT / "crates").rglob("*.rs")]):
        name = str(path.relative_to(ROOT))
        if SKIPPED.search(name):
            continue
        source = TESTS.split(path.read_text())[0]
        source = re.sub(r"(?m)^\s*//.*$", "", source)
        section = "islands" if ISLANDS.search(name) else "server"
        for pattern in CALLS:
            found[section].update(re.findall(pattern, source))
        for one, other in re.findall(COUNT, source):
            found[section].update([one, other])
        found[section].update(f"{what} not found" for what in re.findall(NOT_FOUND, source))
    for path in [*(ROOT / "src/scripts").glob("*.js"), ROOT / "public/app.js", ROOT / "public/kiosk.js"]:
        found["scripts"].update(re.findall(SAY, path.read_text()))
    found = {section: {unescaped(text) for text in texts} for section, texts in found.items()}
    found = {section: {text for text in texts if re.search("[A-Za-z]{2}", text)} for section, texts in found.items()}
    # The browser's own are sent along; the server reads them there, too.
    found["islands"] -= found["scripts"]
    found["server"] -= found["scripts"] | found["islands"]
    return found


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def main():
    is_writing = "--write" in sys.argv[1:]
    code = texts_of_the_code()
    is_complete = True
    for path in sorted((ROOT / "locales").glob("*.toml")):
        catalog = tomllib.loads(path.read_text())
        known = {english: text for section in catalog.values() for english, text in section.items()}
        others = catalog.get("others", {})
        all_texts = set().union(*code.values())
        missing = sorted(text for text in all_texts if not known.get(text))
        unused = sorted(set(known) - all_texts - set(others))
        misplaced = [text for section in code for text in sorted(code[section]) if text in known and text not in catalog.get(section, {})]
        for kind, texts in [("not translated", missing), ("not in the code", unused), ("in another section", misplaced)]:
            for text in texts:
                print(f"{path.name}: {kind}: {quoted(text)}")
        is_complete &= not (missing or unused or misplaced)
        if is_writing:
            head = path.read_text().split("\n[", 1)[0] + "\n"
            sections = {**{name: {text: known.get(text, "") for text in texts} for name, texts in code.items()}, "others": others}
            body = "\n".join(
                f"[{name}]\n" + "".join(f"{quoted(english)} = {quoted(text)}\n" for english, text in sorted(texts.items()))
                for name, texts in sections.items()
            )
            path.write_text(head + body)
    sys.exit(0 if is_complete or is_writing else 1)


main()
