//! `easel class`: the queue of a class without a window, on the same portfolios.

use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use clap::Args;
use easel::class::{Ask, Class, Kind, Outcome, State, Tell, new_files};
use easel::native::{data_folder, desk, pictures};
use easel::portfolio::{self, Desk, Id, Record};
use easel::ui::{Source, table};
use easel_core::assess::{CommentOptions, Framing, TextOptions};
use easel_core::model::Work;
use easel_core::prompt::Language;
use easel_core::{Assessor, LoadOptions};
use pollster::block_on;

use crate::args::ModelArgs;
use crate::failure::Failure;
use crate::progress::PictureBar;
use crate::session;
use crate::terminal::{note, print};

/// The most tokens of a comment.
const MOST_TOKENS: usize = 160;

/// How long it waits before it asks again what another program left.
const MOMENT: Duration = Duration::from_millis(500);

/// Arguments of `easel class`.
#[derive(Debug, Args)]
pub struct ClassArgs {
    /// The class's name: it is begun where there is none of that name, else it goes on.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Pictures, or folders of them; pupils' names are guessed from the files' names.
    #[arg(value_name = "IMAGE|DIR")]
    pub inputs: Vec<PathBuf>,
    /// The folder of the portfolios; without it, the window's.
    #[arg(long, value_name = "DIR")]
    pub portfolios: Option<PathBuf>,
    /// The language of comments and cards.
    #[arg(long, default_value_t)]
    pub language: Language,
    /// Write what is known: FILE.csv, FILE.json, or FILE.pdf with cards for teachers and parents.
    #[arg(long, value_name = "FILE")]
    pub out: Vec<PathBuf>,
    /// Write cards for pupils, with what a teacher approved in the window, and without scores.
    #[arg(long, value_name = "FILE.pdf")]
    pub cards: Option<PathBuf>,
    #[command(flatten)]
    pub model: ModelArgs,
}

/// Takes pictures in, looks at those that wait, and writes files. Killed at any moment, the same line
/// again goes on; nothing is looked at twice.
pub fn run(args: &ClassArgs) -> Result<(), Failure> {
    let mut kinds = Vec::new();
    for path in &args.out {
        kinds.push((path, kind_of(path)?));
    }
    kinds.extend(args.cards.iter().map(|path| (path, Kind::Cards { scores: false })));
    let files = pictures(&args.inputs).map_err(Failure::Usage)?;
    let none = || Failure::Usage("this system names no folder of yours; name --portfolios".into());
    let folder = args.portfolios.clone().or_else(data_folder).ok_or_else(none)?;
    let desk = desk(&folder).map_err(|error| Failure::Portfolio(error.to_string()))?;
    let lesson = Lesson { desk };
    let class = lesson.class(&args.name)?;
    let records = lesson.records(class.id)?;
    let new = new_files(&records, files);
    let bar = PictureBar::new(new.len());
    for file in new {
        bar.start(&file.name);
        let unnamed = table(args.language).class.unnamed.to_owned();
        lesson.ask(Ask::Enter { class: class.id, file, unnamed })?;
        bar.advance();
    }
    bar.clear();
    look(&lesson, args, class.id)?;
    let (mut failed, records) = (0, lesson.records(class.id)?);
    for record in &records {
        if let Some(State::Failed(why)) = state(record) {
            failed += 1;
            let file = record.class.as_ref().map(|seat| seat.file.as_str());
            note(&format!("{}: {why}", file.unwrap_or_default()));
        }
    }
    print(&format!(
        "{}: {} of {} drawings looked at\n",
        class.name,
        records.len() - failed,
        records.len()
    ))?;
    for (path, kind) in kinds {
        let (language, place) = (args.language, path.to_string_lossy().into_owned());
        lesson.ask(Ask::Write { class: class.id, pupil: None, kind, language, place })?;
    }
    match failed {
        0 => Ok(()),
        failed => Err(Failure::Some { failed, total: records.len() }),
    }
}

fn state(record: &Record) -> Option<&State> {
    record.class.as_ref().map(|seat| &seat.state)
}

fn kind_of(path: &std::path::Path) -> Result<Kind, Failure> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(Kind::Csv),
        Some("json") => Ok(Kind::Json),
        Some("pdf") => Ok(Kind::Cards { scores: true }),
        _ => Err(Failure::file(path, "--out wants a file ending in .csv, .json or .pdf")),
    }
}

/// The desk, asked about classes.
struct Lesson {
    desk: Desk,
}

impl Lesson {
    fn ask(&self, ask: Ask) -> Result<Tell, Failure> {
        match block_on(self.desk.answer(portfolio::Ask::Class(ask))) {
            Ok(portfolio::Tell::Class(tell)) => Ok(tell),
            Ok(other) => Err(Failure::Portfolio(format!("unexpected answer: {other:?}"))),
            Err(fault) => Err(Failure::Portfolio(fault.message)),
        }
    }

    /// The newest class of a name.
    fn class(&self, name: &str) -> Result<Class, Failure> {
        if let Tell::List(all) = self.ask(Ask::List)?
            && let Some(class) = all.into_iter().find(|class| class.name == name.trim())
        {
            return Ok(class);
        }
        match self.ask(Ask::Add(name.to_owned()))? {
            Tell::Added(class) => Ok(class),
            other => Err(Failure::Portfolio(format!("unexpected answer: {other:?}"))),
        }
    }

    /// The drawings of a class that wait.
    fn waiting(&self, class: Id) -> Result<Vec<Id>, Failure> {
        let mut records = self.records(class)?;
        records.retain(|record| state(record) == Some(&State::Waiting));
        Ok(records.into_iter().map(|record| record.id).collect())
    }

    fn records(&self, class: Id) -> Result<Vec<Record>, Failure> {
        match self.ask(Ask::Records(class))? {
            Tell::Records { records, .. } => Ok(records),
            other => Err(Failure::Portfolio(format!("unexpected answer: {other:?}"))),
        }
    }
}

/// Looks at one after another; what was found is kept before the next one begins. What another window
/// looks at is its own, until it is done with it or gone.
fn look(lesson: &Lesson, args: &ClassArgs, class: Id) -> Result<(), Failure> {
    let mut waiting = lesson.waiting(class)?;
    if waiting.is_empty() {
        return Ok(());
    }
    let options = LoadOptions::new().with_drawing(true);
    let work = Work { written: MOST_TOKENS, ..Work::default() };
    let (mut assessor, _) = session::load(&args.model, true, work, options)?;
    let model = if args.model.is_demo() { String::new() } else { args.model.model.clone() };
    let bar = PictureBar::new(waiting.len());
    let mut told = false;
    loop {
        let mut elsewhere = false;
        for id in waiting {
            let (name, picture) = match lesson.ask(Ask::Take(id))? {
                Tell::Taken { picture: Source::File { name, bytes }, .. } => {
                    (name.clone(), Source::File { name, bytes })
                }
                other => {
                    elsewhere |= other == Tell::Busy(id);
                    continue;
                }
            };
            bar.start(&name);
            let outcome = match assess(&mut assessor, &picture, args.language) {
                Ok((assessment, comment)) => {
                    Outcome::Found { assessment, comment, model: model.clone() }
                }
                Err(failure) if failure.is_picture() => Outcome::Failed(failure.to_string()),
                Err(failure) => return Err(failure),
            };
            lesson.ask(Ask::Looked(id, outcome))?;
            // It is kept: from now on it is not looked at again.
            bar.suspend(|| print(&format!("{name}\n")))?;
            bar.advance();
        }
        if !elsewhere {
            break;
        }
        if !std::mem::replace(&mut told, true) {
            bar.suspend(|| note("another Easel is looking at the drawings that are left: waiting"));
        }
        sleep(MOMENT);
        waiting = lesson.waiting(class)?;
    }
    bar.clear();
    Ok(())
}

fn assess(
    assessor: &mut Assessor,
    source: &Source,
    language: Language,
) -> Result<(easel_core::Assessment, String), Failure> {
    let image = source.decode().map_err(easel_core::Error::from)?;
    let picture = assessor.encode(&image, Framing::default())?;
    let assessment = block_on(assessor.score(&picture))?;
    let text = TextOptions { max_tokens: MOST_TOKENS, sampling: None };
    let options = CommentOptions { language, text, written: Vec::new() };
    let mut stream = block_on(assessor.comment(&picture, &assessment, options))?;
    let comment = block_on(stream.finish())?;
    Ok((assessment, comment.trim().to_owned()))
}
