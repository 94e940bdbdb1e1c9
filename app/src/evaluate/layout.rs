//! Tables of text, for the terminal and as Markdown.

use std::fmt::Write;

use easel_core::metrics::bootstrap::Bootstrap;

/// A table under a heading, with lines below it.
#[derive(Debug)]
pub struct Section {
    /// What it is about.
    pub title: String,
    /// The names of the columns.
    pub head: Vec<String>,
    /// The rows, as long as the head each.
    pub rows: Vec<Vec<String>>,
    /// What is said below.
    pub notes: Vec<String>,
}

/// What the columns mean.
pub fn legend(bootstrap: &Bootstrap) -> Vec<String> {
    let mut lines = vec![
        "SC, PC: Spearman's and Pearson's correlation; SD: mean absolute difference; ACC: share of \
         equal rounded scores; QWK: quadratic weighted kappa; RV: likeness of the two tables."
            .to_owned(),
        "Overall, SC, PC and QWK are means over the attributes; the others are over all scores."
            .to_owned(),
    ];
    if bootstrap.resamples > 0 {
        let Bootstrap { resamples, seed } = bootstrap;
        lines.push(format!(
            "In brackets: 95% intervals from {resamples} bootstrap samples of the pictures (seed \
             {seed})."
        ));
    }
    lines
}

/// Sections one below the other.
pub fn render(sections: &[Section], markdown: bool) -> String {
    let texts = sections.iter().map(|section| match markdown {
        true => as_markdown(section),
        false => as_text(section),
    });
    texts.collect::<Vec<_>>().join("\n")
}

fn as_text(section: &Section) -> String {
    let rows: Vec<&Vec<String>> = std::iter::once(&section.head).chain(&section.rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..section.head.len()).map(|c| width(c).unwrap_or(0)).collect();
    let mut text = clean(&section.title) + "\n";
    for row in rows {
        let mut line = String::new();
        for (index, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let cell = clean(cell);
            let _ = match index {
                0 => write!(line, "  {cell:<width$}"),
                _ => write!(line, "  {cell:>width$}"),
            };
        }
        text += line.trim_end();
        text.push('\n');
    }
    for note in &section.notes {
        let _ = writeln!(text, "  {}", clean(note));
    }
    text
}

fn as_markdown(section: &Section) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<_> = cells.iter().map(|cell| clean(cell).replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut text = format!("### {}\n\n{}", clean(&section.title), line(&section.head));
    text += "|---";
    text += &"|--:".repeat(section.head.len().saturating_sub(1));
    text += "|\n";
    for row in &section.rows {
        text += &line(row);
    }
    for note in &section.notes {
        let _ = write!(text, "\n{}\n", clean(note));
    }
    text
}

/// Names come from files: no orders to the terminal, no new lines.
fn clean(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use easel::evaluation::NONE;

    fn section() -> Section {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        Section {
            title: "a\nmodel".into(),
            head: row(["attribute", "SC"]),
            rows: vec![row(["réalisme", NONE]), row(["a|b", "0.612 [0.55, 0.66]"])],
            notes: vec!["RV 0.5".into()],
        }
    }

    #[test]
    fn text_is_aligned() {
        let expected = "a model\n\
                        \x20 attribute                  SC\n\
                        \x20 réalisme                    –\n\
                        \x20 a|b        0.612 [0.55, 0.66]\n\
                        \x20 RV 0.5\n";
        assert_eq!(render(&[section()], false), expected);
    }

    #[test]
    fn markdown_keeps_its_columns() {
        let expected = "### a model\n\n| attribute | SC |\n|---|--:|\n| réalisme | – |\n\
                        | a\\|b | 0.612 [0.55, 0.66] |\n\nRV 0.5\n";
        assert_eq!(render(&[section()], true), expected);
    }

    #[test]
    fn the_legend_tells_of_intervals_where_there_are_any() {
        assert_eq!(legend(&Bootstrap { resamples: 0, seed: 1 }).len(), 2);
        assert!(legend(&Bootstrap::default())[2].contains("1000 bootstrap samples"));
    }
}
