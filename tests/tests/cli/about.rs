//! `easel about`, and `easel score --where`.

use easel_core::Attribute;

use crate::run::{Ran, adapters, command, drawing, on_case};

#[test]
fn papers_are_printed_in_both_languages() {
    for (paper, en, zh) in [
        ("child", "# About Easel, for you\n", "# 写给你的 Easel 介绍\n"),
        ("parent", "# For parents\n", "# 写给家长\n"),
        ("school", "# Data protection impact assessment", "# 数据保护影响评估"),
        ("model", "# Model card\n", "# 模型说明\n"),
    ] {
        let ran = Ran::of(&mut command(["about", paper]));
        assert!(ran.status == 0 && ran.out.starts_with(en), "{}{}", ran.out, ran.err);
        let ran = Ran::of(&mut command(["about", paper, "--language", "zh"]));
        assert!(ran.status == 0 && ran.out.starts_with(zh), "{}{}", ran.out, ran.err);
        assert!(Ran::of(&mut command(["about"])).out.contains(&format!("easel about {paper}")));
    }
    let ran = Ran::of(&mut command(["about", "teacher"]));
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("child, parent, school, model"), "{}", ran.err);
}

#[test]
fn where_a_score_comes_from_is_a_grid_of_points() {
    let where_from = ["--adapters", &adapters(), "--where", "Line Texture"];
    let mut json = where_from.to_vec();
    json.extend(["--format", "json"]);
    let ran = on_case("score", &[&drawing(0)], &json);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let line = &ran.json()[0];
    let found = &line["where"];
    assert_eq!(found["attribute"], Attribute::LineTexture.name());
    let whole = line["scores"]["line_texture"]["score"].as_f64().unwrap();
    assert!((found["score"].as_f64().unwrap() - whole).abs() < 1e-4, "{found}");
    let rows = found["falls"].as_array().unwrap();
    assert!(rows.len() == 4 && rows.iter().all(|row| row.as_array().unwrap().len() == 4));
    assert!(rows.iter().flat_map(|row| row.as_array().unwrap()).any(|fall| fall != 0.0));

    let ran = on_case("score", &[&drawing(0)], &where_from);
    assert!(ran.out.contains("points that line texture falls by"), "{}", ran.out);
    // The bare model is asked, too.
    let ran = on_case("score", &[&drawing(0)], &["--where", "realism", "--format", "json"]);
    assert_eq!(ran.json()[0]["where"]["attribute"], "realism");
}

#[test]
fn where_wants_a_format_that_can_hold_it_and_an_attribute() {
    let ran = on_case("score", &[&drawing(0)], &["--where", "realism", "--format", "csv"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("--where"), "{}", ran.err);
    let ran = on_case("score", &[&drawing(0)], &["--where", "beauty"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("'beauty' is no attribute"), "{}", ran.err);
}
