//! What screens ask of the tab, carried out.

use std::path::PathBuf;

use easel_core::rubric::Attribute;

use super::{Act, Ending, Going, PAGE, Toggle, Training};
use crate::training::{Ask, Base, DataFiles, Jobs, Wanted};
use crate::ui::app::EaselApp;
use crate::ui::platform::Place;
use crate::ui::protocol::ModelChoice;

impl EaselApp {
    /// Carries out what the Train tab asks for.
    pub(in crate::ui) fn train(&mut self, act: Act) {
        let Some(training) = &mut self.training else { return };
        let base = Base {
            model: match training.demo {
                true => ModelChoice::Demo,
                false => self.model.choice.clone(),
            },
            device: training.device,
        };
        match act {
            Act::Choose(place) => self.platform.choose_place(place),
            Act::Score => {
                if let (Some(drawing), Some(run)) = (&self.drawing, training.run_to_try()) {
                    let (source, edit) = (drawing.source.clone(), drawing.edit);
                    (training.scoring, training.scored) = (true, None);
                    training.send(Ask::Score { base, run, source, edit });
                }
            }
            act => training.carry_out(act, base),
        }
    }
}

impl Training {
    /// The run whose adapters are tried: the one that is shown.
    pub(in crate::ui) fn run_to_try(&self) -> Option<PathBuf> {
        let shown = self.followed.as_ref().or_else(|| self.chosen().into_iter().next());
        shown.map(|run| run.look.path.clone())
    }

    fn carry_out(&mut self, act: Act, base: Base) {
        match act {
            Act::Open => self.show(),
            Act::Tab(tab) => self.tab = tab,
            Act::Typed(place, text) => self.typed(place, text),
            Act::Toggle(toggle, on) => self.toggle(toggle, on),
            Act::Check => {
                (self.checking, self.page) = (true, 0);
                self.send(Ask::Check(self.files()));
            }
            Act::Page(page) => {
                self.page = page;
                self.want_small();
            }
            Act::Set(key, text) => {
                self.draft.set(key, text);
                self.memory = None;
            }
            Act::Reset => (self.draft, self.memory) = (super::Draft::default(), None),
            Act::Jobs(jobs) => (self.jobs, self.memory) = (jobs, None),
            Act::Device(device) => self.device = device,
            Act::Memory => {
                if let Some(wanted) = self.wanted(base) {
                    (self.planning, self.memory) = (true, None);
                    self.send(Ask::Memory(wanted));
                }
            }
            Act::Start => {
                if let Some(wanted) = self.wanted(base) {
                    self.begin(wanted);
                }
            }
            Act::Resume => self.resume(base),
            Act::Pause => self.end(Ending::Pause),
            Act::Stop => self.end(Ending::Stop),
            Act::Follow(path) => self.follow(path),
            Act::Find => self.find(),
            Act::Pick(path, on) => {
                match on {
                    true => self.picked.insert(path),
                    false => self.picked.remove(&path),
                };
                self.judged = None;
            }
            Act::Judge => {
                let runs: Vec<_> = self.chosen().iter().map(|run| run.look.path.clone()).collect();
                let first = self.chosen().into_iter().next();
                let Some((settings, kept)) =
                    first.map(|run| (run.look.settings.clone(), run.files.clone()))
                else {
                    return;
                };
                self.take_places(kept);
                // What is held out is what the first run held out.
                let (files, out) = (self.files(), runs[0].clone());
                let (jobs, resume) = (Jobs::All, true);
                let wanted = Box::new(Wanted { files, settings, jobs, base, out, resume });
                (self.judging, self.judged) = (true, None);
                self.send(Ask::Judge { wanted, runs });
            }
            Act::Plot(plot) => self.plot = plot,
            Act::Choose(_) | Act::Score => {}
        }
    }

    fn show(&mut self) {
        self.open = true;
        if self.place(Place::Runs).is_empty()
            && let Some(runs) = self.desk.runs()
        {
            self.places.insert(Place::Runs, runs.to_string_lossy().into_owned());
        }
        self.find();
    }

    pub(super) fn find(&mut self) {
        let folder = self.place(Place::Runs).trim();
        if !folder.is_empty() {
            self.send(Ask::Find(PathBuf::from(folder)));
        }
    }

    fn typed(&mut self, place: Place, text: String) {
        self.places.insert(place, text);
        match place {
            Place::Sheet | Place::Images | Place::Comments => {
                (self.checked, self.memory) = (None, None);
            }
            Place::Valid => self.memory = None,
            Place::Runs => self.find(),
            Place::Out => {}
        }
    }

    /// Takes up where a run's data lies, where nothing was typed.
    pub(super) fn take_places(&mut self, files: Option<DataFiles>) {
        let typed = [Place::Sheet, Place::Images].map(|place| !self.place(place).is_empty());
        let Some(files) = files.filter(|_| typed == [false; 2]) else { return };
        let DataFiles { sheet, images, valid, comments, skip_missing, blank_as } = files;
        let places = [
            (Place::Sheet, Some(sheet)),
            (Place::Images, Some(images)),
            (Place::Valid, valid),
            (Place::Comments, comments),
        ];
        for (place, path) in places {
            if let Some(path) = path {
                self.typed(place, path.to_string_lossy().into_owned());
            }
        }
        (self.skip_missing, self.blank_as) = (skip_missing, blank_as.is_some());
    }

    fn toggle(&mut self, toggle: Toggle, on: bool) {
        match toggle {
            Toggle::SkipMissing => (self.skip_missing, self.memory) = (on, None),
            Toggle::BlankAs => (self.blank_as, self.memory) = (on, None),
            Toggle::OnlyBlanks => {
                (self.only_blanks, self.page) = (on, 0);
                self.want_small();
            }
            Toggle::AllSettings => self.all_settings = on,
            Toggle::Demo => (self.demo, self.memory) = (on, None),
        }
    }

    /// Asks for the small pictures of the rows that are shown.
    pub(super) fn want_small(&mut self) {
        if self.small.len() > super::MOST_SMALL {
            self.small.clear();
            self.asked.clear();
        }
        let (rows, _) = self.rows();
        debug_assert!(rows.len() <= PAGE);
        let paths: Vec<_> = rows.into_iter().map(|row| row.picture.clone()).collect();
        for path in paths {
            if self.asked.insert(path.clone()) {
                self.send(Ask::Small(path));
            }
        }
    }

    /// A new run as it was entered.
    fn wanted(&self, base: Base) -> Option<Box<Wanted>> {
        let settings = self.draft.settings().ok()?;
        let out = PathBuf::from(self.place(Place::Out).trim());
        let (files, jobs) = (self.files(), self.jobs);
        (!out.as_os_str().is_empty())
            .then(|| Box::new(Wanted { files, settings, jobs, base, out, resume: false }))
    }

    fn begin(&mut self, wanted: Box<Wanted>) {
        if self.is_busy() {
            return;
        }
        self.follow(wanted.out.clone());
        self.going = Some(Going {
            wanted: wanted.clone(),
            job: None,
            state: None,
            step: None,
            saved: None,
            not_saved: None,
            ending: None,
        });
        self.send(Ask::Start(wanted));
    }

    /// Goes on with the run that is shown: with its settings, and the jobs that it has.
    fn resume(&mut self, base: Base) {
        let Some(run) = &self.followed else { return };
        let named = |name: &str| name.parse::<Attribute>().map(Jobs::One);
        let jobs = match &run.look.jobs[..] {
            [job] => named(&job.name).unwrap_or(Jobs::All),
            _ => Jobs::All,
        };
        let (settings, out) = (run.look.settings.clone(), run.look.path.clone());
        let files = run.files.clone().unwrap_or_else(|| self.files());
        let wanted = Wanted { files, settings, jobs, base, out, resume: true };
        self.begin(Box::new(wanted));
    }

    fn end(&mut self, ending: Ending) {
        if let Some(going) = &mut self.going {
            going.ending = Some(ending);
            self.send(Ask::Stop);
        }
    }

    fn follow(&mut self, path: PathBuf) {
        self.tab = super::Tab::Run;
        if self.followed.as_ref().is_some_and(|run| run.look.path != path) {
            self.followed = None;
        }
        self.ended = None;
        self.send(Ask::Follow(path));
    }
}
