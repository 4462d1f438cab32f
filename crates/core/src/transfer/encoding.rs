//! The text of a table: UTF-8, or what Excel writes.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use tallyboard_model::{
    error::{Error, Result},
    language::{t, text},
};

/// The signatures of files that aren't tables, and what to do with them.
const OTHERS: [(&[u8], &str); 6] = [
    (b"PK\x03\x04", text("is a zip file or a spreadsheet: send a zip file as .zip, and save a spreadsheet as CSV")),
    (b"BEGIN:VCALENDAR", text("is a calendar (.ics), which isn't read: export the tasks as a table (CSV) instead")),
    (b"<?xml", text("is XML, which isn't read: export the tasks as a table (CSV) instead")),
    (b"<!DOCTYPE", text("is a web page: export the tasks as a table (CSV) instead")),
    (b"{\"", text("is JSON: name the file .json, or send it as application/json")),
    (b"{\n", text("is JSON: name the file .json, or send it as application/json")),
];

/// The text of a table, without the mark of its encoding: UTF-8, UTF-16 with such a mark, or Windows-1252.
///
/// # Errors
/// 422 when the bytes are in none of them, or are another kind of file.
pub fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>> {
    if let Some((_, why)) = OTHERS.into_iter().find(|(begin, _)| bytes.starts_with(begin)) {
        return Err(Error::invalid("file", why));
    }
    match Encoding::for_bom(bytes) {
        Some((encoding, length)) if [UTF_16LE, UTF_16BE].contains(&encoding) => {
            let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[length..]);
            text.ok_or_else(|| Error::invalid("file", "is damaged UTF-16: save the table as UTF-8"))
        }
        Some((_, length)) => utf_8(&bytes[length..]),
        None => utf_8(bytes),
    }
}

fn utf_8(bytes: &[u8]) -> Result<Cow<'_, str>> {
    let end = Encoding::utf8_valid_up_to(bytes);
    if let Some(text) = UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        return Ok(text);
    }
    // A table that has signs in UTF-8 is a damaged one of that kind. Windows-1252 leaves some bytes undefined.
    let is_windows =
        bytes[..end].is_ascii() && !bytes.iter().any(|byte| matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D));
    if is_windows {
        return Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0);
    }
    let line = bytes[..end].iter().filter(|byte| **byte == b'\n').count() + 1;
    Err(Error::invalid(&format!("line {line}"), t("isn't UTF-8 or Windows-1252: save the table as UTF-8")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn files_of_excel_are_read() {
        let text = "Titel;Fällig\r\nÄpfel – 5 €;24.12.2026\r\n";
        let utf_16 = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
            mark.iter().copied().chain(text.encode_utf16().flat_map(bytes)).collect::<Vec<u8>>()
        };
        let with_mark = [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            with_mark,
            utf_16(b"\xFF\xFE", u16::to_le_bytes),
            utf_16(b"\xFE\xFF", u16::to_be_bytes),
            WINDOWS_1252.encode(text).0.into_owned(),
        ] {
            assert_eq!(decoded(&bytes).unwrap(), text);
        }
    }

    #[test]
    fn unreadable_files_say_why() {
        for (bytes, place, why) in [
            (b"title\n\xC3\xA4\n\xFF\n".as_slice(), "line 3", "isn't UTF-8"),
            (b"title\n\x81\n", "line 2", "isn't UTF-8"),
            (b"\xFF\xFEt\0\0\xD8x\0", "file", "damaged UTF-16"),
            (b"\xFF\xFEt", "file", "damaged UTF-16"),
            (b"PK\x03\x04rest", "file", "zip file or a spreadsheet"),
            (b"BEGIN:VCALENDAR\r\n", "file", "is a calendar"),
            (b"{\"cards\":[]}", "file", "is JSON"),
        ] {
            let error = decoded(bytes).unwrap_err();
            assert!(error.fields[place].contains(why), "{bytes:?}: {error}");
        }
    }
}
