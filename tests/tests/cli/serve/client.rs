//! A client that says exactly what it is told to, and reads what comes back.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than the server has patience with anybody.
pub const LONG: Duration = Duration::from_secs(90);

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, by their names in small letters.
    pub headers: BTreeMap<String, String>,
    /// What follows.
    pub body: Vec<u8>,
}

impl Answer {
    /// One header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection.
pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream.set_write_timeout(Some(LONG)).unwrap();
    stream
}

/// Sends a request line with headers, and reads the answer to the end of the connection.
pub fn ask(address: SocketAddr, line: &str, headers: &[&str]) -> Answer {
    ask_on(connect(address), line, headers)
}

/// The same on any stream.
pub fn ask_on(mut stream: impl Read + Write, line: &str, headers: &[&str]) -> Answer {
    let mut request = format!("{line} HTTP/1.1\r\nHost: class\r\nConnection: close\r\n");
    headers.iter().for_each(|header| request.push_str(&format!("{header}\r\n")));
    stream.write_all((request + "\r\n").as_bytes()).unwrap();
    let body_less = line.starts_with("HEAD");
    read(stream, body_less)
}

/// Reads an answer to the end of the connection.
pub fn read(mut stream: impl Read, body_less: bool) -> Answer {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        // What a server does not read resets its connection; TLS may end without a word.
        Err(error)
            if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof) => {}
        read => {
            read.unwrap();
        }
    }
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer's head");
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
    let headers: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let body = bytes.split_off(end + 4);
    if let (Some(length), false) = (headers.get("content-length"), body_less) {
        assert_eq!(length.parse::<usize>().unwrap(), body.len(), "{head}");
    }
    Answer { status, headers, body }
}

/// GET.
pub fn get(address: SocketAddr, path: &str, headers: &[&str]) -> Answer {
    ask(address, &format!("GET {path}"), headers)
}
