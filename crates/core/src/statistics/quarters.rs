//! Tasks created and completed, by quarters of an hour: every time zone's days consist of them.

use tallyboard_model::{
    calendar::TimeRange,
    error::{Error, Result},
};

const QUARTER_SECONDS: i64 = 15 * 60;

/// Consecutive quarters as the database stores them: two JSON arrays of numbers.
pub struct QuartersRow {
    /// Quarters since 1970.
    pub first_quarter: i64,
    pub created: String,
    pub completed: String,
}

/// The numbers of each quarter in a time range.
pub struct Quarters {
    first: i64,
    /// Created and completed.
    counts: Vec<[i64; 2]>,
}

impl QuartersRow {
    /// Each number: its quarter, whether it is of created (0) or completed (1) tasks, and the number itself.
    pub fn counts(&self) -> impl Iterator<Item = Result<(i64, usize, i64)>> {
        [&self.created, &self.completed].into_iter().enumerate().flat_map(move |(kind, array)| {
            // serde would make a vector of each array.
            let numbers = array.trim_matches(['[', ']']).split(',').enumerate();
            numbers.map(move |(place, number)| {
                let number = number.trim().parse();
                let number = number.map_err(|_| Error::internal("user_days holds no array of numbers"))?;
                Ok((self.first_quarter + place as i64, kind, number))
            })
        })
    }
}

/// The first and the last quarter of a time range.
pub fn bounds(range: TimeRange) -> (i64, i64) {
    let quarter = |timestamp: i64| timestamp.div_euclid(QUARTER_SECONDS);
    (quarter(range.start.timestamp()), quarter(range.end.timestamp() - 1))
}

impl Quarters {
    /// Adds the rows up; what lies outside of `range` is ignored.
    pub fn new(range: TimeRange, rows: &[QuartersRow]) -> Result<Self> {
        let (first, last) = bounds(range);
        let length = usize::try_from(last - first + 1).unwrap_or_default();
        let mut quarters = Self { first, counts: vec![[0; 2]; length] };
        for row in rows {
            for count in row.counts() {
                let (quarter, kind, count) = count?;
                if let Some(counts) = quarters.at(quarter) {
                    counts[kind] += count;
                }
            }
        }
        Ok(quarters)
    }

    fn at(&mut self, quarter: i64) -> Option<&mut [i64; 2]> {
        self.counts.get_mut(usize::try_from(quarter - self.first).ok()?)
    }

    /// How many tasks were created and completed in `range`.
    pub fn sum(&self, range: TimeRange) -> [u64; 2] {
        let (first, last) = bounds(range);
        let place = |quarter: i64| usize::try_from(quarter - self.first).unwrap_or_default().min(self.counts.len());
        let inside = &self.counts[place(first)..place(last + 1)];
        [0, 1].map(|kind| u64::try_from(inside.iter().map(|counts| counts[kind]).sum::<i64>()).unwrap_or_default())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn range(start: &str, end: &str) -> TimeRange {
        TimeRange { start: start.parse().unwrap(), end: end.parse().unwrap() }
    }

    fn row(first_quarter: i64, created: &str, completed: &str) -> QuartersRow {
        QuartersRow { first_quarter, created: created.to_owned(), completed: completed.to_owned() }
    }

    #[test]
    fn days_are_sums_of_quarters_in_any_time_zone() {
        // The UTC day 1970-01-02, with a task in its quarters 0, 22 and 95, and two changes that wait.
        let created: Vec<_> = (0..96).map(|place| u8::from([0, 22, 95].contains(&place)).to_string()).collect();
        let rows =
            [row(96, &format!("[{}]", created.join(",")), "[]"), row(118, "[-1]", "[0]"), row(119, "[0]", "[3]")];
        let whole = range("1970-01-01T18:30:00Z", "1970-01-03T18:30:00Z");
        let quarters = Quarters::new(whole, &rows[..1]);
        assert!(quarters.is_err(), "an empty array has no number");
        let rows = [
            row(96, &format!("[{}]", created.join(",")), "[0]"),
            rows.into_iter().nth(1).unwrap(),
            row(119, "[0]", "[3]"),
        ];
        let quarters = Quarters::new(whole, &rows).unwrap();
        // A day in India begins at 18:30 UTC.
        assert_eq!(quarters.sum(range("1970-01-01T18:30:00Z", "1970-01-02T18:30:00Z")), [1, 3]);
        assert_eq!(quarters.sum(range("1970-01-02T18:30:00Z", "1970-01-03T18:30:00Z")), [1, 0]);
        assert_eq!(quarters.sum(range("1970-01-02T05:45:00Z", "1970-01-02T06:00:00Z")), [0, 3]);
        assert_eq!(quarters.sum(range("1969-01-01T00:00:00Z", "1980-01-01T00:00:00Z")), [2, 3]);
    }
}
