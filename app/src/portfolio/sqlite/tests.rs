use super::*;

/// As it is before anything was prepared.
fn bare(path: &Path) -> Sqlite {
    let (file, place) = (Connection::open(path).unwrap(), path.display().to_string());
    Sqlite { file, place, claims: Claims::beside(path) }
}

#[test]
fn steps_are_taken_from_where_a_file_stands_and_keep_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portfolio.sqlite");
    let pupil = Pupil { id: Id(u64::MAX), name: "Mia".to_owned() };
    pollster::block_on(Sqlite::open(&path).unwrap().put_pupil(&pupil)).unwrap();
    // A version to come, with one column more.
    let add = "ALTER TABLE pupils ADD COLUMN class TEXT NOT NULL DEFAULT '4b';";
    let later = bare(&path);
    later.prepare(&[STEPS[0], STEPS[1], add]).unwrap();
    let both = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let found = later.file.query_row("SELECT name, class FROM pupils", [], both).unwrap();
    assert_eq!(found, ("Mia".to_owned(), "4b".to_owned()));
    drop(later);
    // It is not ours any more, and stays as it is.
    let before = fs::read(&path).unwrap();
    let error = Sqlite::open(&path).err().unwrap();
    assert!(matches!(error, StoreError::Newer { found: 3, known: 2, .. }), "{error}");
    assert!(error.to_string().ends_with("a newer Easel opens them"), "{error}");
    assert!(fs::read(&path).unwrap() == before, "the file was changed");
}

#[test]
fn a_step_that_fails_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portfolio.sqlite");
    drop(Sqlite::open(&path).unwrap());
    let later = bare(&path);
    assert!(
        later
            .prepare(&[STEPS[0], STEPS[1], "CREATE TABLE more (id); CREATE TABLE pupils (id);"])
            .is_err()
    );
    drop(later);
    let store = Sqlite::open(&path).unwrap();
    let more = "SELECT count(*) FROM sqlite_schema WHERE name = 'more'";
    assert_eq!(store.file.query_row(more, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[test]
fn portfolios_without_classes_are_brought_on_with_all_that_is_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portfolio.sqlite");
    let first = bare(&path);
    first.prepare(&STEPS[..1]).unwrap();
    let rows = r#"
        INSERT INTO pupils (id, name) VALUES (7, 'Mia');
        INSERT INTO entries (id, pupil, at, record) VALUES (9, 7, 5, '{"id": "0000000000000009",
            "pupil": "0000000000000007", "when": {"ms": 5, "ahead": 0}, "scores": {},
            "comment": "said", "note": "", "model": ""}');
        INSERT INTO pictures (entry, thumbnail, picture) VALUES (9, x'01', x'02');"#;
    first.file.execute_batch(rows).unwrap();
    drop(first);
    let store = Sqlite::open(&path).unwrap();
    let page = store.page(Id(7), 0, 5).unwrap();
    assert_eq!((page.total, page.drawings[0].0.comment.as_str()), (1, "said"));
    assert_eq!(page.drawings[0].0.class, None);
    assert_eq!((store.all().unwrap()[0].drawings, store.all_classes().unwrap().len()), (1, 0));
}

#[test]
fn other_files_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("diary.txt");
    fs::write(&text, "Dear diary, today I drew a fox.".repeat(99)).unwrap();
    let error = Sqlite::open(&text).err().unwrap();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert!(fs::read(&text).unwrap().starts_with(b"Dear diary"));
    let other = folder.path().join("other.sqlite");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    let error = Sqlite::open(&other).err().unwrap();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
}
