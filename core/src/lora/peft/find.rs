//! Which folder of a source holds which attribute's adapter.

use std::collections::BTreeMap;

use super::{CONFIG, PeftError};
use crate::rubric::Attribute;
use crate::weights::{Source, join};

/// The published code keeps the best checkpoint under this name.
const BEST: &str = "best_model";
/// How many folders of the source's own path may name the attribute: enough for
/// `…/dimension_realism/best_model` and for a hub cache's `models--…/snapshots/…`.
const OWN_FOLDERS: usize = 3;

/// The folders with adapters, by the attribute that each one's name holds.
///
/// An attribute's words must stand whole and together in a folder's name, in any case and with
/// anything but letters and digits between them: `realism`, `dimension_realism/best_model`,
/// `qwen7b-color-richness`, `LineTexture/checkpoint-50`. The innermost folder with an attribute
/// counts; a source that is itself one adapter is named by its own path. Where an attribute has
/// several folders, `best_model` is taken, else the folder around all others.
///
/// # Errors
/// If there are none, one names no attribute or two, or several are left for one attribute.
pub async fn find_adapters(source: &dyn Source) -> Result<BTreeMap<Attribute, String>, PeftError> {
    let place = source.name();
    let mut found = BTreeMap::<Attribute, Vec<String>>::new();
    for file in source.files().await? {
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", &file));
        if name == CONFIG {
            let attribute = attribute_of(&place, folder)?;
            found.entry(attribute).or_default().push(folder.to_owned());
        }
    }
    if found.is_empty() {
        return Err(PeftError::NoAdapters { place });
    }
    let chosen = found.into_iter().map(|(attribute, folders)| {
        let folder = choose(&place, attribute, &folders)?;
        Ok((attribute, folder))
    });
    chosen.collect()
}

/// The attribute named by a folder, or by the folders around it.
fn attribute_of(place: &str, folder: &str) -> Result<Attribute, PeftError> {
    let named = |path: &str| join(place, path);
    let own = place.rsplit(['/', '\\']).filter(|part| !part.is_empty()).take(OWN_FOLDERS);
    for part in folder.rsplit('/').chain(own) {
        let mut attributes = attributes_in(part).into_iter();
        match (attributes.next(), attributes.next()) {
            (Some(attribute), None) => return Ok(attribute),
            (Some(first), Some(second)) => {
                return Err(PeftError::Ambiguous { folder: named(folder), first, second });
            }
            _ => {}
        }
    }
    Err(PeftError::Unnamed { folder: named(folder) })
}

/// The attributes whose words stand in a name.
fn attributes_in(name: &str) -> Vec<Attribute> {
    let words = words(name);
    let holds = |attribute: &Attribute| {
        let wanted: Vec<&str> = attribute.name().split('_').collect();
        let joined = wanted.concat();
        words.windows(wanted.len()).any(|window| window == wanted) || words.contains(&joined)
    };
    Attribute::ALL.into_iter().filter(holds).collect()
}

/// The words of a name in lower case: `RaftColorRichness-v2` has `raft`, `color`, `richness`, `v2`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut last = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && last.is_lowercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        last = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The one folder to use of those for an attribute.
fn choose(place: &str, attribute: Attribute, folders: &[String]) -> Result<String, PeftError> {
    let is_best = |folder: &&String| folder.rsplit('/').next() == Some(BEST);
    let around = |outer: &&String| {
        let inside = |folder: &String| outer.is_empty() || folder.starts_with(&format!("{outer}/"));
        folders.iter().all(|folder| folder == *outer || inside(folder))
    };
    let best: Vec<&String> = folders.iter().filter(is_best).collect();
    let left = match best[..] {
        [] => folders.iter().find(around).map_or_else(|| folders.iter().collect(), |f| vec![f]),
        _ => best,
    };
    match left[..] {
        [first, second, ..] => Err(PeftError::Several {
            place: place.to_owned(),
            attribute,
            first: first.clone(),
            second: second.clone(),
        }),
        [one] => Ok(one.clone()),
        [] => Err(PeftError::NoAdapters { place: place.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;
    use crate::weights::Memory;

    fn find(place: &str, folders: &[&str]) -> Result<BTreeMap<Attribute, String>, PeftError> {
        let config = |folder: &&str| (super::super::join_folder(folder, CONFIG), Vec::new());
        let mut files: BTreeMap<_, _> = folders.iter().map(config).collect();
        files.insert("README.md".into(), Vec::new());
        block_on(find_adapters(&Memory::new(place, files)))
    }

    fn one(place: &str, folder: &str) -> Attribute {
        let found = find(place, &[folder]).unwrap();
        assert_eq!(found.values().collect::<Vec<_>>(), [folder]);
        *found.keys().next().unwrap()
    }

    fn message(place: &str, folders: &[&str]) -> String {
        find(place, folders).unwrap_err().to_string()
    }

    #[test]
    fn names_in_many_layouts_are_recognised() {
        use Attribute::*;
        let cases = [
            ("realism", Realism),
            ("Realism/checkpoint-50", Realism),
            ("dimension_transformation/best_model", Transformation),
            ("qwen7b-color-richness-adapter", ColorRichness),
            ("lora_COLOR_CONTRAST", ColorContrast),
            ("LineTexture", LineTexture),
            ("RaftLineCombination v2", LineCombination),
            ("linecombination", LineCombination),
            ("picture organization/final", PictureOrganization),
            ("realism/deformation", Deformation),
            ("runs/2/imagination/x", Imagination),
        ];
        for (folder, attribute) in cases {
            assert_eq!(one("adapters", folder), attribute, "{folder}");
        }
    }

    #[test]
    fn parts_of_words_are_no_attributes() {
        for folder in ["surrealism", "deformations", "color", "line_2_texture", "reform_ation"] {
            assert!(message("adapters", &[folder]).starts_with(&format!("adapters/{folder}: an")));
        }
    }

    #[test]
    fn all_nine_are_found_together() {
        let folders = Attribute::ALL.map(|a| format!("dimension_{a}/best_model"));
        let found = find("mem", &folders.each_ref().map(String::as_str)).unwrap();
        let expected: BTreeMap<_, _> = Attribute::ALL.into_iter().zip(folders.clone()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_source_that_is_one_adapter_is_named_by_its_path() {
        assert_eq!(one("/data/dimension_realism/best_model", ""), Attribute::Realism);
        assert_eq!(one("C:\\data\\line_texture\\", ""), Attribute::LineTexture);
        let cache = "hub/models--me--easel-imagination/snapshots/0a1b2c";
        assert_eq!(one(cache, ""), Attribute::Imagination);
        assert_eq!(one("/data/dimension_realism", "best_model"), Attribute::Realism);
        let said = message("/home/realism/a/b/mine", &[""]);
        assert!(said.starts_with("/home/realism/a/b/mine: an adapter, but none of"), "{said}");
        assert!(said.contains("'realism' or 'dimension_color_richness'"));
    }

    #[test]
    fn of_several_the_best_or_the_outermost_is_taken() {
        let chosen = |folders: &[&str]| find("mem", folders).unwrap()[&Attribute::Realism].clone();
        let runs = ["realism/best_model", "realism/checkpoint-1", "realism/checkpoint-2"];
        assert_eq!(chosen(&runs), "realism/best_model");
        assert_eq!(chosen(&["realism", "realism/checkpoint-1"]), "realism");
        let said = message("mem", &runs[1..]);
        let expected = "mem: both 'realism/checkpoint-1' and 'realism/checkpoint-2' hold";
        assert!(said.starts_with(expected), "{said}");
        let said = message("mem", &["realism/best_model", "x_realism/best_model"]);
        assert!(said.contains("for realism; keep one"), "{said}");
        assert!(message("mem", &["realism", "realism2/realism"]).contains("keep one"));
        let found = find("realism", &["", "checkpoint-5"]).unwrap();
        assert_eq!(found[&Attribute::Realism], "");
    }

    #[test]
    fn two_attributes_in_a_name_and_no_adapters_are_errors() {
        let said = message("mem", &["realism_and_deformation"]);
        let expected = "mem/realism_and_deformation: its name has both realism and deformation;";
        assert!(said.starts_with(expected), "{said}");
        assert!(message("mem", &[]).starts_with("mem: no adapters; expected folders such as"));
    }
}
