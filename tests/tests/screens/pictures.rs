//! Pictures of all screens, for eyes: `--test screens -- --ignored` puts them into
//! `target/screens`.

use std::path::PathBuf;

use easel::papers::Paper;
use easel::ui::{
    Ask, Chore, Command, Deed, EaselApp, Event, Grant, Item, Kept, Moved, Settings, Step, Stock,
    Tell, TextSize, Theme, View, table,
};
use easel_core::Attribute;
use easel_core::model::Published;
use easel_core::prompt::Language;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use crate::fake::{harness, last, window};

const SIZES: [(&str, [f32; 2]); 3] =
    [("phone", [360.0, 740.0]), ("tablet", [820.0, 1180.0]), ("desktop", [1280.0, 800.0])];

const SCREENS: [&str; 39] = [
    "welcome",
    "preview",
    "crop",
    "straighten",
    "working",
    "student",
    "teacher",
    "looked",
    "settings",
    "about",
    "notice",
    "models",
    "getting",
    "browser",
    "ipad",
    "doubt",
    "keep",
    "kept",
    "pupils",
    "drawings",
    "pick",
    "drawing",
    "drawing-teacher",
    "compare",
    "growth",
    "classes",
    "class",
    "class-running",
    "class-delete",
    "class-drawing",
    "class-failed",
    "train-data",
    "train-settings",
    "train-memory",
    "train-run",
    "train-paused",
    "train-compare",
    "train-judge",
    "train-try",
];

fn settings(language: Language, theme: Theme) -> Settings {
    let language = Some(language);
    Settings { language, theme, reduced_motion: true, ..Settings::default() }
}

/// A page's stock: a pack that was fetched, and one of which a part is there.
fn page(small_page: bool) -> Stock {
    let kept = |place: &str, bytes, whole| Kept {
        item: Item::Pack(place.to_owned()),
        bytes,
        whole,
        checkable: true,
    };
    Stock {
        grant: Grant { memory: Some(8 << 30), binding: Some(128 << 20), small_page },
        hub: false,
        kept: match small_page {
            true => Vec::new(),
            false => vec![
                kept("kept:qwen-3b-rubric", 2_900_000_000, true),
                kept("https://packs.school.test/seven/", 1_100_000_000, false),
            ],
        },
    }
}

/// Brings the interface to a screen.
fn go(screen: &str, size: [f32; 2], mut settings: Settings) -> Harness<'static, EaselApp> {
    let teacher = ["teacher", "looked", "drawing-teacher", "compare", "growth", "drawings"];
    if teacher.contains(&screen) || screen.starts_with("class") {
        settings.view = View::Teacher;
    }
    let (mut harness, script) = harness(size, &settings);
    match screen {
        "models" => script.borrow_mut().stock = window(8_000_000_000, 2_400_000_000),
        "getting" => script.borrow_mut().stock = window(16_000_000_000, 7_600_000_000),
        "browser" | "ipad" => script.borrow_mut().stock = page(screen == "ipad"),
        "doubt" => script.borrow_mut().seen = (Some(0.1), false),
        _ => {}
    }
    if screen == "working" {
        script.borrow_mut().stop_at = Some(Tell::Step(Step::Thinking));
    }
    let commands: &[Command] = match screen {
        "preview" => &[Command::Sample(1)],
        "crop" | "straighten" => &[Command::Sample(1), Command::Crop(true)],
        "working" | "student" | "teacher" | "doubt" => &[Command::Sample(1), Command::Look],
        "models" | "browser" | "ipad" => &[Command::Models(true)],
        "getting" => &[
            Command::Models(true),
            Command::Shelf(Deed::Get(Item::Hub(Published::SevenB.id().to_owned()))),
            Command::Shelf(Deed::Delete(Item::Hub(Published::ThreeB.id().to_owned()))),
        ],
        "looked" => &[
            Command::Sample(1),
            Command::Look,
            Command::WhereLooked(Attribute::Realism),
            Command::WhereLooked(Attribute::Imagination),
        ],
        "settings" => &[Command::Settings(true)],
        "about" => &[Command::Settings(true), Command::About(Paper::School)],
        _ => &[],
    };
    if matches!(
        screen,
        "keep"
            | "kept"
            | "pupils"
            | "drawings"
            | "pick"
            | "drawing"
            | "drawing-teacher"
            | "compare"
            | "growth"
    ) {
        crate::portfolio::go(screen, &mut harness, &script);
    }
    if screen.starts_with("class") {
        crate::class::go(screen, &mut harness, &script);
    }
    if screen.starts_with("train-") {
        crate::training::go(screen, &mut harness);
    }
    if screen == "notice" {
        harness.event(egui::Event::Paste("words".to_owned()));
    }
    for command in commands {
        harness.run();
        harness.state_mut().command(command.clone());
    }
    if screen == "getting" {
        harness.run();
        let id = last(&script, |ask| matches!(ask, Ask::Shelf(Chore::Get(_)))).unwrap();
        for done in [5_000_000_000, 5_200_000_000] {
            let moved = Moved { done, total: 16_600_000_000 };
            script.borrow_mut().events.push_back(Event { id, tell: Tell::Moved(moved) });
            harness.run_steps(20);
        }
    }
    if screen == "straighten" {
        let edit = easel::ui::Edit { tilt: -6.5, keep: [0.05, 0.1, 0.9, 1.0], turns: 0 };
        harness.state_mut().command(Command::Edit(edit));
        harness.run();
        let words = table(settings.language.unwrap_or(Language::En));
        harness.get_by_role_and_label(Role::Slider, words.straighten).focus();
    }
    if screen == "crop" {
        harness.run();
        let keep = [0.1, 0.15, 0.85, 0.9];
        harness.state_mut().command(Command::Edit(easel::ui::Edit { keep, ..Default::default() }));
    }
    harness.run();
    harness
}

fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target =
        target.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target"));
    let folder = target.join("screens");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
#[ignore = "takes minutes; makes pictures for eyes"]
fn all_screens() {
    let only = std::env::var("EASEL_SCREENS").unwrap_or_default();
    let folder = folder();
    for (device, size) in SIZES {
        for (language, lang) in [(Language::En, "en"), (Language::Zh, "zh")] {
            for (theme, colours) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
                for screen in SCREENS {
                    let name = format!("{screen}-{device}-{lang}-{colours}");
                    if !name.contains(&only) {
                        continue;
                    }
                    // Long pages are shown in whole.
                    let long = [
                        "teacher",
                        "looked",
                        "settings",
                        "about",
                        "student",
                        "models",
                        "getting",
                        "browser",
                        "ipad",
                        "doubt",
                        "keep",
                        "kept",
                        "drawing-teacher",
                        "compare",
                        "growth",
                        "class",
                        "class-running",
                        "class-delete",
                        "class-drawing",
                        "class-failed",
                    ];
                    let train = screen.starts_with("train-");
                    let long =
                        long.contains(&screen) || train || device == "phone" && screen == "welcome";
                    let height = if long { 3000.0_f32.max(size[1]) } else { size[1] };
                    let height =
                        if matches!(screen, "teacher" | "looked" | "class" | "class-drawing")
                            && device == "phone"
                        {
                            8192.0
                        } else {
                            height
                        };
                    let mut harness = go(screen, [size[0], height], settings(language, theme));
                    let picture = harness.render().unwrap();
                    let picture = crop_to_contents(&picture, size[1] as u32);
                    picture.save(folder.join(format!("{name}.png"))).unwrap();
                }
            }
        }
    }
}

/// Without the empty rows below, but at least `least` high.
fn crop_to_contents(picture: &image::RgbaImage, least: u32) -> image::RgbaImage {
    let (width, height) = picture.dimensions();
    let paper = *picture.get_pixel(2, height - 2);
    // The renderer dithers.
    let near = |a: &image::Rgba<u8>| a.0.iter().zip(paper.0).all(|(a, b)| a.abs_diff(b) < 3);
    let empty = |y: u32| (0..width - 12).all(|x| near(picture.get_pixel(x, y)));
    let last = (0..height).rev().find(|&y| !empty(y)).unwrap_or(0);
    image::imageops::crop_imm(picture, 0, 0, width, (last + 24).clamp(least, height)).to_image()
}

/// Everything that is said lies within the window's width, down to 320 points and with very large
/// text: nothing is cut off.
#[test]
fn nothing_reaches_beyond_the_sides() {
    use egui_kittest::kittest::NodeT;
    for width in [320.0, 360.0, 700.0, 960.0, 1280.0] {
        for language in [Language::En, Language::Zh] {
            for text_size in [TextSize::Medium, TextSize::Huge] {
                for screen in SCREENS {
                    let settings = Settings { text_size, ..settings(language, Theme::Light) };
                    let harness = go(screen, [width, 1000.0], settings);
                    let mut nodes = vec![harness.root()];
                    while let Some(node) = nodes.pop() {
                        let inner = node.accesskit_node();
                        if inner.label().or(inner.value()).is_some() {
                            let rect = node.rect();
                            let inside = rect.left() >= -0.5 && rect.right() <= width + 0.5;
                            let name = inner.label().or(inner.value()).unwrap_or_default();
                            assert!(
                                inside,
                                "{screen} {width} {language} {text_size:?}: {name}: {rect:?}"
                            );
                        }
                        // A long line scrolls within its field.
                        if inner.role() != Role::TextInput {
                            nodes.extend(node.children());
                        }
                    }
                }
            }
        }
    }
}
