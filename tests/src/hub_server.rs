//! A small server on the loopback that stands for the model hub, and can be made to misbehave.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A server ends by itself after this long, and a connection after this long without a byte.
const LIFETIME: Duration = Duration::from_secs(60);
const MAX_HEADERS: usize = 100;

/// A request without body.
#[derive(Debug, Clone)]
pub struct Request {
    /// Path and query.
    pub path: String,
    headers: Vec<(String, String)>,
}

impl Request {
    /// The value of a header, whose `name` is in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first byte of a `Range: bytes=FIRST-`.
    pub fn first_byte(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

/// How the end of the body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// By the right `Content-Length`.
    Right,
    /// By this `Content-Length`, right or not.
    Claimed(usize),
    /// By the end of the connection only.
    Untold,
}

/// An answer, and how to spoil its sending.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers besides the length.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How its end is told.
    pub length: Length,
    /// Ends the connection after this many bytes of the body.
    pub cut_after: Option<usize>,
    /// Sends pieces of this many bytes with a pause before each.
    pub pieces: Option<(usize, Duration)>,
}

impl Reply {
    /// An answer that is sent properly.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let (headers, length) = (Vec::new(), Length::Right);
        Self { status, headers, body, length, cut_after: None, pieces: None }
    }

    /// A redirect.
    pub fn redirect(location: &str) -> Self {
        Self::new(302, "").with_header("Location", location)
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Ends the connection after `bytes` of the body.
    #[must_use]
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.cut_after = Some(bytes);
        self
    }

    /// Tells the end of the body otherwise.
    #[must_use]
    pub fn with_length(mut self, length: Length) -> Self {
        self.length = length;
        self
    }

    /// Sends pieces of `bytes` with a `pause` before each.
    #[must_use]
    pub fn in_pieces(mut self, bytes: usize, pause: Duration) -> Self {
        self.pieces = Some((bytes.max(1), pause));
        self
    }

    fn send(&self, stream: &mut TcpStream) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} Status\r\nConnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        match self.length {
            Length::Right => head.push_str(&format!("Content-Length: {}\r\n", self.body.len())),
            Length::Claimed(length) => head.push_str(&format!("Content-Length: {length}\r\n")),
            Length::Untold => {}
        }
        stream.write_all(format!("{head}\r\n").as_bytes())?;
        let end = self.cut_after.unwrap_or(usize::MAX).min(self.body.len());
        let (size, pause) = self.pieces.unwrap_or((usize::MAX, Duration::ZERO));
        for piece in self.body[..end].chunks(size) {
            thread::sleep(pause);
            stream.write_all(piece)?;
        }
        stream.flush()
    }
}

struct Shared {
    handler: Box<dyn Fn(&Request) -> Reply + Send + Sync>,
    requests: Mutex<Vec<Request>>,
    stop: AtomicBool,
}

/// A running server; it stops when dropped.
pub struct HubServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl HubServer {
    /// Starts a server on a free port of 127.0.0.1 that answers by `handler`.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            handler: Box::new(handler),
            requests: Mutex::new(Vec::new()),
            stop: AtomicBool::new(false),
        });
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Ok(Self { address, shared, thread: Some(thread) })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for HubServer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic of the handler has shown in the test as a broken connection.
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let deadline = Instant::now() + LIFETIME;
    let mut connections = Vec::new();
    while !shared.stop.load(Ordering::Relaxed) && Instant::now() < deadline {
        match listener.accept() {
            Ok((stream, _)) => {
                let shared = Arc::clone(shared);
                connections.push(thread::spawn(move || {
                    // A client that goes away early is part of the tests.
                    let _ = serve(stream, &shared);
                }));
            }
            Err(_) => thread::sleep(Duration::from_millis(2)),
        }
    }
    for connection in connections {
        let _ = connection.join();
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(LIFETIME))?;
    stream.set_write_timeout(Some(LIFETIME))?;
    let request = read_request(&mut BufReader::new(stream.try_clone()?))?;
    shared.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
    (shared.handler)(&request).send(&mut stream)
}

fn read_request(reader: &mut impl BufRead) -> io::Result<Request> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).ok_or(io::ErrorKind::InvalidData)?.to_owned();
    let mut headers = Vec::new();
    while headers.len() < MAX_HEADERS {
        line.clear();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => {
                headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
            None => break,
        }
    }
    Ok(Request { path, headers })
}
