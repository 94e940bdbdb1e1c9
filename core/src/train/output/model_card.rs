//! The model card: a `README.md` that says what an adapter is, what it learned from, how well it
//! agrees with the labels, and what it cannot tell.

use crate::prompt::scoring_prompt;
use crate::rubric::Attribute;

/// What a model card says; texts are plain, without Markdown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelCard {
    /// Its heading.
    pub title: String,
    /// A hub id such as `Qwen/Qwen2.5-VL-7B-Instruct`, or where the base model lay.
    pub base_model: String,
    /// What it scores.
    pub attributes: Vec<Attribute>,
    /// A licence identifier of the hub, if one is stated.
    pub license: Option<String>,
    /// Whether it learned from drawings made by a program.
    pub is_demo: bool,
    /// What it learned from.
    pub data: DataCounts,
    /// Settings and their values, in the order to show.
    pub settings: Vec<(String, String)>,
    /// How it did on rows that were held out, if that was measured.
    pub scores: Option<Scores>,
}

/// How many rows and labels there were of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataCounts {
    /// What the data set is called.
    pub name: String,
    /// Rows that the weights were fitted to.
    pub train: usize,
    /// Rows that only chose the best checkpoint.
    pub validation: usize,
    /// Blank labels.
    pub blanks: usize,
    /// The score that blanks counted as; without one they were left out.
    pub blank_as: Option<u8>,
    /// Rows left out because they have no picture.
    pub missing_pictures: usize,
}

/// A table of scores.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scores {
    /// On what, such as `24 held-out drawings`.
    pub measured_on: String,
    /// Names of the columns.
    pub header: Vec<String>,
    /// Rows of values, one for each column.
    pub rows: Vec<Vec<String>>,
}

/// What holds for every adapter of this kind.
const LIMITS: &str = "\
- Agreement with teachers is moderate, even for the large published model (a mean correlation of
  about 0.65). Single scores can be far off.
- Children of other ages, other cultures, other materials and other ways of teaching have not been
  studied. There the scores may mean nothing.
- A score is a program's opinion: no grade, and no measure of a child's gift or effort. Somebody
  who knows the child should look first, and decide.
- Not for marks, selection, competitions or diagnosis.";

/// What holds for an adapter that no child's drawing was shown to.
const DEMO: &str = "\
**A demo.** It learned from drawings made by a program, whose labels follow from how they were
made. It has never seen a child's drawing, and what it says is not an assessment of a child.";

impl ModelCard {
    /// The text of the whole `README.md`.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let settings = self.settings.iter().map(|(name, value)| vec![name.clone(), value.clone()]);
        let settings: Vec<_> = settings.collect();
        let mut parts = vec![self.front_matter(), format!("# {}", line(&self.title))];
        if self.is_demo {
            parts.push(DEMO.to_owned());
        }
        parts.push(self.summary());
        parts.extend(["## Data".to_owned(), self.data.to_markdown()]);
        if !settings.is_empty() {
            let header = ["setting", "value"].map(str::to_owned);
            parts.extend(["## Settings".to_owned(), table(&header, &settings)]);
        }
        if let Some(Scores { measured_on, header, rows }) = &self.scores {
            let on = format!("Measured on {}.", line(measured_on));
            parts.extend(["## Scores".to_owned(), on, table(header, rows)]);
        }
        parts.extend(["## Limits".to_owned(), LIMITS.to_owned()]);
        parts.join("\n\n") + "\n"
    }

    /// What the hub reads: YAML between two rules.
    fn front_matter(&self) -> String {
        let mut lines = vec!["---".to_owned()];
        let mut tags = vec!["lora".to_owned(), "qwen2_5_vl".to_owned(), "easel".to_owned()];
        if is_hub_id(&self.base_model) {
            lines.push(format!("base_model: {}", yaml(&self.base_model)));
            tags.push(format!("base_model:adapter:{}", self.base_model));
        }
        lines.push("library_name: peft".to_owned());
        if let Some(license) = &self.license {
            lines.push(format!("license: {}", yaml(license)));
        }
        lines.push("pipeline_tag: image-text-to-text".to_owned());
        lines.push("tags:".to_owned());
        lines.extend(tags.iter().map(|tag| format!("- {}", yaml(tag))));
        lines.push("---".to_owned());
        lines.join("\n")
    }

    /// What it is and how it is asked.
    fn summary(&self) -> String {
        let names: Vec<_> = self.attributes.iter().map(|a| a.name().replace('_', " ")).collect();
        let mut text = format!(
            "Low-rank adapters (LoRA, in PEFT's format) that score drawings from 1 to 5 for: {}. \
             The base model is {}.",
            names.join(", "),
            code(&self.base_model)
        );
        if let Some(&first) = self.attributes.first() {
            text += &format!(
                " The score is the mean of the digits 1 to 5, weighted by their probability as \
                 the next token after the picture and this text:\n\n    {}",
                scoring_prompt(first)
            );
        }
        if self.license.is_none() {
            text += "\n\nNo licence is stated here: the terms of the base model and of the data \
                     apply.";
        }
        text
    }
}

impl DataCounts {
    fn to_markdown(&self) -> String {
        let blanks = match self.blank_as {
            Some(score) => format!("blank labels, counted as {score}"),
            None => "blank labels, left out".to_owned(),
        };
        let rows = [
            ("rows trained on", self.train),
            ("rows that chose the best checkpoint", self.validation),
            (blanks.as_str(), self.blanks),
            ("rows without a picture, left out", self.missing_pictures),
        ];
        let rows = rows.map(|(name, count)| vec![name.to_owned(), count.to_string()]);
        table(&[self.name.clone(), "count".to_owned()], &rows)
    }
}

/// Whether a name has the hub's form, `owner/name`, and is no path.
fn is_hub_id(name: &str) -> bool {
    let plain = |part: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        !part.is_empty() && !part.starts_with('.') && part.chars().all(allowed)
    };
    name.split_once('/').is_some_and(|(owner, name)| plain(owner) && plain(name))
}

/// A string of YAML; those of JSON are such.
fn yaml(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A text in one line.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name that is shown letter by letter.
fn code(text: &str) -> String {
    format!("`{}`", line(text).replace('`', "'"))
}

/// A table of Markdown.
fn table(header: &[String], rows: &[Vec<String>]) -> String {
    let row = |cells: &[String]| {
        let cells = cells.iter().map(|cell| format!(" {} |", line(cell).replace('|', "\\|")));
        format!("|{}", cells.collect::<String>())
    };
    let rule = format!("|{}", "---|".repeat(header.len()));
    let rows = rows.iter().map(|cells| row(cells));
    [row(header), rule].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> ModelCard {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        ModelCard {
            title: "Easel: realism".into(),
            base_model: "Qwen/Qwen2.5-VL-3B-Instruct".into(),
            attributes: vec![Attribute::Realism, Attribute::LineTexture],
            data: DataCounts {
                name: "KidsArtBench".into(),
                train: 900,
                validation: 100,
                blanks: 7,
                missing_pictures: 2,
                blank_as: None,
            },
            settings: vec![("rank".into(), "8".into()), ("prompt".into(), "a|b\nc".into())],
            scores: Some(Scores {
                measured_on: "100 held-out drawings".into(),
                header: texts(&["attribute", "PC"]),
                rows: vec![texts(&["realism", "0.65 (0.58 to 0.71)"])],
            }),
            ..ModelCard::default()
        }
    }

    #[test]
    fn everything_that_is_known_is_said() {
        let text = card().to_markdown();
        assert!(text.starts_with("---\nbase_model: \"Qwen/Qwen2.5-VL-3B-Instruct\"\nlibrary_name"));
        for part in [
            "- \"base_model:adapter:Qwen/Qwen2.5-VL-3B-Instruct\"\n---\n\n# Easel: realism\n",
            "from 1 to 5 for: realism, line texture.",
            "\n    <image>Assess the student's artwork based on the 'realism' criterion",
            "| KidsArtBench | count |\n|---|---|\n| rows trained on | 900 |\n",
            "| blank labels, left out | 7 |\n",
            "| rank | 8 |\n| prompt | a\\|b c |\n",
            "Measured on 100 held-out drawings.\n\n| attribute | PC |\n|---|---|\n",
            "\n| realism | 0.65 (0.58 to 0.71) |\n",
            "No licence is stated here",
            "no grade",
        ] {
            assert!(text.contains(part), "{part}\n---\n{text}");
        }
        assert!(!text.contains("A demo.") && text.ends_with("diagnosis.\n"));
    }

    #[test]
    fn what_is_unknown_is_left_out() {
        let mut card = ModelCard { scores: None, settings: Vec::new(), ..card() };
        card.license = Some("apache-2.0".into());
        card.data.blank_as = Some(3);
        let text = card.to_markdown();
        assert!(text.contains("\nlicense: \"apache-2.0\"\n") && !text.contains("No licence"));
        assert!(text.contains("| blank labels, counted as 3 | 7 |"));
        assert!(!text.contains("## Scores") && !text.contains("## Settings"));
    }

    #[test]
    fn a_demo_says_so_first() {
        let text = ModelCard { is_demo: true, ..card() }.to_markdown();
        let demo = text.find("**A demo.**").unwrap();
        assert!(demo < text.find("Low-rank adapters").unwrap());
    }

    #[test]
    fn a_path_is_no_id_of_the_hub() {
        for path in ["/models/qwen", "./qwen", "../qwen", "qwen", "C:\\qwen/x", "a/b/c", "a/", ""] {
            assert!(!is_hub_id(path), "{path}");
        }
        let text = ModelCard { base_model: "/models/a`b".into(), ..card() }.to_markdown();
        assert!(text.starts_with("---\nlibrary_name: peft\n") && text.contains("`/models/a'b`"));
    }
}
