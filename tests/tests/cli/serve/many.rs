//! A whole class at once.

use std::io::{Read, Write};
use std::thread;

use super::Class;
use super::client::connect;

/// Clients at once.
const CLIENTS: usize = 200;

/// The file that each fetches, in bytes: EASEL_SERVE_MB megabytes, or 300.
fn size() -> u64 {
    let megabytes = std::env::var("EASEL_SERVE_MB").ok().and_then(|text| text.parse().ok());
    megabytes.unwrap_or(300) * 1_000_000
}

#[test]
#[allow(clippy::print_stdout, reason = "the figure that is published")]
fn two_hundred_clients_fetch_a_pack_and_little_memory_is_taken() {
    let size = size();
    let class = Class::with(&[], |folder| {
        // Zeros that take no room on the disk.
        let file = std::fs::File::create(folder.join("pack/large.bin")).unwrap();
        file.set_len(size).unwrap();
    });
    let at = class.server.address;
    let fetch = move |client: usize| {
        let mut stream = connect(at);
        // Half of them go on where they were cut off.
        let from = if client.is_multiple_of(2) { 0 } else { size / 2 };
        let range = format!("Range: bytes={from}-");
        let request = format!(
            "GET /model/large.bin HTTP/1.1\r\nHost: class\r\nConnection: close\r\n{range}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut buffer = vec![0; 256 << 10];
        let (mut taken, mut head) = (0_u64, Vec::new());
        loop {
            let read = stream.read(&mut buffer).unwrap();
            if read == 0 {
                break;
            }
            if head.len() < 1024 {
                head.extend_from_slice(&buffer[..read.min(1024)]);
            }
            taken += read as u64;
        }
        let end = head.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        assert!(head.starts_with(b"HTTP/1.1 206"));
        assert_eq!(taken - end as u64, size - from);
    };
    let clients: Vec<_> = (0..CLIENTS).map(|client| thread::spawn(move || fetch(client))).collect();
    for client in clients {
        client.join().unwrap();
    }
    #[cfg(target_os = "linux")]
    {
        let peak = class.server.peak();
        println!("peak of {CLIENTS} clients: {:.1} MB", peak as f64 / 1e6);
        assert!(peak < 100_000_000, "{peak}");
    }
}
