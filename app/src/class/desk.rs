//! Answers what is asked of classes.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use easel_core::Image;
use easel_core::image::MAX_FILE_BYTES;
use easel_core::prompt::Language;
use easel_core::rubric::SCALE;

use super::protocol::{Ask, File, Judgement, Kind, Outcome, Tell};
use super::report::{Card, Report, pdf};
use super::{Class, Seat, State, csv, guess, json};
use crate::portfolio::{
    Desk, Entry, Id, Kept, LONGEST_NOTE, Pupil, Record, StoreError, checked, kept, printed,
};
use crate::ui::{Fault, Source, preview};

/// The longest side of a picture on a card, in pixels: 180 in an inch of paper.
const PRINTED: u32 = 1000;

impl Desk {
    pub(crate) async fn class(&self, ask: Ask) -> Result<Tell, Fault> {
        let store = &self.store;
        Ok(match ask {
            Ask::List => Tell::List(store.classes().await?),
            Ask::Add(name) => {
                let class = Class { id: Id::random()?, name: checked(&name)?, when: self.moment() };
                store.put_class(&class).await?;
                Tell::Added(class)
            }
            Ask::Rename(id, name) => {
                let name = checked(&name)?;
                store.put_class(&Class { name, ..self.class_of(id).await? }).await?;
                Tell::List(store.classes().await?)
            }
            Ask::Delete(class) => {
                store.delete_class(class).await?;
                Tell::Deleted
            }
            Ask::Records(class) => {
                Tell::Records { class, records: store.class_records(class).await? }
            }
            Ask::Small(ids) => {
                let mut small = Vec::with_capacity(ids.len());
                for id in ids {
                    let bytes = store.thumbnail(id).await?.unwrap_or_default();
                    // One that could not be read when it came has none.
                    let image = Image::decode(&bytes).ok();
                    small.push((id, image.and_then(|image| preview(&image).ok())));
                }
                Tell::Small(small)
            }
            Ask::Enter { class, file, unnamed } => self.enter(class, file, &unnamed).await?,
            Ask::Take(id) => self.take(id).await?,
            Ask::Leave(id) => {
                store.leave(id).await?;
                Tell::Left
            }
            Ask::Looked(id, outcome) => {
                let told = self.change(id, |record, seat| {
                    // What is there stays.
                    if seat.state != State::Waiting {
                        return Ok(());
                    }
                    match outcome {
                        Outcome::Found { assessment, comment, model } => {
                            seat.state = State::Scored;
                            (record.assessment, record.comment) = (assessment, comment);
                            record.model = model;
                        }
                        Outcome::Failed(why) => seat.state = State::Failed(why),
                    }
                    Ok(())
                });
                let told = told.await;
                store.leave(id).await?;
                told?
            }
            Ask::Again(id) => {
                self.change(id, |_, seat| {
                    if matches!(seat.state, State::Failed(_)) {
                        seat.state = State::Waiting;
                    }
                    Ok(())
                })
                .await?
            }
            Ask::Judge(id, judgement) => {
                self.change(id, |record, seat| judge(record, seat, judgement)).await?
            }
            Ask::Whose(id, name) => {
                let pupil = self.named(&checked(&name)?).await?;
                self.change(id, |record, _| {
                    record.pupil = pupil;
                    Ok(())
                })
                .await?
            }
            Ask::Write { class, pupil, kind, language, place } => {
                self.write(class, pupil, (kind, language), &place).await?
            }
        })
    }

    /// Takes a drawing that waits and that nobody else looks at.
    async fn take(&self, id: Id) -> Result<Tell, StoreError> {
        let store = &self.store;
        if !store.claim(id).await? {
            return Ok(Tell::Busy(id));
        }
        // As it is now that it is ours: whoever had it before may have looked at it.
        let told = match store.entry(id).await {
            Ok(Some(Entry { record, picture: bytes, .. })) => match record.class.as_deref() {
                Some(Seat { state: State::Waiting, file, .. }) => {
                    let picture = Source::File { name: file.clone(), bytes };
                    return Ok(Tell::Taken { id, picture });
                }
                _ => Ok(Tell::Record(record)),
            },
            Ok(None) => Err(StoreError::Gone),
            Err(error) => Err(error),
        };
        store.leave(id).await?;
        told
    }

    /// Takes a picture in. One that cannot be read has its row, too: a teacher is to see which.
    async fn enter(&self, class: Id, file: File, unnamed: &str) -> Result<Tell, Fault> {
        let name = guess(&file.name).unwrap_or_else(|| unnamed.to_owned());
        let pupil = self.named(&checked(&name)?).await?;
        let mut seat = Seat::new(class, file.name);
        let made = self.picture(&file.place)?.and_then(|image| kept(&image));
        let Kept { picture, thumbnail } = made.unwrap_or_else(|error| {
            seat.state = State::Failed(error.to_string());
            Kept { picture: Vec::new(), thumbnail: Vec::new() }
        });
        let record = Record {
            id: Id::random()?,
            pupil,
            when: self.moment(),
            assessment: easel_core::Assessment::default(),
            comment: String::new(),
            note: String::new(),
            model: String::new(),
            class: Some(Box::new(seat)),
        };
        let entry = Entry { record, thumbnail, picture };
        let put = self.store.put(&entry).await;
        if put == Err(StoreError::Gone) {
            // Another window deleted the pupil.
            self.names.take();
        }
        put?;
        Ok(Tell::Record(entry.record))
    }

    /// The picture at a place: what the platform cannot read is an error, what is no picture is told
    /// apart.
    fn picture(
        &self,
        place: &str,
    ) -> Result<Result<Image, easel_core::image::ImageError>, StoreError> {
        let mut bytes = Vec::new();
        let mut input = self.places.open(place)?.take(MAX_FILE_BYTES + 1);
        let read = input.read_to_end(&mut bytes);
        read.map_err(|error: io::Error| StoreError::refused(place, error.to_string()))?;
        Ok(Image::decode(&bytes))
    }

    /// The pupil of a name, who is added where there is none.
    async fn named(&self, name: &str) -> Result<Id, StoreError> {
        if self.names.borrow().is_none() {
            let groups = self.store.pupils().await?.into_iter();
            let names = groups.map(|group| (group.pupil.name, group.pupil.id)).collect();
            self.names.replace(Some(names));
        }
        let known = self.names.borrow().as_ref().and_then(|names| names.get(name).copied());
        if let Some(id) = known {
            return Ok(id);
        }
        let pupil = Pupil { id: Id::random()?, name: name.to_owned() };
        self.store.put_pupil(&pupil).await?;
        if let Some(names) = self.names.borrow_mut().as_mut() {
            names.insert(pupil.name, pupil.id);
        }
        Ok(pupil.id)
    }

    /// Changes what is known of a class's drawing.
    async fn change(
        &self,
        id: Id,
        change: impl FnOnce(&mut Record, &mut Seat) -> Result<(), StoreError>,
    ) -> Result<Tell, Fault> {
        let mut record = self.store.record(id).await?.ok_or(StoreError::Gone)?;
        let mut seat = record.class.take().ok_or(StoreError::Gone)?;
        change(&mut record, &mut seat)?;
        record.class = Some(seat);
        self.store.put_record(&record).await?;
        Ok(Tell::Record(record))
    }

    async fn class_of(&self, id: Id) -> Result<Class, StoreError> {
        let classes = self.store.classes().await?;
        classes.into_iter().find(|class| class.id == id).ok_or(StoreError::Gone)
    }

    async fn write(
        &self,
        class: Id,
        pupil: Option<Id>,
        (kind, language): (Kind, Language),
        place: &str,
    ) -> Result<Tell, Fault> {
        let class = self.class_of(class).await?;
        let groups = self.store.pupils().await?.into_iter();
        let names: BTreeMap<Id, String> =
            groups.map(|group| (group.pupil.id, group.pupil.name)).collect();
        let mut records = self.store.class_records(class.id).await?;
        records.retain(|record| pupil.is_none_or(|pupil| record.pupil == pupil));
        if kind == (Kind::Cards { scores: false }) {
            records.retain(|record| !record.is_hidden());
        }
        // A pupil's drawings one after another; their order says nothing but the alphabet's.
        if matches!(kind, Kind::Cards { .. }) {
            records.sort_by_key(|record| names.get(&record.pupil).map(|name| name.to_lowercase()));
        }
        let bytes = match kind {
            Kind::Csv => csv(&records, &names).into_bytes(),
            Kind::Json => json(&class, &records, &names).into_bytes(),
            Kind::Cards { scores } => {
                let mut cards = Vec::with_capacity(records.len());
                for record in &records {
                    let name = names.get(&record.pupil).map(String::as_str).unwrap_or_default();
                    let picture = self.printed(record.id).await?;
                    cards.push(Card { name, record, picture });
                }
                let whose = pupil.and_then(|pupil| names.get(&pupil)).map(String::as_str);
                let report =
                    Report { class: &class, whose, scores, language, cards: &cards, more: None };
                let more = if report.wants_more() { self.places.more_font().await } else { None };
                pdf(&Report { more: more.as_deref(), ..report })
            }
        };
        let mut sink = self.places.create(place)?;
        let written = sink.write_all(&bytes).and_then(|()| sink.finish());
        written.map_err(|error| StoreError::refused(place, error.to_string()))?;
        Ok(Tell::Written(records.len() as u64))
    }

    /// A drawing as a JPEG for paper; `None` where there is no picture.
    async fn printed(&self, id: Id) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(entry) = self.store.entry(id).await? else { return Ok(None) };
        // One that could not be read when it came has none.
        let image = Image::decode(&entry.picture).ok();
        Ok(image.and_then(|image| printed(&image, PRINTED).ok()))
    }
}

fn judge(record: &mut Record, seat: &mut Seat, judgement: Judgement) -> Result<(), StoreError> {
    let Judgement { comment, scores, accepted, approved } = judgement;
    if let Some(found) = comment.as_ref().map(|text| text.chars().count())
        && found > LONGEST_NOTE
    {
        return Err(StoreError::Length { what: "comment", most: LONGEST_NOTE, found });
    }
    if let Some((attribute, level)) = scores.iter().find(|(_, level)| !SCALE.contains(level)) {
        let what = format!("{attribute}: expected a level from 1 to 5, found {level}");
        return Err(StoreError::damaged("score", what));
    }
    // The model's own words are no words of the teacher's.
    seat.comment = comment.filter(|words| *words != record.comment);
    (seat.scores, seat.accepted) = (scores, accepted);
    // Nothing is shown that nobody looked at.
    seat.approved = approved && seat.state == State::Scored;
    Ok(())
}
