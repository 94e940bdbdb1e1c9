//! egui's own style, by ours: for scroll bars, charts and what else it draws by itself.

use egui::style::WidgetVisuals;
use egui::{
    Context, CornerRadius, FontFamily, FontId, Stroke, TextStyle, ThemePreference, Visuals,
};

use super::{BODY, BUTTON_RADIUS, DARK, GAP, LIGHT, Palette, SMALL, TITLE, TOUCH, bold};
use crate::ui::settings::{Settings, Theme};

pub(super) fn apply(ctx: &Context, settings: &Settings) {
    let key = egui::Id::unique("easel style");
    let wanted = (settings.theme, settings.text_size, settings.reduced_motion);
    if ctx.data(|data| data.get_temp(key)) == Some(wanted) {
        return;
    }
    ctx.data_mut(|data| data.insert_temp(key, wanted));
    // Where the device does not say, it is day.
    ctx.options_mut(|options| options.fallback_theme = egui::Theme::Light);
    ctx.set_theme(match settings.theme {
        Theme::System => ThemePreference::System,
        Theme::Light => ThemePreference::Light,
        Theme::Dark => ThemePreference::Dark,
    });
    ctx.set_visuals_of(egui::Theme::Light, visuals(Visuals::light(), &LIGHT));
    ctx.set_visuals_of(egui::Theme::Dark, visuals(Visuals::dark(), &DARK));
    let scale = settings.text_size.factor();
    let still = settings.reduced_motion;
    ctx.all_styles_mut(|style| {
        let font = |size: f32| FontId::new(size * scale, FontFamily::Proportional);
        style.text_styles = [
            (TextStyle::Small, font(SMALL)),
            (TextStyle::Body, font(BODY)),
            (TextStyle::Button, bold(BODY * scale)),
            (TextStyle::Heading, bold(TITLE * scale)),
            (TextStyle::Monospace, font(BODY)),
        ]
        .into();
        style.spacing.item_spacing = egui::vec2(GAP / 2.0, GAP / 2.0);
        style.spacing.interact_size.y = TOUCH;
        // Above the margin: a bar that took room would change what it scrolls.
        style.spacing.scroll = egui::style::ScrollStyle::floating();
        style.spacing.scroll.bar_width = 8.0;
        style.spacing.scroll.floating_width = 4.0;
        style.spacing.scroll.dormant_handle_opacity = 0.7;
        style.spacing.scroll.dormant_background_opacity = 0.0;
        style.interaction.selectable_labels = false;
        style.animation_time = if still { 0.0 } else { 0.15 };
        if still {
            style.scroll_animation = egui::style::ScrollAnimation::none();
        }
    });
}

fn visuals(mut visuals: Visuals, palette: &Palette) -> Visuals {
    let radius = CornerRadius::same(BUTTON_RADIUS);
    let widget = |fill, line, ink| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, line),
        corner_radius: radius,
        fg_stroke: Stroke::new(1.5, ink),
        expansion: 0.0,
    };
    let Palette { card, line, edge, ink, accent, accent_wash, .. } = *palette;
    visuals.widgets.noninteractive = widget(card, line, ink);
    visuals.widgets.inactive = widget(edge, edge, ink);
    visuals.widgets.hovered = widget(accent, accent, ink);
    visuals.widgets.active = widget(accent, accent, ink);
    visuals.widgets.open = widget(accent_wash, accent, ink);
    visuals.selection.bg_fill = accent_wash;
    visuals.selection.stroke = Stroke::new(2.0, palette.focus);
    visuals.override_text_color = Some(ink);
    visuals.weak_text_color = Some(palette.muted);
    visuals.panel_fill = palette.paper;
    visuals.window_fill = card;
    visuals.extreme_bg_color = palette.paper;
    visuals.window_stroke = Stroke::new(1.0, line);
    visuals
}
