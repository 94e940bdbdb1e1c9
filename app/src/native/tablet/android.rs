//! Android: the activity that starts us, and Java's side of it (`app/tablet/android`).

use std::sync::{Mutex, MutexGuard, PoisonError};

use android_activity::AndroidApp;
use eframe::NativeOptions;
use egui::epaint::MarginF32;
use egui::{Context, Event, ImeEvent, Key, Modifiers, RawInput, SafeAreaInsets};
use jni::objects::{JClass, JObject, JString, JValue};
use jni::refs::Global;
use jni::{EnvUnowned, JavaVM, jni_sig, jni_str};

use super::{Host, Inbox, Machine, Tablet, Wish};
use crate::native::{Files, memory, show};

/// What Java told and no frame has taken yet.
struct Told {
    /// The activity; a new one may begin in the same process.
    app: Option<AndroidApp>,
    inbox: Option<Inbox>,
    ctx: Option<Context>,
    /// How far bars, notches and the keyboard reach in, in pixels: left, top, right, bottom.
    insets: [f32; 4],
    typed: Vec<Event>,
    /// What was chosen before there was a window: Android may end the app while its camera is open.
    early: Vec<(String, String)>,
}

static TOLD: Mutex<Told> = Mutex::new(Told {
    app: None,
    inbox: None,
    ctx: None,
    insets: [0.0; 4],
    typed: Vec::new(),
    early: Vec::new(),
});

/// It is whole whatever happened to a thread that held it.
fn told() -> MutexGuard<'static, Told> {
    TOLD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the activity begins, on a thread of its own.
#[expect(unsafe_code, reason = "android-activity calls this function by its name")]
#[unsafe(no_mangle)]
fn android_main(app: AndroidApp) {
    let Some(data) = app.internal_data_path() else {
        log::error!("Android names no folder for the app");
        return;
    };
    // Beside it, as `Context.getCacheDir` has it.
    let cache = data.with_file_name("cache");
    let chinese = app.config().language().is_some_and(|language| language == "zh");
    let machine = Machine { data, cache, chinese, memory: memory::total() };
    super::begin(machine.clone());
    (told().app, told().ctx) = (Some(app.clone()), None);
    let java = Java(app.clone());
    let native = NativeOptions { android_app: Some(app), ..NativeOptions::default() };
    let shown = show(native, move |wake| {
        let tablet = Tablet::new(Files::new(wake), Box::new(java), machine);
        let mut told = told();
        let inbox = told.inbox.insert(tablet.inbox()).clone();
        for (word, text) in told.early.drain(..) {
            inbox.arrived(&word, &text);
        }
        Box::new(tablet)
    });
    if let Err(error) = shown {
        log::error!("{error}");
    }
}

/// The activity, asked through Java's native interface.
struct Java(AndroidApp);

impl Host for Java {
    fn ask(&self, wish: Wish, text: &str) {
        ask(&self.0, wish, text);
    }
}

fn ask(app: &AndroidApp, wish: Wish, text: &str) {
    #[expect(unsafe_code, reason = "the activity's handles come as raw pointers")]
    // SAFETY: android-activity keeps both alive as long as `app`, which is borrowed here; the global
    // reference stays its own.
    let asked = unsafe {
        let vm = JavaVM::from_raw(app.vm_as_ptr().cast());
        vm.attach_current_thread(|env| -> jni::errors::Result<()> {
            let activity = app.activity_as_ptr() as jni::sys::jobject;
            let activity = env.as_cast_raw::<Global<JObject>>(&activity)?;
            let [word, text] = [wish.word(), text].map(|text| JString::from_str(env, text));
            let (word, text) = (word?, text?);
            let values = [JValue::Object(&word), JValue::Object(&text)];
            let signature = jni_sig!((word: JString, text: JString) -> void);
            env.call_method(activity.as_ref(), jni_str!("ask"), signature, &values)?;
            Ok(())
        })
    };
    if let Err(error) = asked {
        log::warn!("{}: Java was not asked: {error}", wish.word());
    }
}

/// What Java tells: a word and a text.
#[expect(unsafe_code, reason = "Java calls this function by its name")]
#[unsafe(no_mangle)]
extern "system" fn Java_org_easel_EaselActivity_tell<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    word: JString<'local>,
    text: JString<'local>,
) {
    env.with_env(|env| -> jni::errors::Result<()> {
        take(&word.try_to_string(env)?, &text.try_to_string(env)?);
        Ok(())
    })
    .resolve::<jni::errors::LogErrorAndDefault>();
}

fn take(word: &str, text: &str) {
    let mut told = told();
    match word {
        "insets" => {
            let numbers: Vec<f32> = text.split(' ').filter_map(|text| text.parse().ok()).collect();
            if let Ok(insets) = numbers.try_into() {
                told.insets = insets;
            }
        }
        "commit" => told.typed.push(Event::Ime(ImeEvent::Commit(text.to_owned()))),
        "compose" => told.typed.push(Event::Ime(ImeEvent::Preedit {
            text: text.to_owned(),
            active_range_chars: None,
        })),
        "erase" => press(&mut told, Key::Backspace),
        "enter" => press(&mut told, Key::Enter),
        _ => {
            match &told.inbox {
                Some(inbox) => inbox.arrived(word, text),
                None => told.early.push((word.to_owned(), text.to_owned())),
            }
            return;
        }
    }
    if let Some(ctx) = &told.ctx {
        ctx.request_repaint();
    }
}

fn press(told: &mut Told, key: Key) {
    for pressed in [true, false] {
        told.typed.push(Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: Modifiers::NONE,
        });
    }
}

/// Gives a frame what Java told since the last one.
pub fn feed(ctx: &Context, input: &mut RawInput) {
    let mut told = told();
    let scale = ctx.pixels_per_point();
    let [left, top, right, bottom] = told.insets.map(|pixels| pixels / scale);
    input.safe_area_insets = Some(SafeAreaInsets(MarginF32 { left, right, top, bottom }));
    input.events.append(&mut told.typed);
    if told.ctx.is_none() {
        told.ctx = Some(ctx.clone());
    }
}

/// Asks for the keyboard, or that it goes, where the last frame changed whether text is typed.
pub fn listen(ctx: &Context, shown: &mut bool) {
    let wanted = ctx.egui_wants_keyboard_input();
    if std::mem::replace(shown, wanted) != wanted
        && let Some(app) = &told().app
    {
        ask(app, Wish::Keyboard, if wanted { "on" } else { "off" });
    }
}
