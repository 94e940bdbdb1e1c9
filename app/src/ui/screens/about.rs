//! The papers about the program.

use egui::{Sense, Ui, vec2};

use crate::papers::{Block, Paper};
use crate::ui::app::EaselApp;
use crate::ui::command::Command;
use crate::ui::theme::{BODY, GAP, look};
use crate::ui::widgets::{body, card, choice, heading, page, section};

pub(super) fn about_ui(ui: &mut Ui, app: &EaselApp, paper: Paper, commands: &mut Vec<Command>) {
    let t = app.words();
    // Each paper is read from its beginning.
    page(ui, paper.name(), 720.0, |ui| {
        let names = [t.paper_child, t.paper_parent, t.paper_school, t.paper_model];
        let papers: Vec<_> = Paper::ALL.into_iter().zip(names).collect();
        if let Some(other) = choice(ui, paper, &papers) {
            commands.push(Command::About(other));
        }
        card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = GAP * 0.6;
            paper.blocks(app.language()).for_each(|block| block_ui(ui, block));
        });
    });
}

fn block_ui(ui: &mut Ui, block: Block<'_>) {
    let look = look(ui);
    match block {
        Block::Title(text) => {
            heading(ui, text);
        }
        Block::Section(text) => {
            ui.add_space(GAP * 0.6);
            section(ui, text, look.palette.accent);
        }
        Block::Paragraph(text) => {
            body(ui, text);
        }
        Block::Item(text) => {
            ui.horizontal_top(|ui| {
                // As high as the first line, so that the dot stands in its middle.
                let size = vec2(14.0, BODY * look.scale * 1.4);
                let (square, _) = ui.allocate_exact_size(size, Sense::hover());
                ui.painter().circle_filled(square.center(), 2.5, look.palette.accent);
                ui.vertical(|ui| body(ui, text));
            });
        }
    }
}
