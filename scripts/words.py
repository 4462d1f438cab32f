#!/usr/bin/env python3
"""Finds phrases that nobody would say in English (literal German, mostly), and says what to write instead.

    scripts/words.py            checks code, scripts, settings, docs, locales and tests; fails if it finds any
    scripts/words.py FILE...    checks these files

A line that has to keep such a phrase (a quotation, an input of a test) ends with the comment `words: ok`.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Not migrations: an applied one must not change.
PLACES = ["src", "crates", "docs", "tests", "end2end", "examples", "locales", "public", "scripts", "packaging", "Leptos.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
KINDS = {".rs", ".md", ".ts", ".js", ".mjs", ".toml", ".snap", ".sh"}

OWN = r"(?:its|their|his|her|your|my|our|one's) own"
# A pattern, and the better wording. Each is here because it was written more than once.
ENGLISH = [
    (r"\banew\b", "again"),
    (r"\bin (?:the )?place of\b", "instead of; replaces"),
    (r"\bbesides\b", "in addition to; also"),
    (r"\bso (?:many|few|long|often)\b(?! (?:as|that|it|they|the)\b)", "at most this many; for this long"),
    (r"\bso much (?:of|silence|time|memory|work)\b", "this much"),
    (r"(?<!there )\b(?:is|are|was|were) none\b(?! (?:yet|left)\b)", "isn't one"),
    (r"(?<!there )\bis no (?:error|rule|fault|secret|object|day|id|text|name|part|goal|key|address|token|number|time)\b", "isn't a …"),
    (r"\bwhat stands\b|\bstands (?:in|on|at|below|above|beside|before|behind|between|there)\b(?! for)", "is in; appears in"),
    (r"\b(?:for|to|of|by|from|that) whoever\b|(?:^|[.:;] |\W{3})whoever\b|\bwhomever\b|\bwhosever\b", "anyone who; the person who"),
    (
        r"(?:^\W*|[.:;] )(?-i:Who) (?!is\b|are\b|can\b|may\b|has\b)\w+s? [^?.:;]*\b(?:is|are|gets?|loses?|waits?|sees?|reads?|goes)\b[^?]*$",
        "start with the action or the thing: “Delivering an event also …”",
    ),
    (r"\ball the same\b", "still; anyway"),
    (r"\blately\b", "recently"),
    (r"\bto (?:its|an|the very) end\b", "completely; finishes"),
    (r"\bin vain\b", "without success"),
    (r"\bvery same\b", "same"),
    (r"\b(?:is|are|was) tried again\b", "is retried; retrying"),
    (r"\btak(?:e|es|en|ing) (?:\w+ ){0,3}along\b", "export; carry over"),
    (rf"\b(?:a|an) [\w'-]+ of {OWN}(?=[,.;:)\"]|$| (?:and|that|which|for|in|at|on|or|to|is|so|each|because|nobody)\b)|\b\w+s of (?:its|their) own(?=[,.;:)\"]|$)", "its own …; a separate …"),
    (r"\b(?:code|password|none|nothing) (?:is|was) asked for\b", "is required; requires"),
    (r"\bhow often (?:somebody|someone|one) may\b", "rate limits"),
    (r"\b(?:want|wants) to be told\b|\bwhat (?:you|the user|somebody) (?:are|is|was|were) told\b", "notifications; notification settings"),
    (r"\bmakes? (?:an|the) account\b", "create an account"),
    (r"\bwhat is to be done\b", "what to do; the title"),
    (r"\ba begun\b|\bset-up\b", "in progress; setup"),
    (r"\bgets? nowhere\b", "fails; has no effect"),
    (r"\bthe ones? before\b", "the previous one"),
    (r"\b(?:day|time|words?) of (?:the )?one's\b", "your; the user's"),
    (r"\w,? meanwhile\b", "in the meantime; since then"),
    (r"\bwithout a word\b", "silently"),
    (r"\bleads? to nothing\b", "has no effect; goes nowhere"),
    (r"\bwho (?:is|are) asked (?:before|first)\b", "who has to accept"),
    (r"\bwho gets (?:an?|the|it)\b", "the recipient; the recipients"),
    (r"\bthe others? waits?\b", "the rest queue"),
    (r"///? [A-Z]\w+s\b[^.:;]*: (?:whether|how many)\b", "…; returns whether"),
    (r"\b(?:answer|it) (?:must not|would) tell(?:\.|$)", "reveal; show"),
]
GERMAN = [
    (r"\bJede andere Sitzung endet\b", "Alle anderen Sitzungen werden beendet"),
    (r"\bWas dir gemeldet\b", "Benachrichtigungen"),
    (r"\bZeigen, was käme\b", "Vorschau"),
    (r"\bTasten wirken\b", "Tastenkürzel"),
    (r"langjährigste", "am längsten amtierend"),
    (r"\bWie der Browser es wünscht\b", "Automatisch"),
]


def compiled(phrases):
    return [(re.compile(pattern, re.IGNORECASE), better) for pattern, better in phrases]


def files(arguments):
    if arguments:
        return [Path(argument).resolve() for argument in arguments]
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *PLACES], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [ROOT / line for line in listed.stdout.splitlines()]
    return [path for path in paths if path.suffix in KINDS and path.exists() and "fixtures" not in path.parts]


def lines(path):
    """The number of each line, its text, and whether it's German."""
    in_locales = path.parent.name == "locales"
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if in_locales and " = " in line and not line.startswith("#"):
            [(key, value)] = tomllib.loads(line).items()
            yield number, key, False
            yield number, value, True
        elif not in_locales:
            # The name of a test is a sentence.
            is_sentence = re.match(r"\s*(?:async )?fn \w+_\w+_\w+_\w+\(", line)
            yield number, line.replace("_", " ").replace("(", ".") if is_sentence else line, False


def main():
    english, german = compiled(ENGLISH), compiled(GERMAN)
    found = 0
    for path in files(sys.argv[1:]):
        for number, line, is_german in lines(path):
            if "words: ok" in line:
                continue
            for pattern, better in german if is_german else english:
                if match := pattern.search(line):
                    found += 1
                    print(f"{path.relative_to(ROOT)}:{number}: “{match[0].strip()[:60]}”: {better}")
    sys.exit(f"{found} phrases to reword (scripts/words.py has the list)" if found else 0)


main()
