//! The cache's layout, and doing without requests.

use std::ffi::OsString;
use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use easel_core::hub::wanted_for_adapters;

use super::*;

#[test]
fn files_land_in_the_layout_of_python() {
    let bench = Bench::new(move |request| model().answer(request));
    let folder = bench.fetch().unwrap();
    assert_eq!(folder, bench.folder().join("snapshots").join(COMMIT));
    assert_content(&folder, &weights());
    assert_eq!(fs::read_to_string(folder.join("config.json")).unwrap(), CONFIG);
    assert_eq!(fs::read_to_string(bench.folder().join("refs/main")).unwrap(), COMMIT);
    assert_eq!(fs::read_to_string(bench.blob(CONFIG_SHA1)).unwrap(), CONFIG);
    assert!(!folder.join("README.md").exists());
    let mut blobs: Vec<_> = fs::read_dir(bench.folder().join("blobs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    blobs.sort();
    let mut sums = [CONFIG_SHA1.to_owned(), TOKENIZER_SHA1.to_owned(), sha256(&weights())];
    sums.sort();
    assert_eq!(blobs, sums);
    #[cfg(unix)]
    assert_eq!(
        fs::read_link(folder.join("config.json")).unwrap(),
        PathBuf::from(format!("../../blobs/{CONFIG_SHA1}"))
    );
}

#[test]
fn a_second_run_makes_no_request() {
    let bench = Bench::new(move |request| model().answer(request));
    let folder = bench.fetch().unwrap();
    assert_eq!(bench.server.requests().len(), 4);
    assert_eq!(bench.fetch().unwrap(), folder);
    let pinned = format!("{REPO}@{COMMIT}");
    let again = bench.hub.fetch(&id(&pinned), wanted_for_model, &mut |_| {}).unwrap();
    assert_eq!(again, folder);
    assert_eq!(
        bench
            .hub
            .clone()
            .with_offline(true)
            .fetch(&id(REPO), wanted_for_model, &mut |_| {})
            .unwrap(),
        folder
    );
    assert_eq!(bench.server.requests().len(), 4);
}

#[test]
fn a_revision_with_slashes_is_one_segment_of_the_address() {
    let bench = Bench::new(move |request| model().answer(request));
    bench.hub.fetch(&id("owner/name@refs/pr/1"), wanted_for_model, &mut |_| {}).unwrap();
    let list = &bench.server.requests()[0].path;
    assert_eq!(list, "/api/models/owner/name/revision/refs%2Fpr%2F1?blobs=true");
    assert_eq!(fs::read_to_string(bench.folder().join("refs/refs/pr/1")).unwrap(), COMMIT);
}

#[test]
fn only_a_lost_file_is_fetched_again() {
    let bench = Bench::new(move |request| model().answer(request));
    bench.fetch().unwrap();
    fs::remove_file(bench.blob(TOKENIZER_SHA1)).unwrap();
    let folder = bench.fetch().unwrap();
    assert_eq!(fs::read_to_string(folder.join("tokenizer.json")).unwrap(), TOKENIZER);
    let requests = bench.server.requests();
    assert_eq!(requests.len(), 6);
    assert!(requests[5].path.ends_with("tokenizer.json"));
}

#[test]
fn a_new_commit_shares_the_contents_of_an_old_one() {
    let bench = Bench::new(move |request| {
        let mut model = model();
        if request.path.contains("v2") || request.path.contains(&"b".repeat(40)) {
            model.commit = "b".repeat(40);
        }
        model.answer(request)
    });
    bench.fetch().unwrap();
    let newer = bench.hub.fetch(&id("owner/name@v2"), wanted_for_model, &mut |_| {}).unwrap();
    assert_eq!(newer, bench.folder().join("snapshots").join("b".repeat(40)));
    assert_content(&newer, &weights());
    assert_eq!(bench.file_requests().len(), 3);
}

#[test]
fn adapters_come_from_their_folders() {
    let bench = Bench::new(move |request| {
        let (config, sha1) = ("{\"r\":8}\n", "f8e44322db77bd9b8ca5cf40da966f8deccbc1be");
        let mut model = single(b"adapter");
        model.files[0].name = "realism/adapter_model.safetensors".to_owned();
        model.files.push(ServedFile::small("realism/adapter_config.json", config, sha1));
        model.files.push(ServedFile::small("realism/optimizer.pt", "x", sha1));
        model.answer(request)
    });
    for _ in 0..2 {
        let folder = bench.hub.fetch(&id(REPO), wanted_for_adapters, &mut |_| {}).unwrap();
        let weights = folder.join("realism/adapter_model.safetensors");
        assert_eq!(fs::read(weights).unwrap(), b"adapter");
        assert!(folder.join("realism/adapter_config.json").exists());
        assert!(!folder.join("realism/optimizer.pt").exists());
    }
    assert_eq!(bench.server.requests().len(), 3);
}

#[test]
fn offline_works_with_what_python_fetched_and_else_names_what_is_missing() {
    let bench = Bench::new(move |request| model().answer(request));
    let offline = bench.hub.clone().with_offline(true);
    let fetch = || offline.fetch(&id(REPO), wanted_for_model, &mut |_| {});
    let message = fetch().unwrap_err().to_string();
    assert!(message.contains("owner/name is not complete"), "{message}");
    assert!(message.contains("HF_HUB_OFFLINE"), "{message}");

    let snapshot = bench.folder().join("snapshots").join(COMMIT);
    fs::create_dir_all(&snapshot).unwrap();
    fs::create_dir_all(bench.folder().join("refs")).unwrap();
    fs::write(bench.folder().join("refs/main"), COMMIT).unwrap();
    fs::write(snapshot.join("config.json"), CONFIG).unwrap();
    let message = fetch().unwrap_err().to_string();
    assert!(message.ends_with("missing tokenizer.json, model.safetensors"), "{message}");

    fs::write(snapshot.join("tokenizer.json"), TOKENIZER).unwrap();
    fs::write(snapshot.join(WEIGHTS), "weights").unwrap();
    assert_eq!(fetch().unwrap(), snapshot);
    assert!(bench.server.requests().is_empty());
}

#[test]
fn a_full_disk_is_noticed_before_the_first_byte() {
    let bench = Bench::new(move |request| model().answer(request));
    let needed = CONFIG.len() + TOKENIZER.len() + 300_000;
    let hub = bench.hub.clone().with_free_space(|_| Some(1000));
    let message = hub.fetch(&id(REPO), wanted_for_model, &mut |_| {}).unwrap_err().to_string();
    assert!(message.contains(&format!("{needed} bytes needed, 1000 free")), "{message}");
    assert!(bench.file_requests().is_empty());

    fs::write(bench.partial(&weights()), &weights()[..299_950]).unwrap();
    hub.fetch(&id(REPO), wanted_for_model, &mut |_| {}).unwrap();
    assert_eq!(bench.first_bytes(), [None, None, Some(299_950)]);
}

#[test]
fn two_fetches_at_once_bring_each_file_once() {
    let bench = Arc::new(Bench::new(move |request| {
        let reply = model().answer(request);
        if is_weights(request) { reply.in_pieces(60_000, Duration::from_millis(30)) } else { reply }
    }));
    let threads = [(); 2].map(|()| {
        let bench = Arc::clone(&bench);
        thread::spawn(move || assert_content(&bench.fetch().unwrap(), &weights()))
    });
    for thread in threads {
        thread.join().unwrap();
    }
    let requests = bench.file_requests();
    assert_eq!(requests.iter().filter(|request| is_weights(request)).count(), 1);
}

#[test]
fn the_token_file_is_read_and_its_token_sent() {
    let bench = Bench::new(move |request| match request.header("authorization") {
        Some("Bearer hf_child") => model().answer(request),
        _ => Reply::new(401, ""),
    });
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("token"), "hf_child\n").unwrap();
    let lookup = |name: &str| match name {
        "HF_HOME" => Some(home.path().as_os_str().to_owned()),
        "HF_ENDPOINT" => Some(OsString::from(bench.server.address())),
        _ => None,
    };
    let hub = Hub::from_lookup(lookup, None).unwrap();
    assert!(!format!("{hub:?}").contains("hf_child"));
    let folder = hub.fetch(&id(REPO), wanted_for_model, &mut |_| {}).unwrap();
    assert!(folder.starts_with(home.path().join("hub/models--owner--name/snapshots")));
}
