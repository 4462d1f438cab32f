//! Server-sent events, read from bytes however they're cut (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).

use std::mem::take;

/// One event: its name, which is mostly empty, and its data.
#[derive(Debug, PartialEq, Eq)]
pub struct Event {
    pub name: String,
    pub data: String,
}

/// Splits bytes into events. Lines end with LF, CRLF or CR; comments and fields that mean nothing here are skipped.
#[derive(Default)]
pub struct Events {
    line: Vec<u8>,
    name: String,
    data: String,
    /// The last byte was a CR: an LF after it ends no other line.
    is_after_cr: bool,
}

impl Events {
    /// The events that these bytes complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for &byte in bytes {
            let is_after_cr = std::mem::replace(&mut self.is_after_cr, byte == b'\r');
            match byte {
                b'\n' if is_after_cr => {}
                b'\n' | b'\r' => events.extend(self.end_line()),
                _ => self.line.push(byte),
            }
        }
        events
    }

    /// The last event, which some endpoints don't end with an empty line.
    pub fn end(&mut self) -> Option<Event> {
        self.end_line().or_else(|| self.end_event())
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        if line.is_empty() {
            return self.end_event();
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => self.name = value.to_owned(),
            "data" if self.data.is_empty() => self.data = value.to_owned(),
            "data" => self.data += &format!("\n{value}"),
            _ => {}
        }
        None
    }

    fn end_event(&mut self) -> Option<Event> {
        let event = Event { name: take(&mut self.name), data: take(&mut self.data) };
        (!event.data.is_empty()).then_some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_found_among_everything_else() {
        let text = ": ping\r\nretry: 100\r\nid: 7\r\ndata: one\r\n\r\n\r\nnonsense\revent:error\rdata:two\rdata:  three\r\rdata: last";
        let mut events = Events::default();
        let mut found = events.push(text.as_bytes());
        found.extend(events.end());
        let event = |name: &str, data: &str| Event { name: name.to_owned(), data: data.to_owned() };
        assert_eq!(found, [event("", "one"), event("error", "two\n three"), event("", "last")]);
        assert_eq!(events.end(), None);
    }
}
