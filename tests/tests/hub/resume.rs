//! Broken connections, parts, and lengths that are not as told.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use easel_tests::hub_server::Length;

use super::*;

/// A bench whose answers for the weights are changed by their number, from 0.
fn spoilt(change: impl Fn(usize, &Request, Reply) -> Reply + Send + Sync + 'static) -> Bench {
    let count = AtomicUsize::new(0);
    Bench::new(move |request| {
        let reply = single(&weights()).answer(request);
        if is_weights(request) {
            change(count.fetch_add(1, Ordering::Relaxed), request, reply)
        } else {
            reply
        }
    })
}

#[test]
fn a_cut_connection_is_continued_where_it_broke() {
    for cuts in [&[0][..], &[1], &[150_000], &[299_999], &[100_000, 1, 50_000, 1, 1, 1, 100_000]] {
        let bench = spoilt(move |n, _, reply| match cuts.get(n) {
            Some(cut) => reply.cut_after(*cut),
            None => reply,
        });
        assert_content(&bench.fetch().unwrap(), &weights());
        let mut expected = vec![None];
        let mut first = 0;
        for cut in cuts {
            first += cut;
            expected.push(Some(first).filter(|first| *first > 0));
        }
        assert_eq!(bench.first_bytes(), expected);
    }
}

#[test]
fn a_connection_that_always_breaks_is_an_error_and_the_next_run_continues() {
    let bench = spoilt(|n, _, reply| match n {
        0 => reply.cut_after(1000),
        1..=4 => reply.cut_after(0),
        _ => reply,
    });
    let message = bench.message();
    assert!(message.starts_with("owner/name/model.safetensors: no complete answer"), "{message}");
    assert_eq!(bench.file_requests().len(), 4);
    assert_eq!(fs::metadata(bench.partial(&weights())).unwrap().len(), 1000);
    assert!(bench.fetch().is_ok());
    assert_eq!(bench.first_bytes().last(), Some(&Some(1000)));
}

#[test]
fn a_slow_server_is_waited_for_and_a_stalled_one_is_not() {
    let slow = spoilt(|_, _, reply| reply.in_pieces(30_000, Duration::from_millis(120)));
    assert_content(&slow.fetch().unwrap(), &weights());
    assert_eq!(slow.file_requests().len(), 1, "1200 ms in all, never 800 without a byte");

    let stalled = spoilt(|n, _, reply| match n {
        0 => reply.in_pieces(200_000, Duration::from_millis(300)).cut_after(200_000),
        1 => reply.in_pieces(200_000, Duration::from_millis(2000)),
        _ => reply,
    });
    assert_content(&stalled.fetch().unwrap(), &weights());
    assert_eq!(stalled.first_bytes(), [None, Some(200_000), Some(200_000)]);
}

#[test]
fn a_server_that_ignores_ranges_sends_the_file_anew() {
    let bench = spoilt(|n, _, reply| match n {
        0 => reply.cut_after(150_000),
        _ => Reply::new(200, weights()),
    });
    assert_content(&bench.fetch().unwrap(), &weights());
    assert_eq!(bench.first_bytes(), [None, Some(150_000)]);
}

#[test]
fn a_file_that_changed_meanwhile_is_not_glued() {
    for heeds_if_range in [true, false] {
        let bench = spoilt(move |n, request, _| {
            let mut new = single(&weights()).files.remove(0);
            new.etag = "\"new\"".to_owned();
            match n {
                0 => Reply::new(200, vec![7; 300_000])
                    .with_header("ETag", "\"old\"")
                    .cut_after(150_000),
                1 => {
                    assert_eq!(request.header("if-range"), Some("\"old\""));
                    if heeds_if_range {
                        return new.answer(request);
                    }
                    Reply::new(206, &weights()[150_000..])
                        .with_header("Content-Range", "bytes 150000-299999/300000")
                        .with_header("ETag", &new.etag)
                }
                _ => new.answer(request),
            }
        });
        assert_content(&bench.fetch().unwrap(), &weights());
        let expected = [None, Some(150_000), None];
        let count = if heeds_if_range { 2 } else { 3 };
        assert_eq!(bench.first_bytes(), expected[..count]);
    }
}

#[test]
fn a_version_other_than_the_listed_one_is_an_error() {
    let bench = spoilt(|_, _, reply| reply.with_header("X-Linked-Etag", "\"abc\""));
    let message = bench.message();
    assert!(message.contains("model.safetensors changed on the hub"), "{message}");
    assert!(message.ends_with("found abc"), "{message}");
}

#[test]
fn a_part_that_the_server_denies_is_fetched_anew_once() {
    let denied = |_: usize, request: &Request, reply| match request.first_byte() {
        Some(_) => Reply::new(416, "").with_header("Content-Range", "bytes */300000"),
        None => reply,
    };
    let bench = spoilt(denied);
    fs::write(bench.partial(&weights()), &weights()[..1000]).unwrap();
    assert_content(&bench.fetch().unwrap(), &weights());
    assert_eq!(bench.first_bytes(), [Some(1000), None]);

    let bench = spoilt(move |n, request, reply| denied(n, request, reply).cut_after(1000));
    fs::write(bench.partial(&weights()), &weights()[..1000]).unwrap();
    assert!(bench.message().ends_with("status 416"));
    assert_eq!(bench.first_bytes(), [Some(1000), None, Some(1000)]);
}

#[test]
fn parts_from_earlier_runs_are_checked() {
    // Whole: only to be moved.
    let bench = spoilt(|_, _, reply| reply);
    fs::write(bench.partial(&weights()), weights()).unwrap();
    assert_content(&bench.fetch().unwrap(), &weights());
    assert!(bench.file_requests().is_empty());
    // Too long, and spoilt.
    for part in [vec![0; 300_001], vec![0; 300_000], vec![0; 1000]] {
        let bench = spoilt(|_, _, reply| reply);
        fs::write(bench.partial(&weights()), &part).unwrap();
        assert_content(&bench.fetch().unwrap(), &weights());
        assert_eq!(bench.first_bytes().last(), Some(&None), "{} bytes", part.len());
    }
}

#[test]
fn wrong_lengths_are_errors_that_name_both() {
    let wrong = "model.safetensors has the wrong length: expected 300000 bytes, found";
    // Announced too long or too short: noticed at once.
    for found in [300_001, 299_999] {
        let body = [weights(), vec![0]].concat()[..found].to_vec();
        let bench = spoilt(move |_, _, _| Reply::new(200, body.clone()));
        assert_eq!(bench.message(), format!("{wrong} {found}"));
        assert_eq!(bench.file_requests().len(), 1);
    }
    // Not announced and too long: noticed by the first byte too many.
    let bench = spoilt(|_, _, mut reply| {
        reply.body.extend(vec![0; 1_000_000]);
        reply.with_length(Length::Untold)
    });
    let message = bench.message();
    assert!(message.starts_with(wrong), "{message}");
    assert!(!bench.partial(&weights()).exists());
    // Not announced and too short: the rest is asked for in vain.
    let bench = spoilt(|_, request, _| {
        let mut short = single(&weights()).files.remove(0);
        short.bytes.truncate(299_000);
        short.answer(request).with_length(Length::Untold)
    });
    assert_eq!(bench.message(), format!("{wrong} 299000"));
    // In the place of a part.
    let bench = spoilt(|_, _, _| {
        Reply::new(206, "more").with_header("Content-Range", "bytes 1000-1003/1004")
    });
    fs::write(bench.partial(&weights()), &weights()[..1000]).unwrap();
    assert_eq!(bench.message(), format!("{wrong} 1004"));
}

#[test]
fn a_length_that_is_not_kept_is_a_broken_connection() {
    // It promises all, sends less and closes in good order.
    let bench = spoilt(|n, _, mut reply| {
        if n == 0 {
            reply.body.truncate(100_000);
            reply = reply.with_length(Length::Claimed(300_000));
        }
        reply
    });
    assert_content(&bench.fetch().unwrap(), &weights());
    assert_eq!(bench.first_bytes(), [None, Some(100_000)]);
}

#[test]
fn a_part_from_another_place_is_not_used() {
    let bench = spoilt(|n, _, reply| match n {
        0 => Reply::new(206, &weights()[500..])
            .with_header("Content-Range", "bytes 500-299999/300000"),
        _ => reply,
    });
    fs::write(bench.partial(&weights()), &weights()[..1000]).unwrap();
    assert_content(&bench.fetch().unwrap(), &weights());
    assert_eq!(bench.first_bytes(), [Some(1000), None]);
}
