//! `easel serve`: what it gives away, to whom, and what it refuses.

mod client;
mod files;
mod hostile;
mod many;
mod tls;

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::run::{Ran, command};

/// How long a server may take to begin, on a machine that does other things.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that ends with the test.
pub struct Server {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// What it said before it listened.
    pub said: Vec<String>,
}

impl Server {
    /// Starts one on the loopback, on a port that is free, with a home of its own.
    pub fn start(home: &Path, args: &[&str]) -> Self {
        let args = ["serve", "--port", "0"].iter().chain(args);
        let mut process = command(args)
            .env("XDG_CONFIG_HOME", home)
            .env("HOME", home)
            .env("APPDATA", home)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|l| sender.send(l)));
        let (mut said, mut address) = (Vec::new(), None);
        while address.is_none() {
            let line = lines.recv_timeout(PATIENCE).expect("the server says where it is");
            address = line
                .trim()
                .split_once("://")
                .and_then(|(_, rest)| rest.trim_end_matches('/').parse::<SocketAddr>().ok());
            said.push(line);
        }
        // All of it is written at once.
        while let Ok(line) = lines.recv_timeout(Duration::from_millis(300)) {
            said.push(line);
        }
        Self { process, address: address.unwrap(), said }
    }

    /// The most memory that was ever resident, in bytes.
    #[cfg(target_os = "linux")]
    pub fn peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        let digits: String = line.chars().filter(char::is_ascii_digit).collect();
        digits.parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A folder like that of the page, and a server of it.
pub struct Class {
    /// Holds `page`, `pack`, `home` and `secret.txt`.
    pub folder: TempDir,
    /// The server.
    pub server: Server,
}

/// What the page's script says.
pub const SCRIPT: &[u8] = b"export const words = 'words, words, words';\n";
/// What stands for its compressed copies: nobody unpacks them here.
pub const BROTLI: &[u8] = b"as brotli";
pub const GZIP: &[u8] = b"as gzip";
/// What lies beside the folders that are served.
pub const SECRET: &str = "nobody's business";

impl Class {
    /// A page, and the demo as a pack.
    pub fn new() -> Self {
        Self::with(&[], |_| {})
    }

    /// The same with more arguments; `prepare` is handed the folder before the server starts.
    pub fn with(args: &[&str], prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let write = |name: &str, bytes: &[u8]| {
            fs::create_dir_all(path(name).parent().unwrap()).unwrap();
            fs::write(path(name), bytes).unwrap();
        };
        write("page/index.html", b"<!doctype html><title>Easel</title>\n");
        write("page/pkg/words.js", SCRIPT);
        write("page/pkg/words.js.br", BROTLI);
        write("page/pkg/words.js.gz", GZIP);
        write("page/pkg/easel_web_bg.wasm", b"\0asm");
        write("page/manifest.webmanifest", b"{}");
        write("page/a bé.txt", b"plain");
        write("secret.txt", SECRET.as_bytes());
        fs::create_dir(path("home")).unwrap();
        pack(&path("pack"));
        prepare(folder.path());
        let (page, pack) = (text(&path("page")), text(&path("pack")));
        let mut all = vec!["--page", &page, "--model", &pack];
        all.extend(args);
        let server = Server::start(&path("home"), &all);
        Self { folder, server }
    }
}

/// Packs the demo.
pub fn pack(out: &Path) {
    let ran = Ran::of(&mut command(["pack", "demo", "--out", &text(out)]));
    assert_eq!(ran.status, 0, "{}", ran.err);
}

/// A path as an argument.
pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The working copy.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}
