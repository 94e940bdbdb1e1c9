//! What is said about classes and on report cards.

macro_rules! words {
    ($($(#[$doc:meta])* $field:ident: $en:expr, $zh:expr;)+) => {
        /// The words of one language about classes.
        #[derive(Debug)]
        pub struct ClassText {
            $($(#[$doc])* pub $field: &'static str,)+
        }

        impl ClassText {
            pub(super) fn entries(&self) -> Vec<(String, &'static str)> {
                vec![$((concat!("class.", stringify!($field)).to_owned(), self.$field),)+]
            }
        }

        pub(super) const EN: ClassText = ClassText { $($field: $en,)+ };
        pub(super) const ZH: ClassText = ClassText { $($field: $zh,)+ };
    };
}

words! {
    /// Button and heading: all classes.
    classes: "Classes", "班级";
    /// Below it.
    classes_more: "Many drawings at once. They are looked at one after another; you read, change and \
                   approve what pupils see. Everything stays on this device.",
        "一次看很多幅画。程序一幅一幅地看，由你阅读、修改，并决定学生能看到什么。一切都留在这台设备上。";
    /// There is none.
    empty: "No class yet. Give one a name to begin.", "还没有班级。先起一个名字吧。";
    /// Field: a new class's name.
    name: "Name of the class or lesson", "班级或课的名字";
    /// Button.
    add: "Begin a class", "新建班级";
    /// A class: its name and day.
    of: "{}, {}", "{}，{}";
    /// Button: give the class another name.
    rename: "Rename the class", "给班级改名";
    /// Button: several files.
    add_files: "Add pictures", "添加图片";
    /// Button: a folder.
    add_folder: "Add a folder", "添加文件夹";
    /// What names of files say.
    add_more: "Names of pupils are guessed from the files' names, or from folders within the one you \
               choose. You can change each.",
        "学生的名字按文件名猜出来，或者按所选文件夹里的子文件夹。每一个都可以改。";
    /// The name where a file's name has none.
    unnamed: "No name yet", "还没有名字";
    /// Taking in: so many, of so many.
    taking_in: "Taking in pictures: {} of {}", "正在添加图片：{} / {}";
    /// Another class has the queue.
    busy: "Another class is being looked at. Pause it first.", "正在看另一个班级的画，请先暂停。";
    /// So many were left out.
    known: "Pictures that were here before: {}", "原来就有的图片：{}";
    /// How far it is: so many of so many.
    looked_at: "Looked at: {} of {}", "已经看过：{} / {}";
    /// How many failed.
    failed_count: "Could not be looked at: {}", "没能看的：{}";
    /// How many were approved.
    approved_count: "Approved: {}", "已批准：{}";
    /// Button: look at those that wait.
    go: "Look at them", "开始看";
    /// Button: go on after a pause.
    go_on: "Go on", "继续";
    /// Button.
    pause: "Pause", "暂停";
    /// It looks at one: its pupil's name.
    looking: "Looking at a drawing: {}", "正在看一幅画：{}";
    /// Other windows have the drawings that are left.
    elsewhere: "Another window is looking at the drawings that are left.", "剩下的画，另一个窗口正在看。";
    /// It is paused.
    paused: "Paused. What was looked at is kept; nothing is looked at twice.",
        "已暂停。看过的都已保存，不会再看第二次。";
    /// All are looked at.
    all_done: "All drawings were looked at.", "所有的画都看过了。";
    /// Field: a part of a name, a file's name or a comment.
    find: "Find a name or words", "查找名字或文字";
    /// Above the orders.
    sort: "Order", "排列";
    /// By name.
    sort_name: "Name", "名字";
    /// As they came.
    sort_time: "Time", "时间";
    /// By state.
    sort_state: "State", "状态";
    /// By an attribute.
    sort_attribute: "Attribute", "方面";
    /// Above the filters.
    only: "Show", "显示";
    /// All.
    only_all: "All", "全部";
    /// Those that wait.
    only_waiting: "Waiting", "等待中";
    /// To be read by the teacher.
    only_scored: "To read", "待阅读";
    /// Approved.
    only_approved: "Approved", "已批准";
    /// Failed.
    only_failed: "Not possible", "没能看";
    /// None fits.
    nothing_fits: "No drawing fits.", "没有符合的画。";
    /// A row for screen readers: name, file, state.
    row: "{}, {}: {}", "{}，{}：{}";
    /// A state.
    waiting: "Not looked at yet.", "还没有看。";
    /// A state: short.
    state_waiting: "waiting", "等待中";
    /// A state: short.
    state_scored: "to read", "待阅读";
    /// A state: short.
    state_approved: "approved", "已批准";
    /// A state: short.
    state_failed: "not possible", "没能看";
    /// A mark: the teacher changed something.
    state_changed: "changed by you", "你改过";
    /// A mark: it may be no drawing.
    state_doubt: "is it a drawing?", "是画吗？";
    /// One failed; details follow.
    failed_why: "This picture could not be looked at.", "这张图片没能看。";
    /// Button: another try.
    again: "Try this one again", "再试这一张";
    /// Button: the next row.
    next: "Next drawing", "下一幅";
    /// Button: the row before.
    previous: "Previous drawing", "上一幅";
    /// Heading: the words that the pupil reads.
    words: "What the pupil reads", "学生读到的话";
    /// What can be done with them.
    words_more: "The program wrote this. Change what you like; its own words are kept beside yours.",
        "这是程序写的，可以随意修改。程序的原话会和你的一起保留。";
    /// Button.
    words_save: "Save my words", "保存我的话";
    /// Button: back to the model's.
    words_reset: "Back to the program's words", "恢复程序的原话";
    /// The model's words, where the teacher's stand.
    words_model: "The program's words: {}", "程序的原话：{}";
    /// A mark on cards.
    edited: "These words were changed by the teacher.", "这些话由老师修改过。";
    /// Heading: scores.
    scores: "Scores", "分数";
    /// What can be done with them.
    scores_more: "The program's score with its spread, and beside it your own level where you see it \
                  differently. Yours replaces nothing: both are kept and shown.",
        "程序的分数和分散程度，旁边是你自己的水平，在你看法不同时填写。你的不会替换程序的：两个都保留，都显示。";
    /// An attribute: name, score, spread.
    model_score: "{}: {}, spread {}", "{}：{}，分散程度 {}";
    /// The same without a score.
    model_none: "{}: no score", "{}：没有分数";
    /// A level of the teacher's own: attribute, level.
    own_level: "{}: teacher's level {}", "{}：老师的水平 {}";
    /// No level of the teacher's own.
    own_none: "{}: no level by the teacher", "{}：没有老师的水平";
    /// Short.
    none: "none", "无";
    /// Check: the model's scores are taken.
    accept: "I agree with the program's other scores", "我同意程序的其他分数";
    /// Check: the pupil may see it.
    approve: "The pupil may see the picture with these words", "学生可以看到这幅画和这些话";
    /// What it does.
    approve_more: "It is in the pupil's portfolio from then on, without scores. Uncheck it, and it is \
                   taken out again.",
        "选中以后，它会进入学生的作品集，不带分数。取消以后又会拿出来。";
    /// Heading: means.
    means: "Over the whole class", "全班的情况";
    /// What they are.
    means_more: "Mean and standard deviation. Where the teacher gave a level, that one counts, else the \
                 program's score. They describe these drawings; they are no measure of a pupil.",
        "平均数和标准差。老师给了水平的，按老师的算，其他按程序的分数。它们只描述这些画，不用来衡量学生。";
    /// Column: how many drawings.
    count: "Drawings", "画的数量";
    /// Column.
    mean: "Mean", "平均数";
    /// Column.
    deviation: "Deviation", "标准差";
    /// A mean for screen readers: attribute, mean, deviation, number.
    mean_of: "{}: mean {}, deviation {}, {} drawings", "{}：平均数 {}，标准差 {}，{} 幅画";
    /// Heading: files.
    files: "Print and export", "打印和导出";
    /// What they are.
    files_more: "Report cards are PDF files to print. Those for pupils hold what you approved, without \
                 scores. Tables are for spreadsheets. Keep them as safe as the drawings.",
        "报告卡是可以打印的 PDF 文件。给学生的只有你批准的内容，不带分数。表格用于电子表格软件。请像保管画一样保管好它们。";
    /// Button: cards with scores.
    cards_teacher: "Cards for parents (PDF)", "给家长的报告卡（PDF）";
    /// Button: cards without scores.
    cards_pupil: "Cards for pupils (PDF)", "给学生的报告卡（PDF）";
    /// Button.
    table: "Table (CSV)", "表格（CSV）";
    /// Button.
    data: "All data (JSON)", "全部数据（JSON）";
    /// It goes on.
    writing: "Writing the file. With many drawings this takes a while.", "正在写文件。画多的时候要等一会儿。";
    /// It is written: drawings.
    written: "Drawings in the file: {}", "文件里有 {} 幅画。";
    /// Button: a class.
    delete: "Delete this class", "删除这个班级";
    /// The question before.
    delete_ask: "Delete this class for good, with all drawings in it that you did not approve ({})? \
                 They cannot be brought back. Approved ones stay in portfolios.",
        "要永久删除这个班级，和里面没有批准的画（{} 幅）吗？删除以后找不回来。批准过的留在作品集里。";
    /// On cards, the columns' explanation.
    both_scores: "The program's score with its spread, on a scale from 1 to 5. Where the teacher sees it \
                  differently, the teacher's level stands beside it.",
        "程序的分数和分散程度，从 1 到 5。老师看法不同的，旁边是老师给的水平。";
    /// Column.
    column_model: "Program", "程序";
    /// Column.
    column_teacher: "Teacher", "老师";
    /// Column.
    column_level: "What that level means", "这个水平的意思";
    /// No score.
    not_scored: "No score of this one.", "这一项没有分数。";
    /// In a pupil's portfolio, before a pupil is deleted.
    unseen: "In classes, not approved yet: {}", "在班级里、还没有批准的画：{}";
}
