//! The calendar by the letter of RFC 5545, and as another program reads it: Python's `icalendar`.

use std::{
    collections::BTreeMap,
    io::Write,
    process::{Command, Stdio},
};

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use crate::{
    import::import,
    support::{Client, left_out, python_packages},
};

/// An entry: title, description, first day, and the day after the last.
type Entry = (String, Option<String>, NaiveDate, NaiveDate);

/// Tasks with everything that a feed has to write in another way.
async fn tasks(ada: &Client) -> BTreeMap<String, Entry> {
    let descriptions = [
        "two\nlines; with, signs \\ and \\n of their own\n\n\tand a tab".to_owned(),
        "ü".repeat(300),
        "👩\u{200d}👩\u{200d}👧 ".repeat(30).trim().to_owned(),
        "a\u{2028}b, BEGIN:VEVENT\nEND:VCALENDAR".to_owned(),
    ];
    let titles = [
        "Send; the, cards \\ now: \"yes\"".to_owned(),
        "x".repeat(200),
        "日本語のとても長い題名です。".repeat(12),
        "7bit\u{a0}BEGIN:VALARM".to_owned(),
    ];
    // The last day of a year and one on which clocks change.
    let days = ["2026-12-31", "2027-03-28", "2028-02-29", "2026-10-25"];
    let mut all = BTreeMap::new();
    for ((title, description), day) in titles.into_iter().zip(descriptions).zip(days) {
        let new = json!({ "title": title, "description": description, "due_at": format!("{day}T21:30:00Z") });
        ada.post("/api/tasks", new).await.expect(201);
        let day: NaiveDate = day.parse().unwrap();
        all.insert(title.clone(), (title, Some(description), day, day + Days::new(1)));
    }
    let file = "title,description,due\n\"Cell with\rCR\",\"one\r\ntwo\rthree\",2026-12-24\n";
    import(ada, "text/csv", "", file).await.expect(200);
    let day: NaiveDate = "2026-12-24".parse().unwrap();
    let title = "Cell with CR".to_owned();
    all.insert(title.clone(), (title, Some("one\ntwo\nthree".to_owned()), day, day + Days::new(1)));
    all
}

/// The properties of a feed, checked by the letter: how lines end, how long they are, what they're made of, what encloses what.
fn entries_by_the_letter(feed: &str) -> BTreeMap<String, Entry> {
    assert!(feed.ends_with("\r\n"));
    let physical: Vec<&str> = feed.strip_suffix("\r\n").unwrap().split("\r\n").collect();
    let mut lines: Vec<String> = Vec::new();
    for line in physical {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
        assert!(!line.contains(|c: char| c.is_control() && c != '\t'), "{line:?}");
        match line.strip_prefix([' ', '\t']) {
            Some(rest) => lines.last_mut().unwrap().push_str(rest),
            None => lines.push(line.to_owned()),
        }
    }
    let (mut open, mut entries, mut entry) = (Vec::new(), BTreeMap::new(), BTreeMap::<String, String>::new());
    let mut of_calendar = Vec::new();
    for line in &lines {
        let (head, value) = line.split_once(':').unwrap_or_else(|| panic!("{line:?}"));
        let name = head.split(';').next().unwrap();
        assert!(!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-'), "{line:?}");
        match name {
            "BEGIN" => open.push(value.to_owned()),
            "END" => {
                assert_eq!(open.pop().as_deref(), Some(value));
                if value == "VEVENT" {
                    let found = entry_of(&std::mem::take(&mut entry));
                    entries.insert(found.0.clone(), found);
                }
            }
            _ if open == ["VCALENDAR", "VEVENT"] => {
                assert_eq!(entry.insert(head.to_owned(), value.to_owned()), None, "{head} twice");
            }
            _ => of_calendar.push(line.as_str()),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert!(of_calendar.contains(&"VERSION:2.0") && of_calendar.iter().any(|line| line.starts_with("PRODID:")));
    entries
}

fn entry_of(properties: &BTreeMap<String, String>) -> Entry {
    assert!(properties["UID"].ends_with("@tallyboard"), "{properties:?}");
    let stamp = &properties["DTSTAMP"];
    assert!(stamp.len() == 16 && stamp.ends_with('Z'), "{stamp}");
    let day = |name: &str| NaiveDate::parse_from_str(&properties[name], "%Y%m%d").unwrap();
    let (begin, end) = (day("DTSTART;VALUE=DATE"), day("DTEND;VALUE=DATE"));
    assert_eq!(end, begin + Days::new(1), "the end is the day after");
    (text_of(&properties["SUMMARY"]), properties.get("DESCRIPTION").map(|text| text_of(text)), begin, end)
}

/// A text (section 3.3.11): `\`, `;` and `,` are escaped, and so are ends of lines.
fn text_of(value: &str) -> String {
    let (mut text, mut letters) = (String::new(), value.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(escaped @ ('\\' | ';' | ',')) => text.push(escaped),
                other => panic!("\\{other:?} in {value}"),
            },
            ';' | ',' => panic!("{letter} is not escaped in {value}"),
            letter => text.push(letter),
        }
    }
    text
}

const READER: &str = r#"
import json, sys
from icalendar import Calendar
calendar = Calendar.from_ical(sys.stdin.buffer.read())
broken = [str(component.errors) for component in calendar.walk() if getattr(component, "errors", None)]
assert not broken, broken
events = [[str(event["SUMMARY"]), str(event["DESCRIPTION"]), event.decoded("DTSTART").isoformat(), event.decoded("DTEND").isoformat()]
          for event in calendar.walk("VEVENT")]
json.dump(events, sys.stdout)
"#;

/// What Python's `icalendar` reads; `None` where it's missing.
fn entries_by_python(feed: &str) -> Option<BTreeMap<String, Entry>> {
    let python = || {
        let mut command = Command::new("/usr/bin/python3");
        command.env("PYTHONPATH", python_packages()).env("PYTHONIOENCODING", "utf-8");
        command
    };
    let is_there =
        python().args(["-c", "import icalendar"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !is_there {
        left_out("Python's icalendar");
        return None;
    }
    let mut reader = python().args(["-c", READER]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    reader.stdin.take().unwrap().write_all(feed.as_bytes()).unwrap();
    let output = reader.wait_with_output().unwrap();
    assert!(output.status.success());
    let events: Vec<[String; 4]> =
        serde_json::from_slice::<Value>(&output.stdout).and_then(serde_json::from_value).unwrap();
    let entry = |[title, description, begin, end]: [String; 4]| {
        (title.clone(), (title, Some(description), begin.parse().unwrap(), end.parse().unwrap()))
    };
    Some(events.into_iter().map(entry).collect())
}

/// Entries with spaces for `\n` and ends of lines: Python's reader takes an escaped backslash before an n for the latter.
fn without_breaks(mut entries: BTreeMap<String, Entry>) -> BTreeMap<String, Entry> {
    for (_, description, ..) in entries.values_mut() {
        *description = description.as_deref().map(|text| text.replace("\\n", " ").replace('\n', " "));
    }
    entries
}

on_both_databases! {
    async fn other_programs_read_the_calendar_as_it_was_meant(server) {
        let ada = server.user("Ada").await;
        let expected = tasks(&ada).await;
        let token = ada.post("/api/auth/tokens", json!({ "name": "Phone", "scopes": ["calendar"] })).await.expect(201);
        let feed = server.anybody().get(&format!("/api/calendar?token={}", token["token"].as_str().unwrap())).await;
        let export = ada.get("/api/export?format=ics").await;
        for answer in [feed, export] {
            assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
            assert_eq!(entries_by_the_letter(&answer.text), expected);
            if let Some(read) = entries_by_python(&answer.text) {
                assert_eq!(without_breaks(read), without_breaks(expected.clone()));
            }
        }
    }
}
