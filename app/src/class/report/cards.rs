//! What stands on a card.

use easel_core::{Attribute, Score};

use super::sheets::{BODY, HEAD, SMALL, STRONG, Sheets, TITLE, WIDTH};
use super::{Card, Report};
use crate::class::{State, spreads};
use crate::portfolio::Record;
use crate::ui::{Table, fill, table};

/// Widths of the columns: an attribute, the model's score, the teacher's level, what that means.
const COLUMNS: [f32; 4] = [104.0, 92.0, 64.0, WIDTH - 260.0];
/// The same of the class's means: an attribute, how many, mean, deviation.
const MEANS: [f32; 4] = [180.0, 100.0, 100.0, WIDTH - 380.0];

pub(super) fn made(report: &Report<'_>) -> Vec<u8> {
    let t = table(report.language);
    let mut sheets = Sheets::new(report.more);
    let about_all = report.scores && report.whose.is_none();
    if about_all || report.cards.is_empty() {
        class(&mut sheets, t, report);
    }
    for card in report.cards {
        drawing(&mut sheets, t, report, card);
    }
    let class = report.class.name.as_str();
    sheets.finish(
        &report.whose.map_or_else(|| class.to_owned(), |name| fill(t.drawing_by, &[name, class])),
    )
}

fn class(sheets: &mut Sheets<'_>, t: &Table, report: &Report<'_>) {
    let c = &t.class;
    sheets.sheet(t.by_program);
    sheets.text(&report.class.name, TITLE);
    sheets.text(&report.class.when.date(), SMALL);
    sheets.space(12.0);
    let looked = |card: &&Card<'_>| card.record.assessment.iter().next().is_some();
    let counts = [report.cards.len(), report.cards.iter().filter(looked).count()];
    let [all, looked] = counts.map(|count| count.to_string());
    sheets.text(&fill(c.looked_at, &[&looked, &all]), BODY);
    if !report.scores {
        return;
    }
    sheets.space(12.0);
    sheets.text(c.means, HEAD);
    sheets.text(c.means_more, SMALL);
    sheets.space(8.0);
    let heads = [t.column_attribute, c.count, c.mean, c.deviation];
    row(sheets, heads, MEANS, true);
    sheets.rule();
    for spread in spreads(report.cards.iter().map(|card| card.record)) {
        let deviation = spread.deviation.map_or(c.none.to_owned(), |value| format!("{value:.2}"));
        let (count, mean) = (spread.count.to_string(), format!("{:.2}", spread.mean));
        row(sheets, [t.of(spread.attribute).name, &count, &mean, &deviation], MEANS, false);
        sheets.rule();
    }
}

fn row(sheets: &mut Sheets<'_>, cells: [&str; 4], widths: [f32; 4], strong: bool) {
    let style = |at: usize| if strong || at == 0 { STRONG } else { SMALL };
    let cells: Vec<_> = (0..4).map(|at| (cells[at], widths[at], style(at))).collect();
    sheets.room(28.0);
    sheets.cells(&cells);
}

fn drawing(sheets: &mut Sheets<'_>, t: &Table, report: &Report<'_>, card: &Card<'_>) {
    let record = card.record;
    let model = if record.model.is_empty() { t.model_demo } else { &record.model };
    sheets.sheet(&format!("{} {}", t.by_program, fill(t.model_name, &[model])));
    sheets.text(card.name, TITLE);
    sheets.text(&fill(t.drawing_by, &[&report.class.name, &record.when.date()]), SMALL);
    sheets.space(10.0);
    if let Some(jpeg) = &card.picture {
        sheets.picture(jpeg, if report.scores { 250.0 } else { 340.0 });
        sheets.space(6.0);
    }
    match record.class.as_ref().map(|seat| &seat.state) {
        Some(State::Waiting) => sheets.text(t.class.waiting, BODY),
        Some(State::Failed(why)) => {
            sheets.text(t.class.failed_why, BODY);
            sheets.text(&fill(t.details, &[why]), SMALL);
        }
        _ => words(sheets, t, report, record),
    }
}

fn words(sheets: &mut Sheets<'_>, t: &Table, report: &Report<'_>, record: &Record) {
    sheets.text(t.comment_title, HEAD);
    let words = record.words();
    sheets.text(if words.is_empty() { t.comment_none } else { words }, BODY);
    if record.is_edited() {
        sheets.text(t.class.edited, SMALL);
    }
    sheets.space(8.0);
    if report.scores {
        scores(sheets, t, record);
        if !record.note.is_empty() {
            sheets.space(8.0);
            sheets.text(t.note, HEAD);
            sheets.text(&record.note, BODY);
        }
        return;
    }
    // What is no drawing has no strength.
    let told = record.assessment.doubt().is_none().then(|| record.judged().extremes()).flatten();
    if let Some((strength, next)) = told {
        for (title, text) in
            [(t.strength_title, t.of(strength).strength), (t.next_title, t.of(next).next)]
        {
            sheets.room(48.0);
            sheets.text(title, HEAD);
            sheets.text(text, BODY);
            sheets.space(6.0);
        }
    }
}

fn scores(sheets: &mut Sheets<'_>, t: &Table, record: &Record) {
    let c = &t.class;
    sheets.room(70.0);
    sheets.text(t.attributes_title, HEAD);
    sheets.text(c.both_scores, SMALL);
    sheets.space(4.0);
    row(
        sheets,
        [t.column_attribute, c.column_model, c.column_teacher, c.column_level],
        COLUMNS,
        true,
    );
    sheets.rule();
    for attribute in Attribute::ALL {
        let (score, own) = (record.assessment.get(attribute), record.own(attribute));
        let model = score.map_or(c.none.to_owned(), |score: &Score| {
            format!("{:.1} ± {:.1}", score.expected(), score.std())
        });
        let teacher = own.map_or(String::new(), |level| level.to_string());
        let level = own.map(usize::from).or_else(|| score.map(|s| s.expected().round() as usize));
        let meaning = level.and_then(|level| t.of(attribute).levels.get(level.saturating_sub(1)));
        let meaning = meaning.copied().unwrap_or(c.not_scored);
        row(sheets, [t.of(attribute).name, &model, &teacher, meaning], COLUMNS, false);
        sheets.rule();
    }
}
