//! The examples of docs/API.md, run as they stand, and the lines of docs/ASSISTANTS.md, which the page shows too.

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

use crate::support::Client;

const API: &str = include_str!("../../docs/API.md");

/// The fenced blocks of one kind.
fn blocks(kind: &str) -> Vec<&'static str> {
    let found: Vec<_> =
        API.split(&format!("```{kind}\n")).skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(!found.is_empty(), "no {kind} in docs/API.md");
    found
}

/// Fills in the values of earlier answers.
fn fill_in(text: &str, said: &BTreeMap<String, String>) -> String {
    said.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Whether the answer has all expected fields; it may have more.
fn holds(answer: &Value, expected: &Value) -> bool {
    match expected.as_object() {
        Some(fields) => fields.iter().all(|(name, value)| answer.get(name).is_some_and(|there| holds(there, value))),
        None => answer == expected,
    }
}

async fn run(client: &Client, block: &str, said: &mut BTreeMap<String, String>) {
    let text = fill_in(block, said);
    let (request, answer) = text.trim_end().split_once("\n\n").expect("a request, an empty line, an answer");
    let mut lines = request.lines();
    let (method, path) = lines.next().unwrap().split_once(' ').unwrap();
    let mut asked = client.request(method.parse().unwrap(), path);
    for line in lines {
        asked = match line.strip_prefix('{') {
            Some(_) => asked.json(&serde_json::from_str::<Value>(line).unwrap()),
            None => {
                let (name, value) = line.split_once(": ").unwrap();
                asked.header(name, value)
            }
        };
    }
    let (status, expected) = answer.split_once('\n').unwrap_or((answer, "null"));
    let got = client.send(asked).await;
    assert_eq!(got.status.to_string(), status, "{text}\n{}", got.text);
    let body = if got.text.is_empty() { Value::Null } else { got.json() };
    let expected = serde_json::from_str(expected).unwrap();
    assert!(holds(&body, &expected), "{text}\n{body}");
    for name in ["id", "updated_at", "next_cursor"] {
        // Members and shares don't have their own id: later examples use the one of the team or task.
        if let Some(value) = body[name].as_str() {
            said.insert(name.to_owned(), value.to_owned());
        }
    }
}

on_both_databases! {
    async fn every_example_of_the_apis_documentation_is_true(server) {
        let seeded = crate::support::binary(&server.folder).arg("seed").env("DATABASE_URL", &server.url).status();
        assert!(seeded.unwrap().success());
        let mut client = server.anybody();
        for script in blocks("sh") {
            let script = script.replace("http://127.0.0.1:3000", &server.base);
            let done = Command::new("bash").args(["-ec", &script]).output().unwrap();
            let answer: Value = serde_json::from_slice(&done.stdout).unwrap();
            client.token = Some(answer["access_token"].as_str().unwrap().to_owned());
        }
        let mut said = BTreeMap::new();
        let examples = blocks("http");
        for example in &examples {
            run(&client, example, &mut said).await;
        }
        assert!(examples.len() >= 15);
    }

    async fn the_assistants_page_and_the_guide_show_the_same_lines(server) {
        let guide = include_str!("../../docs/ASSISTANTS.md");
        let page = server.user("Ada").await.get("/settings/assistants").await.text;
        let blocks: Vec<_> = page.split("<pre ").skip(1).map(|rest| rest.split("</pre>").next().unwrap()).collect();
        assert!(blocks.len() >= 6, "{page}");
        for block in blocks {
            let lines = block.split_once('>').unwrap().1.replace(&server.base, "https://tasks.example.org");
            let lines = lines.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            assert!(guide.contains(&lines), "docs/ASSISTANTS.md doesn't show:\n{lines}");
        }
    }
}
