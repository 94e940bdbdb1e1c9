//! The words of the Train tab, which developers read.

/// A setting in words.
#[derive(Debug)]
pub struct Setting {
    /// What it is called.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
}

macro_rules! words {
    (words { $($field:ident: $en:literal, $zh:literal;)+ } settings { $($name:literal, $about:literal, $name_zh:literal, $about_zh:literal;)+ }) => {
        /// The words of one language; each field's English ones say what it is.
        #[derive(Debug)]
        #[allow(missing_docs, reason = "each is explained by its English words")]
        pub struct Training {
            $(pub $field: &'static str,)+
            /// The settings, in the order of `config.toml`.
            pub settings: [Setting; 30],
        }

        pub(super) static EN: Training = Training {
            $($field: $en,)+
            settings: [$(Setting { name: $name, about: $about },)+],
        };

        pub(super) static ZH: Training = Training {
            $($field: $zh,)+
            settings: [$(Setting { name: $name_zh, about: $about_zh },)+],
        };

        impl Training {
            /// All texts with their names, for tests.
            pub fn entries(&self) -> Vec<(String, &'static str)> {
                let mut entries = vec![$((format!("training.{}", stringify!($field)), self.$field),)+];
                for setting in &self.settings {
                    entries.push((format!("training.{}", setting.name), setting.name));
                    entries.push((format!("training.{}.about", setting.name), setting.about));
                }
                entries
            }
        }
    };
}

words! {
    words {
    title: "Train adapters", "训练适配器";
    title_more: "For developers: teach a model one attribute of the rubric, on drawings that teachers have scored. Everything stays on this device.", "给开发者用：用老师打过分的画，教模型认识评分标准中的一个方面。所有内容都留在这台设备上。";
    tabs: "Parts of this screen", "本页的各部分";
    tab_data: "Data", "数据";
    tab_settings: "Settings", "设置";
    tab_run: "Run", "运行";
    tab_compare: "Compare", "比较";
    tab_judge: "Evaluate", "评估";
    tab_try: "Try it", "试用";
    choose_file: "Choose a file", "选择文件";
    choose_folder: "Choose a folder", "选择文件夹";
    place_sheet: "Sheet of scores (CSV or JSON lines)", "分数表（CSV 或 JSONL）";
    place_images: "Folder of the pictures", "图片文件夹";
    place_valid: "Sheet to validate on (optional)", "验证用的分数表（可选）";
    place_comments: "Teachers' comments, JSON (optional)", "老师评语，JSON（可选）";
    place_out: "Folder of the run", "运行的文件夹";
    place_runs: "Folder with runs", "存放各次运行的文件夹";
    skip_missing: "Leave out rows without a picture", "跳过没有图片的行";
    blank_as: "Count blanks as 3, as the published code does", "空白按 3 分计算，和论文代码一样";
    check: "Check the data", "检查数据";
    checking: "Reading the data", "正在读取数据";
    data_first: "The data come first: choose a sheet and the folder of its pictures, and check them.", "先准备数据：选择分数表和图片文件夹，然后检查。";
    rows: "Rows with a picture: {}. With comments: {}.", "有图片的行：{}。有评语的行：{}。";
    blanks: "Blank labels: {}.", "空白的分数：{}。";
    no_blanks: "No label is blank.", "没有空白的分数。";
    missing: "Pictures that are not there: {}.", "找不到的图片：{}。";
    missing_stop: "A run stops at them unless these rows are left out.", "如果不跳过这些行，运行会停下来。";
    more_of_these: "and {} more", "还有 {} 个";
    problems: "Wrong in the data: {}.", "数据中的错误：{}。";
    problem: "Line {}: {}", "第 {} 行：{}";
    counts: "Labels by attribute", "各方面的分数";
    blank: "blank", "空白";
    only_blanks: "Only rows with a blank", "只看有空白的行";
    page: "Rows {} to {} of {}", "第 {} 到 {} 行，共 {} 行";
    page_before: "Earlier rows", "前面的行";
    page_after: "Later rows", "后面的行";
    picture_of: "Picture of {}", "{} 的图片";
    picture_broken: "This picture cannot be decoded.", "这张图片无法读取。";
    failed: "This did not work: {}", "没有成功：{}";
    attribute: "Attribute", "方面";
    attribute_all: "All nine, one after another", "九个方面，依次训练";
    base: "Base model", "基础模型";
    base_present: "The present model: {}", "当前的模型：{}";
    device: "Where to compute", "在哪里计算";
    device_auto: "A real GPU, else the processor", "有 GPU 就用 GPU，否则用处理器";
    device_gpu: "GPU", "GPU 显卡";
    device_cpu: "Processor", "处理器";
    published: "Settings begin as published; what was not published is Easel's own.", "设置最初和论文一致。论文没有给出的，用 Easel 自己的值。";
    reset: "All as published", "全部恢复为论文的值";
    all_settings: "Show all 30 settings", "显示全部 30 个设置";
    source_paper: "Published: {} (KidsArtBench, arXiv 2512.12503, and its code)", "论文的值：{}（KidsArtBench，arXiv 2512.12503，及其代码）";
    source_transformers: "Published: {} (left to the default of transformers' AdamW)", "论文的值：{}（transformers 中 AdamW 的默认值）";
    source_easel: "Easel's own: {}", "Easel 自己的值：{}";
    not_set: "not set", "未设置";
    wrong: "This value will not do: {}", "这个值不可以：{}";
    empty: "nothing is here; expected a value", "这里是空的，请填一个值";
    settings_wrong: "Settings that will not do: {}", "不可以的设置：{}";
    memory: "Check the memory", "检查内存";
    memory_wait: "Reading data and model", "正在读取数据和模型";
    memory_title: "What the run will hold in memory, at most", "运行时最多占用的内存";
    memory_text: "Language model", "语言模型";
    memory_vision: "Vision tower", "视觉部分";
    memory_head: "Language head", "输出层";
    memory_trained: "Trained values, gradients, AdamW", "训练的参数、梯度和 AdamW";
    memory_activations: "Activations", "中间结果";
    memory_scratch: "A part of a weight as f32", "一部分权重（f32）";
    memory_total: "Together", "合计";
    memory_fits: "It fits: this machine has {}.", "放得下：这台机器有 {} 内存。";
    memory_tight: "It is tight: this machine has {}, and other programs need some of it.", "比较紧张：这台机器有 {} 内存，其他程序也要用。";
    memory_too_much: "It does not fit: this machine has {}. A smaller batch_size, or recompute, takes less.", "放不下：这台机器只有 {} 内存。减小 batch_size 或打开 recompute 可以少用一些。";
    memory_unknown: "This machine does not tell how much it has.", "这台机器没有给出内存大小。";
    labels: "Training labels: {}. Validation labels: {}. Steps: {}.", "训练用的分数：{}。验证用的分数：{}。步数：{}。";
    start: "Start training", "开始训练";
    run_none: "No run is shown yet. Start one, or follow one that is in a folder.", "还没有运行。可以开始一个，或者查看文件夹中已有的运行。";
    follow: "Follow this run", "查看这个运行";
    state_here: "It is being trained here.", "正在这里训练。";
    state_elsewhere: "It is being trained by another process.", "另一个程序正在训练。";
    state_paused: "It stands at step {}; it can go on from there.", "停在第 {} 步，可以从这里继续。";
    state_finished: "It is finished.", "已经完成。";
    state_new: "It has not begun yet.", "还没有开始。";
    loading: "Loading the base model: {}%", "正在载入基础模型：{}%";
    encoding: "Encoding pictures: {} of {}", "正在编码图片：{} / {}";
    stepping: "{}: step {} of {}, epoch {}", "{}：第 {} 步，共 {} 步，第 {} 轮";
    step_at: "{}: step {}, epoch {}", "{}：第 {} 步，第 {} 轮";
    pace: "Loss {}. Learning rate {}. {} seconds a step.", "损失 {}。学习率 {}。每步 {} 秒。";
    saved: "The checkpoint of step {} is on the disk.", "第 {} 步的检查点已经保存。";
    not_saved: "The checkpoint could not be written: {}", "检查点无法保存：{}";
    best: "Best Pearson: {} at step {}.", "最好的 Pearson：{}，在第 {} 步。";
    best_none: "No evaluation has a Pearson yet.", "还没有评估给出 Pearson。";
    pause: "Pause", "暂停";
    pausing: "Pausing after this step", "这一步之后暂停";
    resume: "Go on", "继续";
    resume_more: "It goes on with the data that were checked, which must be those that it began with; easel train --resume does the same.", "会用检查过的数据继续，必须和开始时的数据相同。easel train --resume 的效果一样。";
    resume_with: "It goes on with the data that it began with: {}. easel train --resume does the same.", "会用开始时的数据继续：{}。easel train --resume 的效果一样。";
    stop: "Stop", "停止";
    stopping: "Stopping after this step", "这一步之后停止";
    ended_paused: "Paused, with a checkpoint.", "已暂停，检查点已经保存。";
    ended_complete: "All steps are done.", "所有的步都完成了。";
    ended_early: "Stopped early: the evaluations no longer got better.", "提前停止：评估结果不再变好。";
    ended_before: "It was finished before.", "之前已经完成了。";
    ended_stopped: "Stopped, with a checkpoint. The best adapter so far is in {}.", "已停止，检查点已经保存。目前最好的适配器在 {}。";
    loss: "Loss by step", "每一步的损失";
    pearson: "Pearson by step", "各步的 Pearson";
    curve_last: "{}: {} at step {}", "{}：{}，第 {} 步";
    curve_wait: "Nothing to draw yet", "还没有可以画的内容";
    step: "step", "步";
    find: "Look for runs", "查找运行";
    found_none: "There is no run in this folder.", "这个文件夹中没有运行。";
    pick: "Choose the runs to compare.", "选择要比较的运行。";
    differ: "Settings that differ", "不同的设置";
    differ_none: "All settings are alike.", "所有设置都相同。";
    pick_two: "Two or more runs are compared.", "比较需要两个或更多的运行。";
    judge: "Evaluate the chosen runs", "评估选中的运行";
    judge_more: "The base alone and each chosen run score the validation rows of the data; intervals are of 1000 bootstrap samples.", "基础模型和选中的运行分别给验证数据打分。区间来自 1000 次自助抽样。";
    judging: "Scoring: {} of {}", "正在打分：{} / {}";
    judge_busy: "Wait until the run has ended.", "请等运行结束。";
    base_alone: "The base alone", "只用基础模型";
    overall: "All together", "全部合计";
    measure: "Measure", "指标";
    scores_n: "n", "数量";
    rv: "RV {}", "RV 系数 {}";
    legend: "SC, PC: Spearman's and Pearson's correlation; SD: mean absolute difference; ACC: share of equal rounded scores; MSE, RMSE: mean squared difference and its root; QWK: quadratic weighted kappa; RV: likeness of the two tables.", "SC、PC：Spearman 和 Pearson 相关系数。SD：平均绝对差。ACC：四舍五入后相同的比例。MSE、RMSE：均方差和它的平方根。QWK：二次加权一致系数。RV：两张表的相似程度。";
    plots: "Plots", "图表";
    plot_scatter: "Scatter", "散点图";
    plot_confusion: "Confusion", "对照矩阵";
    plot_reliability: "Calibration", "校准曲线";
    plot_scatter_more: "The model's score over the teacher's; rings are means.", "左右方向是老师的分数，上下方向是模型的分数，圆圈是平均值。";
    plot_confusion_more: "Rounded scores: a column a teacher's score, a row a model's.", "四舍五入后的分数：每列是老师的分数，每行是模型的分数。";
    plot_reliability_more: "How often the likeliest digit is right, over how likely it is said to be.", "左右方向是模型的把握，上下方向是实际对的比例。";
    plot_none: "There is nothing to draw.", "没有可以画的内容。";
    try_more: "One drawing, scored by the base alone and with the new adapter.", "一张画，分别用基础模型和新的适配器打分。";
    try_drawing: "The present drawing is used.", "使用当前的画。";
    try_none: "No drawing is open: choose one first.", "还没有打开的画：请先选择一张。";
    try_run: "Adapters of the run {}", "运行 {} 的适配器";
    try_no_run: "Choose or train a run first.", "请先选择或训练一个运行。";
    score: "Score it", "打分";
    scoring: "Loading and scoring", "正在载入和打分";
    before_after: "{}: {} before, {} after", "{}：之前 {}，之后 {}";
    }
    settings {
        "Objective", "What is minimised. RAFT: the squared error of the expected score over the digit tokens.", "目标", "训练中要减小的量。RAFT：数字词元期望分数的平方误差。";
        "Probabilities", "RAFT's probabilities: shares of the whole vocabulary, or of the five digits.", "概率", "RAFT 的概率：占全部词表的比例，或只占五个数字的比例。";
        "One adapter for all", "One adapter learns all nine attributes.", "共用一个适配器", "一个适配器学习全部九个方面。";
        "Comments", "A teacher's comment stands in the training prompt where the data have one.", "评语", "数据中有老师评语时，放进训练提示中。";
        "Rank", "The adapter's rank: higher learns more and takes more.", "秩", "适配器的秩：越大学得越多，占用也越多。";
        "Alpha", "The adapter's output is scaled by this over the rank.", "缩放系数", "适配器的输出按它除以秩来缩放。";
        "Adapter dropout", "Share of the adapter's inputs that are dropped while training.", "适配器丢弃率", "训练时适配器输入被丢弃的比例。";
        "Adapted linears", "Linears of each language layer that get an adapter.", "使用适配器的层", "语言模型每一层中加适配器的线性层。";
        "Learning rate", "AdamW's rate after the warm-up.", "学习率", "预热之后 AdamW 的学习率。";
        "Warm-up steps", "Steps over which the rate grows from 0.", "预热步数", "学习率从 0 增加所用的步数。";
        "Weight decay", "AdamW's decay of weights.", "权重衰减", "AdamW 的权重衰减。";
        "Beta 1", "AdamW's decay of the mean.", "Beta 1 系数", "AdamW 均值的衰减。";
        "Beta 2", "AdamW's decay of the mean square.", "Beta 2 系数", "AdamW 均方的衰减。";
        "Epsilon", "AdamW's guard against division by zero.", "Epsilon 值", "AdamW 防止除以零的小数。";
        "Longest gradient", "Longer gradients are shortened to this; 0 lets all pass.", "梯度上限", "超过的梯度会缩短到这个长度，0 表示不限制。";
        "Batch size", "Rows in a forward pass.", "批大小", "一次前向计算的行数。";
        "Accumulation", "Passes in an optimiser step.", "累积次数", "一个优化步包含的计算次数。";
        "Epochs", "Passes over the data.", "轮数", "使用全部数据的次数。";
        "Steps at most", "Optimiser steps in all; where it is empty, the epochs decide.", "最多步数", "优化步的总数，空着时由轮数决定。";
        "Steps between evaluations", "After so many steps the validation rows are scored.", "评估间隔", "每隔这么多步给验证数据打分一次。";
        "Best by", "What tells the best checkpoint.", "选优指标", "用什么来选最好的检查点。";
        "Patience", "Evaluations without gain after which training stops; 0 never stops early.", "耐心", "评估多少次没有变好就停止，0 表示不提前停止。";
        "Steps between checkpoints", "After so many steps all that is needed to go on is saved.", "保存间隔", "每隔这么多步保存一次检查点。";
        "Side of the picture", "In pixels, after letterboxing.", "图片边长", "加边后图片的边长，单位是像素。";
        "Changes of pictures", "Random changes of training pictures.", "图片变化", "训练图片的随机变化。";
        "Recompute", "Compute activations again on the way back: less memory, more time.", "重新计算", "反向时重新计算中间结果：少用内存，多花时间。";
        "Seed", "Where all chance begins.", "随机种子", "所有随机数的开始。";
        "Share to train on", "Share of rows to train on where the sheet has no split.", "训练比例", "分数表没有划分时用来训练的行的比例。";
        "Width of the head", "Width of a head's hidden layer.", "输出头宽度", "输出头中间层的宽度。";
        "Dropout of the head", "Share of a head's hidden values that are dropped while training.", "输出头丢弃率", "训练时输出头中间值被丢弃的比例。";
    }
}
