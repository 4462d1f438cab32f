//! Prepared statements behind a pooler: each client's names become the pooler's own, and a statement is prepared on a
//! connection the first time that a client needs it there.

use std::collections::{HashMap, HashSet, VecDeque};

use super::pooler::Message;

/// Every statement that any client has prepared, by what follows its name; the value is its number.
#[derive(Default)]
pub struct Statements(HashMap<Vec<u8>, usize>);

/// One client's statements, and the answers that it must not see.
#[derive(Default)]
pub struct Rewriter {
    names: HashMap<Vec<u8>, (usize, Vec<u8>)>,
    /// For each Parse that was sent: whether it was ours, and so is its answer.
    parses: VecDeque<bool>,
    /// The same for each Close.
    closes: VecDeque<bool>,
    /// What was prepared since the last Sync: an error takes it back.
    sent: Vec<usize>,
}

impl Rewriter {
    /// What to send to a connection for a message of the client.
    pub fn rewrite(&mut self, message: Message, known: &mut Statements, prepared: &mut HashSet<usize>) -> Vec<Message> {
        let (kind, body) = message;
        match kind {
            b'P' => {
                let (name, rest) = split(&body);
                if name.is_empty() {
                    self.parses.push_back(false);
                    return vec![(kind, body)];
                }
                let next = known.0.len();
                let number = *known.0.entry(rest.to_vec()).or_insert(next);
                self.names.insert(name.to_vec(), (number, rest.to_vec()));
                // Closing an unknown name isn't an error: the client gets its answer to Parse either way.
                prepared.insert(number);
                self.sent.push(number);
                self.closes.push_back(true);
                self.parses.push_back(false);
                vec![(b'C', close(number)), (b'P', joined(number, rest))]
            }
            b'B' => {
                let (portal, rest) = split(&body);
                let (name, rest) = split(rest);
                let Some((number, parse)) = self.names.get(name).cloned() else { return vec![(kind, body)] };
                let mut bind = portal.to_vec();
                bind.push(0);
                bind.extend(joined(number, rest));
                self.preparing(number, &parse, prepared, (b'B', bind))
            }
            b'D' if body.first() == Some(&b'S') => {
                let (name, _) = split(&body[1..]);
                let Some((number, parse)) = self.names.get(name).cloned() else { return vec![(kind, body)] };
                let describe = [b"S".to_vec(), joined(number, b"")].concat();
                self.preparing(number, &parse, prepared, (b'D', describe))
            }
            b'C' if body.first() == Some(&b'S') => {
                let (name, _) = split(&body[1..]);
                self.names.remove(name);
                self.closes.push_back(false);
                // It stays for the other clients.
                vec![(b'C', b"Snobody's\0".to_vec())]
            }
            b'C' => {
                self.closes.push_back(false);
                vec![(kind, body)]
            }
            _ => vec![(kind, body)],
        }
    }

    fn preparing(&mut self, number: usize, parse: &[u8], prepared: &mut HashSet<usize>, then: Message) -> Vec<Message> {
        if !prepared.insert(number) {
            return vec![then];
        }
        self.sent.push(number);
        self.parses.push_back(true);
        vec![(b'P', joined(number, parse)), then]
    }

    /// Whether an answer of PostgreSQL is to something that the client has not sent.
    pub fn swallows(&mut self, kind: u8, prepared: &mut HashSet<usize>) -> bool {
        match kind {
            b'1' => self.parses.pop_front().unwrap_or_default(),
            b'3' => self.closes.pop_front().unwrap_or_default(),
            b'E' => {
                self.sent.drain(..).for_each(|number| _ = prepared.remove(&number));
                false
            }
            b'Z' => {
                self.parses.clear();
                self.closes.clear();
                self.sent.clear();
                false
            }
            _ => false,
        }
    }
}

/// A text that ends with a zero byte, and what comes after it.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    (&bytes[..end], bytes.get(end + 1..).unwrap_or_default())
}

fn joined(number: usize, rest: &[u8]) -> Vec<u8> {
    [format!("pooled_{number}\0").as_bytes(), rest].concat()
}

fn close(number: usize) -> Vec<u8> {
    [b"S".to_vec(), joined(number, b"")].concat()
}
