//! What is on the screen as a list of plain elements, for a page that mirrors it: the tree that
//! screen readers get in a window, flattened in reading order.

use egui::accesskit::{Live, Node, NodeId, Role, Toggled, TreeUpdate};
use serde::Serialize;
use std::collections::BTreeMap;

/// One element.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Element {
    /// Its number, the same from frame to frame.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// What is read out.
    pub name: String,
    /// The value of a slider, or what is typed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// Whether it is on, where it can be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<bool>,
    /// Whether it cannot be used.
    pub disabled: bool,
    /// Whether changes of it are read out.
    pub live: bool,
    /// What the interface calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
    /// Left, top, width and height in points.
    pub place: [f64; 4],
}

/// Kinds of elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Text.
    Text,
    /// A title.
    Heading,
    /// A picture or a chart.
    Image,
    /// A button.
    Button,
    /// One of several.
    Radio,
    /// On or off.
    Checkbox,
    /// What is moved by arrows.
    Slider,
    /// A line that is typed.
    Field,
    /// Several lines that are typed.
    Area,
}

/// The elements of a tree in reading order, and which of them has the keyboard.
#[must_use]
pub fn elements(tree: &TreeUpdate) -> (Vec<Element>, Option<String>) {
    let nodes: BTreeMap<NodeId, &Node> = tree.nodes.iter().map(|(id, node)| (*id, node)).collect();
    let mut found = Vec::new();
    let mut waiting: Vec<NodeId> = tree.tree.as_ref().map(|tree| tree.root).into_iter().collect();
    while let Some(id) = waiting.pop() {
        let Some(node) = nodes.get(&id) else { continue };
        found.extend(element(id, node));
        waiting.extend(node.children().iter().rev());
    }
    let focus = found.iter().map(|element| &element.id).find(|id| **id == number(tree.focus));
    let focus = focus.cloned();
    (found, focus)
}

fn number(id: NodeId) -> String {
    id.0.to_string()
}

fn element(id: NodeId, node: &Node) -> Option<Element> {
    let kind = match node.role() {
        Role::Label | Role::Alert => Kind::Text,
        Role::Heading => Kind::Heading,
        Role::Image => Kind::Image,
        Role::Button => Kind::Button,
        Role::RadioButton => Kind::Radio,
        Role::CheckBox => Kind::Checkbox,
        Role::Slider => Kind::Slider,
        Role::TextInput => Kind::Field,
        Role::MultilineTextInput => Kind::Area,
        _ => return None,
    };
    let (label, value) = (node.label().unwrap_or_default(), node.value().unwrap_or_default());
    let name = if label.is_empty() { value } else { label };
    let place = node.bounds().map(|b| [b.x0, b.y0, b.width(), b.height()]).unwrap_or_default();
    // What cannot be told or found is no use to anybody.
    (!name.is_empty()).then(|| Element {
        id: number(id),
        kind,
        name: name.to_owned(),
        value: match kind {
            Kind::Slider | Kind::Field | Kind::Area => value.to_owned(),
            _ => String::new(),
        },
        checked: node.toggled().map(|toggled| toggled == Toggled::True),
        disabled: node.is_disabled(),
        live: node.live().is_some_and(|live| live != Live::Off),
        mark: node.author_id().map(str::to_owned),
        place: place.map(f64::round),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::install;
    use crate::ui::widgets::{Button, check, heading};

    #[test]
    fn what_is_drawn_is_listed_in_its_order() {
        let ctx = egui::Context::default();
        install(&ctx);
        ctx.enable_accesskit();
        let draw = |ui: &mut egui::Ui| {
            heading(ui, "Title");
            let button = ui.add(Button::primary("").name("Go"));
            button.request_focus();
            let _ = check(ui, true, "On");
        };
        let mut output = ctx.run_ui(egui::RawInput::default(), draw);
        let tree = output.platform_output.accesskit_update.take().unwrap();
        output.drop_without_applying_deltas();
        let (elements, focus) = elements(&tree);
        let told: Vec<_> = elements.iter().map(|e| (e.kind, e.name.as_str(), e.checked)).collect();
        let expected = [
            (Kind::Heading, "Title", None),
            (Kind::Button, "Go", None),
            (Kind::Checkbox, "On", Some(true)),
        ];
        assert_eq!(told, expected);
        assert_eq!(focus.as_ref(), Some(&elements[1].id));
        assert!(elements[1].place[1] > elements[0].place[1], "{elements:?}");
    }
}
