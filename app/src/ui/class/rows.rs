//! Which rows a table shows, and in which order.

use easel_core::{Attribute, Score};

use crate::class::State;
use crate::portfolio::Record;

/// In which order rows stand. None of them ranks pupils: rows are drawings, and there are no sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// By the pupil's name.
    Name,
    /// As they came.
    #[default]
    Time,
    /// Those that want the teacher first.
    State,
    /// By one attribute.
    Attribute(Attribute),
}

/// Which rows are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Only {
    /// All.
    #[default]
    All,
    /// Those that wait to be looked at.
    Waiting,
    /// Those that the teacher has not approved.
    Scored,
    /// Those that pupils may see.
    Approved,
    /// Those that could not be looked at.
    Failed,
}

impl Only {
    /// Which kind of row a drawing is.
    pub(in crate::ui) fn of(record: &Record) -> Self {
        match record.class.as_ref().map(|seat| (&seat.state, seat.approved)) {
            Some((State::Waiting, _)) => Self::Waiting,
            Some((State::Failed(_), _)) => Self::Failed,
            Some((State::Scored, false)) => Self::Scored,
            Some((State::Scored, true)) | None => Self::Approved,
        }
    }

    /// What wants the teacher comes first.
    const fn urgency(self) -> u8 {
        match self {
            Self::Failed => 0,
            Self::Scored => 1,
            Self::Waiting => 2,
            Self::Approved | Self::All => 3,
        }
    }
}

/// The rows that are shown, in their order.
pub(in crate::ui) fn rows<'a>(
    records: &'a [Record],
    (find, only, sort): (&str, Only, Sort),
    name: impl Fn(&Record) -> &'a str,
) -> Vec<&'a Record> {
    let sought = find.trim().to_lowercase();
    let holds = |record: &Record| {
        let file = record.class.as_ref().map(|seat| seat.file.as_str()).unwrap_or_default();
        let texts = [name(record), file, record.words(), &record.note];
        sought.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(&sought))
    };
    let mut rows: Vec<_> = records
        .iter()
        .filter(|record| only == Only::All || Only::of(record) == only)
        .filter(|record| holds(record))
        .collect();
    match sort {
        Sort::Time => {}
        Sort::Name => rows.sort_by_cached_key(|record| name(record).to_lowercase()),
        Sort::State => rows.sort_by_key(|record| Only::of(record).urgency()),
        Sort::Attribute(attribute) => {
            // Those without a level come last.
            let level = |record: &Record| {
                record.judged().get(attribute).map_or(f64::INFINITY, Score::expected)
            };
            rows.sort_by(|a, b| level(a).total_cmp(&level(b)));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::Seat;
    use crate::portfolio::{Id, When};
    use easel_core::Assessment;

    fn record(id: u64, level: usize, state: State) -> Record {
        let mut probs = [0.0; 5];
        probs[level] = 1.0;
        let scored = state == State::Scored;
        let scores = scored.then_some((Attribute::Realism, Score { probs }));
        Record {
            id: Id(id),
            pupil: Id(id),
            when: When { ms: id as i64, ahead: 0 },
            assessment: Assessment::new(scores.into_iter().collect()),
            comment: format!("comment {id}"),
            note: String::new(),
            model: String::new(),
            class: Some(Box::new(Seat { state, ..Seat::new(Id(9), format!("{id}.png")) })),
        }
    }

    #[test]
    fn rows_are_found_and_ordered() {
        let records = [
            record(1, 3, State::Scored),
            record(2, 0, State::Waiting),
            record(3, 1, State::Scored),
            record(4, 0, State::Failed("no picture".to_owned())),
        ];
        let name = |record: &Record| ["", "mia", "Zoe", "Ada", "小明"][record.id.0 as usize];
        let found = |find, only, sort| -> Vec<u64> {
            rows(&records, (find, only, sort), name).iter().map(|record| record.id.0).collect()
        };
        assert_eq!(found("", Only::All, Sort::Time), [1, 2, 3, 4]);
        assert_eq!(found("", Only::All, Sort::Name), [3, 1, 2, 4]);
        assert_eq!(found("", Only::All, Sort::State), [4, 1, 3, 2]);
        assert_eq!(found("", Only::All, Sort::Attribute(Attribute::Realism)), [3, 1, 2, 4]);
        assert_eq!(found("", Only::Scored, Sort::Time), [1, 3]);
        assert_eq!(found(" MIA ", Only::All, Sort::Time), [1]);
        assert_eq!(found("comment 3", Only::All, Sort::Time), [3]);
        assert_eq!(found("2.png", Only::Failed, Sort::Time), [] as [u64; 0]);
    }
}
