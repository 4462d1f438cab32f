//! How wide a table may be.

use tallyboard_model::{
    error::{Error, Result},
    language::t_with,
};

/// How many columns a table may have.
pub const MAX_COLUMNS: usize = 100;

/// Refuses a line with too many values. The reader would keep eight bytes for each of them.
pub fn check_width(bytes: &[u8], delimiter: u8) -> Result<()> {
    #[derive(PartialEq)]
    enum Place {
        Begin,
        Plain,
        Quoted,
        /// Behind a quote inside quotes: the end, or half of an escaped one.
        Quote,
    }
    let (mut place, mut values, mut line, mut record_line) = (Place::Begin, 1, 1, 1);
    for byte in bytes {
        line += usize::from(*byte == b'\n');
        place = match (place, *byte) {
            (Place::Begin | Place::Quote, b'"') | (Place::Quoted, 0..=b'!' | b'#'..) => Place::Quoted,
            (Place::Quoted, b'"') => Place::Quote,
            (_, b'\n' | b'\r') => {
                (values, record_line) = (1, line);
                Place::Begin
            }
            (_, byte) if byte == delimiter => {
                values += 1;
                Place::Begin
            }
            _ => Place::Plain,
        };
        if values > MAX_COLUMNS {
            let why = t_with("has more than {most} values", &[("most", &MAX_COLUMNS)]);
            return Err(Error::invalid(&format!("line {record_line}"), why));
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_at_most_a_hundred_values() {
        let width = |text: &str| check_width(text.as_bytes(), b',').map_err(|error| error.to_string());
        let wide = ",".repeat(100);
        for fine in [
            "",
            "a,b\n1,2\n",
            &",".repeat(99),
            &format!("\"{wide}\",b"),
            &format!("\"a\"\"{wide}\",b\n{}", ",".repeat(99)),
        ] {
            assert_eq!(width(fine), Ok(()), "{fine}");
        }
        for (text, line) in [
            (wide.clone(), 1),
            (format!("a\n\"b\nc\"\n{wide}"), 4),
            (format!("x\"{wide}"), 1),
            (format!("\"a\"b\"{wide}"), 1),
        ] {
            let error = width(&text).unwrap_err();
            assert!(error.contains(&format!("line {line}: has more than 100 values")), "{error}");
        }
    }
}
