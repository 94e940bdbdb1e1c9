//! Whole data sets, read from disk.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use ::image::{ImageFormat, RgbImage};
use tempfile::TempDir;

use super::*;

/// A folder with a sheet and pictures of these names.
struct Files {
    folder: TempDir,
}

impl Files {
    fn new(pictures: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("images")).unwrap();
        let mut png = Cursor::new(Vec::new());
        RgbImage::new(3, 2).write_to(&mut png, ImageFormat::Png).unwrap();
        for name in pictures {
            fs::write(folder.path().join("images").join(name), png.get_ref()).unwrap();
        }
        Self { folder }
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn images(&self) -> PathBuf {
        self.folder.path().join("images")
    }

    fn read(&self, bytes: impl AsRef<[u8]>, options: &DataOptions) -> Result<Dataset, DataError> {
        Dataset::from_csv(&self.write("s.csv", bytes), &self.images(), options)
    }

    /// The message of an error, without the folder, whose name is by chance.
    fn message(&self, bytes: impl AsRef<[u8]>, options: &DataOptions) -> String {
        let message = self.read(bytes, options).unwrap_err().to_string();
        message.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

fn realism() -> DataOptions {
    DataOptions { attributes: vec![Attribute::Realism], ..DataOptions::default() }
}

#[test]
fn a_sheet_is_read_with_its_blanks_counted() {
    let files = Files::new(&["a.png", "b.png", "c.jpg"]);
    let sheet = "\u{feff}realism,name,age,realism@Li,realism@Wu\r\n\
                 4,\"a.png\",7,4,5\r\n ,b,8,,2\r\n2.5,c.jpg,9,3,\r\n\r\n";
    let data = files.read(sheet, &realism()).unwrap();
    let labels: Vec<Option<f64>> = (0..3).map(|row| data.label(row, Attribute::Realism)).collect();
    assert_eq!(labels, [Some(4.0), None, Some(2.5)]);
    assert_eq!(data.rows_with(Attribute::Realism), [0, 2]);
    assert_eq!(data.rows()[1].picture, files.images().join("b.png"));
    assert_eq!(data.raters(), ["Li", "Wu"]);
    let rating = |rater, label| Rating { attribute: Attribute::Realism, rater, label };
    assert_eq!(data.rows()[0].ratings, [rating(0, 4.0), rating(1, 5.0)]);
    assert_eq!(data.rows()[1].ratings, [rating(1, 2.0)]);
    let [counts] = data.report().attributes.as_slice() else { panic!() };
    assert_eq!((counts.labels, counts.blanks), ([0, 1, 0, 1, 0], 1));

    let filled = DataOptions { blank_as: Some(3.0), ..realism() };
    let data = files.read(sheet, &filled).unwrap();
    assert_eq!(data.label(1, Attribute::Realism), Some(3.0));
    assert_eq!(data.report().attributes[0].blanks, 1);
}

#[test]
fn one_problem_is_one_line_and_several_a_list() {
    let files = Files::new(&["a.png", "b.png"]);
    assert_eq!(
        files.message("name,realism\na.png,1\nb.png,7\n", &realism()),
        "s.csv: line 3: realism is '7'; expected a number from 1 to 5"
    );
    let sheet = "name,realism\na.png,x\n../b.png,1\nc.png,2\na.png,3\na,3\n,3\nb.png\n";
    assert_eq!(
        files.message(sheet, &realism()),
        "s.csv: 7 problems, 1 of them missing pictures (--skip-missing leaves such rows out)\n\
         line 2: realism is 'x'; expected a number from 1 to 5\n\
         line 3: the name '../b.png' leads out of the pictures' folder; expected a picture's file \
         name\n\
         line 4: the picture 'c.png' is not in images\n\
         line 5: the name 'a.png' is already in line 2\n\
         line 6: the picture of 'a' is already that of line 2\n\
         line 7: the name is empty; expected a picture's file name\n\
         line 8: 1 cell; expected 2, as in the header"
    );
}

#[test]
fn missing_pictures_can_be_left_out() {
    let files = Files::new(&["a.png"]);
    let sheet = "name,realism\na.png,1\nb.png,2\n";
    assert_eq!(
        files.message(sheet, &realism()),
        "s.csv: line 3: the picture 'b.png' is not in images (--skip-missing leaves such rows out)"
    );
    let skip = DataOptions { skip_missing: true, ..realism() };
    let data = files.read(sheet, &skip).unwrap();
    assert_eq!(
        (data.rows().len(), data.report().missing.as_slice()),
        (1, &["b.png".to_owned()][..])
    );
    assert_eq!(data.report().attributes[0].labels, [1, 0, 0, 0, 0]);
    assert_eq!(
        files.message("name,realism\nx,1\n", &skip),
        "s.csv: none of its pictures is there; expected at least one row with a picture"
    );
}

#[test]
fn files_that_are_no_sheets_are_said_to_be_so() {
    let files = Files::new(&[]);
    assert_eq!(
        files.message(b"name,realism\n\xff.png,1\n", &realism()),
        "s.csv: line 2: not UTF-8 text; expected plain text, saved as UTF-8"
    );
    let empty = "s.csv: there is no row; expected at least one row with a picture";
    for text in ["", "\n\n", "name,realism\n", "name,realism\n,\n"] {
        assert_eq!(files.message(text, &realism()), empty);
    }
    let blank = DataOptions { blank_as: Some(0.0), ..realism() };
    assert_eq!(
        files.message("", &blank),
        "blanks cannot count as 0; expected a number from 1 to 5"
    );
    let gone = Dataset::from_csv(Path::new("gone.csv"), &files.images(), &realism());
    assert!(gone.unwrap_err().to_string().starts_with("gone.csv: cannot be read: No such file"));
    let folder = Dataset::from_csv(&files.images(), &files.images(), &realism());
    assert!(folder.unwrap_err().to_string().ends_with("images: cannot be read: it is not a file"));
    let sheet = files.write("s.csv", "name,realism\n");
    let error = Dataset::from_csv(&sheet, Path::new("gone"), &realism()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "gone: expected a folder with the pictures, but there is none of this name"
    );
}

#[test]
fn pictures_that_are_none_are_listed() {
    let files = Files::new(&["a.png", "b.png", "c.png"]);
    files.write("images/b.png", "text");
    files.write("images/c.png", "");
    let data = files.read("name,realism\na,1\nb,2\nc,3\n", &realism()).unwrap();
    let message = data.check_pictures().unwrap_err().to_string();
    let lines: Vec<&str> = message.lines().collect();
    assert!(lines[0].ends_with("s.csv: 2 problems"), "{message}");
    assert!(lines[1].starts_with("line 3: 'b' is no picture that can be read: "), "{message}");
    assert!(lines[2].starts_with("line 4: 'c' is no picture that can be read: "), "{message}");
    assert_eq!(lines.len(), 3);
    files.read("name,realism\na,1\n", &realism()).unwrap().check_pictures().unwrap();
}

#[test]
fn comments_find_their_rows() {
    let files = Files::new(&["a.png", "b.png"]);
    let comments = files.write(
        "c.json",
        r#"{"ArtEdu": {"M": {"a.png": {"generated_comment_1": "one"}, "b.png": {},
            "z.png": {"generated_comment_1": "lost"}},
            "N": {"a": {"comment": "two"}}}}"#,
    );
    let options = DataOptions { comments: Some(comments), ..realism() };
    let data = files.read("name,realism\na,1\nb,2\n", &options).unwrap();
    assert_eq!(data.rows()[0].comments, ["two", "one"]);
    assert_eq!((data.report().commented, data.report().strangers), (1, 1));
    let broken = files.write("c.json", "{\"ArtEdu\": ");
    let options = DataOptions { comments: Some(broken), ..realism() };
    let message = files.message("name,realism\na,1\n", &options);
    assert_eq!(
        message,
        "c.json: not the JSON that was expected: EOF while parsing a value at line 1 column 11"
    );
}

#[test]
fn rows_are_split_by_seed_or_by_their_column() {
    let names: Vec<String> = (0..20).map(|n| format!("{n}.png")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let files = Files::new(&names);
    let sheet: String = names.iter().map(|name| format!("{name},3\n")).collect();
    let data = files.read(format!("name,realism\n{sheet}"), &realism()).unwrap();
    let (train, valid) = data.split(0.9, 42).unwrap();
    assert_eq!((train.len(), valid.len()), (18, 2));
    let mut all = [train.clone(), valid.clone()].concat();
    all.sort_unstable();
    assert_eq!(all, (0..20).collect::<Vec<_>>());
    assert_eq!(data.split(0.9, 42).unwrap(), (train, valid.clone()));
    assert_ne!(data.split(0.9, 43).unwrap().1, valid);
    assert_eq!(data.split(0.99, 1).unwrap().1.len(), 1);
    let message = data.split(0.01, 1).unwrap_err().to_string();
    assert!(
        message.ends_with(
            "s.csv: the train part of the split is empty: 0.01 of 20 rows are trained on; expected \
         rows enough for both parts, or another fraction"
        ),
        "{message}"
    );
    for fraction in [0.0, 1.0, -1.0, f64::NAN] {
        assert!(matches!(data.split(fraction, 1), Err(DataError::Fraction { .. })));
    }
    assert!(data.is_constant(Attribute::Realism, &valid));

    let text = "name,realism,split\n0.png,1,test\n1.png,2,train\n2.png,,val\n3.png,4,train\n";
    let data = files.read(text, &realism()).unwrap();
    assert_eq!(data.split(0.5, 1).unwrap(), (vec![1, 3], vec![2]));
    assert_eq!(data.part(Split::Test), [0]);
    assert_eq!(data.labelled(Attribute::Realism, &[3, 2, 1], Split::Train).unwrap(), [3, 1]);
    assert!(!data.is_constant(Attribute::Realism, &[1, 3]));
    let message = data.labelled(Attribute::Realism, &[2], Split::Valid).unwrap_err().to_string();
    assert!(message.ends_with(
        "s.csv: no row of the valid part has a label for realism; expected at least one"
    ));
    let data = files.read("name,realism,split\n1.png,2,train\n2.png,1,test\n", &realism()).unwrap();
    let message = data.split(0.9, 1).unwrap_err().to_string();
    assert!(message.ends_with(
        "the valid part of the split is empty: its column has train 1, valid 0, test 1; expected \
         at least one row of train and one of valid"
    ), "{message}");
}

#[test]
fn json_lines_are_read_by_their_ending() {
    let files = Files::new(&["a.png", "b.png"]);
    let text = "{\"name\": \"a.png\", \"realism\": 2}\n{\"name\": \"b.png\", \"realism\": null}\n";
    let sheet = files.write("s.jsonl", text);
    let data = Dataset::from_csv(&sheet, &files.images(), &realism()).unwrap();
    assert_eq!((data.rows().len(), data.rows_with(Attribute::Realism)), (2, vec![0]));
}
