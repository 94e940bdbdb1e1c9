//! Every word that the interface shows, in one table of two languages.
//!
//! A text is a field of [`Table`], so that a language that lacks one does not compile. Places to
//! be filled are written `{}`, and [`fill`] fills them in order.

mod class;
mod en;
mod rubric_en;
mod rubric_zh;
#[cfg(feature = "train")]
mod training;
mod zh;

pub use class::ClassText;
#[cfg(feature = "train")]
pub use training::Training;

use easel_core::Attribute;
use easel_core::prompt::Language;

macro_rules! table {
    ($($(#[$doc:meta])* $field:ident),+ $(,)?) => {
        /// The words of one language.
        #[derive(Debug)]
        pub struct Table {
            $($(#[$doc])* pub $field: &'static str,)+
            /// The nine attributes, in the rubric's order.
            pub attributes: [AttributeText; 9],
            /// How far each level of the scale is, 1 first, in a word or two.
            pub levels: [&'static str; 5],
            /// About classes.
            pub class: ClassText,
            /// The Train tab, where there is one.
            #[cfg(feature = "train")]
            pub training: &'static training::Training,
        }

        impl Table {
            /// All texts with their names, for tests and for the fonts' script.
            pub fn entries(&self) -> Vec<(String, &'static str)> {
                let mut entries = vec![$((stringify!($field).to_owned(), self.$field),)+];
                for (attribute, text) in Attribute::ALL.into_iter().zip(&self.attributes) {
                    let mut add = |name: &str, text| entries.push((format!("{attribute}.{name}"), text));
                    add("name", text.name);
                    add("short", text.short);
                    add("about", text.about);
                    add("thinking", text.thinking);
                    add("strength", text.strength);
                    add("next", text.next);
                    add("grown", text.grown);
                    text.levels.iter().for_each(|level| add("level", level));
                }
                entries.extend(self.class.entries());
                entries.extend(self.levels.iter().map(|level| ("level".to_owned(), *level)));
                #[cfg(feature = "train")]
                entries.extend(self.training.entries());
                entries
            }
        }
    };
}

table! {
    /// The program's name.
    app,
    /// The other language's name, in that language.
    other_language,
    /// What the button of the other language is called.
    switch_language,
    /// Heading of the first screen.
    welcome,
    /// Below it.
    welcome_more,
    /// Within the drop area.
    drop_here,
    /// Within the drop area while a file hovers over the window.
    drop_now,
    /// Button: a file dialog.
    choose,
    /// Button: the clipboard.
    paste,
    /// Button: the camera.
    camera,
    /// Button: what the camera sees now.
    camera_take,
    /// What pasting wants.
    paste_hint,
    /// Above the sample drawings.
    samples,
    /// Where the samples come from.
    samples_note,
    /// One sample drawing: its number.
    sample,
    /// Above the files that were opened before.
    recent,
    /// That nothing leaves the device.
    private,
    /// Heading of the picture's screen.
    preview,
    /// Below it.
    preview_more,
    /// Button: ask for an assessment.
    look,
    /// Button: a quarter turn to the left.
    turn_left,
    /// Button: a quarter turn to the right.
    turn_right,
    /// Button: cut the edges off, or straighten.
    crop,
    /// Button: the cut is right.
    crop_done,
    /// Button: no cut.
    crop_reset,
    /// How to cut, by finger, mouse or keys.
    crop_hint,
    /// The frame's name for screen readers.
    crop_frame,
    /// The slider of a few degrees.
    straighten,
    /// Button: back.
    back,
    /// Button: take another picture.
    another,
    /// Button: stop what goes on.
    cancel,
    /// Button: stop writing.
    stop_writing,
    /// The picture's name for screen readers.
    your_picture,
    /// A picture is being opened.
    opening,
    /// Heading while the program works.
    working,
    /// A step: the model is made ready.
    step_model,
    /// A step: the file is read.
    step_reading,
    /// A step: the picture is looked at.
    step_looking,
    /// A step: the nine attributes.
    step_thinking,
    /// That step with what is thought of.
    thinking_of,
    /// A step: the comment.
    step_writing,
    /// A step that is done, for screen readers.
    step_done,
    /// A step that is going on, for screen readers.
    step_now,
    /// A step that is to come, for screen readers.
    step_later,
    /// Heading of the pupil's result.
    student_title,
    /// Above the comment.
    comment_title,
    /// While nothing of it is there yet.
    comment_wait,
    /// Where it was stopped.
    comment_stopped,
    /// Where there is none.
    comment_none,
    /// Above the strength.
    strength_title,
    /// Above the idea.
    next_title,
    /// That a program made this and that it is no grade.
    by_program,
    /// Above numbers that a teacher released.
    released_title,
    /// Heading of the teacher's result.
    teacher_title,
    /// Below it.
    teacher_more,
    /// Above radar and bars.
    overview,
    /// Above the nine cards.
    attributes_title,
    /// Above the five bars.
    distribution,
    /// A bar for screen readers: level and share.
    share,
    /// A name and what it has.
    named,
    /// A score for screen readers: attribute and points.
    score_of,
    /// A score of five.
    of_five,
    /// The radar's name for screen readers.
    radar,
    /// Title of a table's column.
    column_attribute,
    /// Title of a table's column.
    column_score,
    /// Title of a table's column.
    column_spread,
    /// A narrow distribution.
    sure,
    /// A middling one.
    fairly_sure,
    /// A wide one.
    unsure,
    /// Button: all levels of one attribute.
    all_levels,
    /// Button: the nearest level only.
    fewer_levels,
    /// Button: where one attribute's score comes from.
    where_look,
    /// While it is found out.
    where_wait,
    /// The picture with squares, for screen readers.
    where_picture,
    /// Which square matters most, where the score is lower without it: row, column, points.
    where_lower,
    /// The same where it is higher.
    where_higher,
    /// What the squares mean.
    where_legend,
    /// Where none matters.
    where_nothing,
    /// What they do not mean.
    where_caution,
    /// Above model and limits.
    model_title,
    /// The model's name.
    model_name,
    /// The device.
    model_device,
    /// That the processor computes, because the browser has nothing better.
    no_webgpu,
    /// What the demo is.
    demo_limits,
    /// What any model is.
    limits,
    /// Without adapters.
    bare_limits,
    /// Checkbox: the pupil sees numbers.
    release,
    /// What that does.
    release_more,
    /// Short word for the demo, in a badge.
    demo_badge,
    /// One line about it.
    demo_note,
    /// The pupil's view.
    view_student,
    /// The teacher's view.
    view_teacher,
    /// Name of that choice.
    view,
    /// The settings.
    settings,
    /// Name of a choice.
    language,
    /// Name of a choice.
    theme,
    /// A theme.
    theme_system,
    /// A theme.
    theme_light,
    /// A theme.
    theme_dark,
    /// Name of a choice.
    text_size,
    /// A text size.
    size_small,
    /// A text size.
    size_medium,
    /// A text size.
    size_large,
    /// A text size.
    size_huge,
    /// Checkbox.
    reduced_motion,
    /// What it does.
    reduced_motion_more,
    /// Which model.
    model,
    /// The demo within.
    model_demo,
    /// A folder.
    model_folder,
    /// What a folder holds.
    model_folder_more,
    /// The model is loading: how far.
    model_loading,
    /// The model is ready.
    model_ready,
    /// Button: close the settings.
    done,
    /// Keys that work.
    keys,
    /// The papers about the program, and their screen.
    about,
    /// The paper in a child's words.
    paper_child,
    /// The paper for parents.
    paper_parent,
    /// The paper for schools.
    paper_school,
    /// The paper about the models.
    paper_model,
    /// Button: close a message.
    dismiss,
    /// Button: try again.
    again,
    /// Button: take the demo.
    use_demo,
    /// Before the library's own words.
    details,
    /// The picture cannot be read.
    fault_picture,
    /// The picture is of a kind that is not read.
    fault_format,
    /// The picture is too large.
    fault_too_large,
    /// The picture is too narrow.
    fault_shape,
    /// The file cannot be read.
    fault_file,
    /// The model cannot be loaded.
    fault_model,
    /// No device.
    fault_device,
    /// The device failed while computing.
    fault_computing,
    /// The worker is gone.
    fault_stopped,
    /// Nothing to paste.
    fault_clipboard,
    /// No camera, or it is not allowed.
    fault_camera,
    /// The models' screen.
    models,
    /// Button on the first screen: to the models.
    models_open,
    /// Button in the settings: to the models.
    models_here,
    /// What a model is.
    models_more,
    /// While it is looked what is kept.
    models_wait,
    /// Above other ways to a model.
    models_other,
    /// How much memory the device has.
    device_memory,
    /// That it does not tell.
    device_memory_unknown,
    /// That a page on such a device holds no real model, and what works.
    small_page,
    /// What the demo is, and under which licence.
    model_demo_more,
    /// The model that answers.
    in_use,
    /// Button: let this model answer.
    use_model,
    /// How much of it is on this device, all of it.
    kept_here,
    /// How much of it is on this device, not all of it.
    kept_part,
    /// How large the download is.
    download_size,
    /// The licence's name, and what it means.
    licence,
    /// For research only.
    licence_research,
    /// For any use.
    licence_free,
    /// Where it comes from.
    source,
    /// How large the weights are kept.
    weights_4,
    /// The same.
    weights_8,
    /// What it takes on the device: it fits.
    needs_fits,
    /// The same: it is tight.
    needs_tight,
    /// The same: nobody can tell.
    needs_unknown,
    /// The same: it does not fit.
    needs_too_much,
    /// What fits instead: a model and its weights.
    needs_other,
    /// That no real model fits.
    needs_demo,
    /// How a page gets such a model.
    offer_page,
    /// Button: fetch it.
    get,
    /// Button: stop fetching.
    pause,
    /// Button: go on fetching.
    resume,
    /// Button: check its files.
    verify,
    /// Button: delete it.
    delete,
    /// Button: take a folder off the list.
    forget,
    /// The question before that.
    delete_sure,
    /// That others use the same files.
    delete_shared,
    /// Button: delete it in earnest.
    delete_yes,
    /// Button: do not.
    delete_no,
    /// A download: how much of how much.
    job_getting,
    /// A check: percent.
    job_checking,
    /// A copy: how much of how much.
    job_importing,
    /// It is being deleted.
    job_deleting,
    /// It waits for its turn.
    job_waiting,
    /// It is about to stop.
    job_stopping,
    /// How much a second, and how long it still takes.
    rate,
    /// How long it still takes.
    seconds_left,
    /// The same.
    minutes_left,
    /// The same.
    hours_left,
    /// A check found nothing.
    checked,
    /// A check found so many damaged files.
    checked_damaged,
    /// Button: take a folder.
    import,
    /// What folder, in a window.
    import_more,
    /// What folder, in a page.
    import_more_page,
    /// Button: fetch a pack.
    address,
    /// Title of the question which.
    address_title,
    /// Above a remark on the picture.
    remark,
    /// To a child: the page is blank.
    blank_student,
    /// To a child: this is no drawing.
    no_drawing_student,
    /// To a teacher: the page is blank.
    blank_teacher,
    /// To a teacher: this is no drawing.
    no_drawing_teacher,
    /// Instead of how sure the model is.
    doubted,
    /// The model's files.
    fault_shelf,
    /// After a fault: nothing is lost.
    kept,
    /// What is kept of pupils' drawings: heading and button.
    portfolios,
    /// Below it.
    portfolios_more,
    /// No pupil yet.
    portfolios_empty,
    /// What is kept is being read.
    portfolio_wait,
    /// Button: the pupil's portfolio.
    portfolio_open,
    /// Above a line for a name.
    pupil_name,
    /// Button: a new pupil.
    pupil_add,
    /// Button: another name.
    pupil_rename,
    /// How many drawings: number and last day.
    pupil_drawings,
    /// A pupil without drawings.
    pupil_none,
    /// A drawing of a day.
    drawing_of,
    /// A pupil's drawing of a day.
    drawing_by,
    /// Button and heading: into a portfolio.
    keep_title,
    /// What that does.
    keep_more,
    /// Whose it is.
    keep_whose,
    /// It is being kept.
    keeping,
    /// It is kept: the pupil's name.
    kept_for,
    /// Above what is new, to a child.
    new_title,
    /// There is no last picture.
    new_first,
    /// Nothing is clearly different.
    new_none,
    /// Button: choose two drawings.
    compare_two,
    /// While two are chosen.
    compare_pick,
    /// Button: this one and the one before.
    compare_before,
    /// Heading of two drawings.
    compare_title,
    /// An attribute's two scores.
    change_from_to,
    /// A difference that says nothing.
    change_unclear,
    /// A difference upwards.
    change_more,
    /// A difference downwards.
    change_less,
    /// What their scores show.
    compare_more,
    /// Button: change over time.
    growth,
    /// Heading: a pupil's change over time.
    growth_of,
    /// What the charts show.
    growth_more,
    /// First and last day.
    growth_span,
    /// Not enough drawings.
    growth_few,
    /// The last is clearly above the first.
    growth_up,
    /// The last is clearly below the first.
    growth_down,
    /// No clear change.
    growth_same,
    /// A teacher's note.
    note,
    /// Who reads it.
    note_more,
    /// Button.
    note_save,
    /// It is saved.
    note_saved,
    /// Button.
    delete_drawing,
    /// The question before.
    delete_drawing_ask,
    /// Button: the pupil's name.
    delete_pupil,
    /// The question before: name and number of drawings.
    delete_pupil_ask,
    /// Button: yes.
    discard_yes,
    /// Button: no.
    discard_no,
    /// Button: everything to a file.
    export_all,
    /// Button: everything from a file.
    import_all,
    /// What that is.
    exchange_more,
    /// It goes on.
    exchange_wait,
    /// How many were written.
    exported,
    /// How many were read: new and known.
    imported,
    /// Portfolios cannot be used.
    fault_portfolio,
}

/// What is said about one attribute.
#[derive(Debug)]
pub struct AttributeText {
    /// Its name.
    pub name: &'static str,
    /// Its name where there is little room.
    pub short: &'static str,
    /// What it means, to a teacher.
    pub about: &'static str,
    /// What is thought of, to a child.
    pub thinking: &'static str,
    /// To a child, where it is the drawing's strength.
    pub strength: &'static str,
    /// To a child, where it is what to try next.
    pub next: &'static str,
    /// To a child, where there is more of it than in the last picture.
    pub grown: &'static str,
    /// What each level looks like, 1 first.
    pub levels: [&'static str; 5],
}

impl Table {
    /// The words about one attribute.
    #[must_use]
    pub fn of(&self, attribute: Attribute) -> &AttributeText {
        &self.attributes[attribute as usize]
    }

    /// That a model loads, and how far it is, from 0 to 1.
    #[must_use]
    pub fn loading(&self, part: f32) -> String {
        fill(self.model_loading, &[&format!("{:.0}", part * 100.0)])
    }
}

/// The words of a language.
#[must_use]
pub const fn table(language: Language) -> &'static Table {
    match language {
        Language::En => &en::TABLE,
        Language::Zh => &zh::TABLE,
    }
}

/// Fills the places of a text, in order.
#[must_use]
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut parts = text.split("{}");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for (at, part) in parts.enumerate() {
        filled.push_str(values.get(at).copied().unwrap_or_default());
        filled.push_str(part);
    }
    filled
}

#[cfg(test)]
mod tests;
