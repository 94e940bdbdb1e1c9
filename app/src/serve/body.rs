//! Answers' contents: a few words, or a file that is read as the client takes it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::fs::File;
use tokio::io::{AsyncRead, ReadBuf};

/// How much of a file is in memory for each client, in bytes.
pub const CHUNK: usize = 32 << 10;

/// An answer's content.
#[derive(Debug)]
pub enum Content {
    /// All of it; `None` once it was given.
    Words(Option<Bytes>),
    /// A part of a file.
    File {
        /// At the part's beginning.
        file: File,
        /// Bytes that are still to come.
        left: u64,
        /// What is read into.
        buffer: Vec<u8>,
    },
}

impl Content {
    /// Nothing.
    pub const fn nothing() -> Self {
        Self::Words(None)
    }

    /// The next `left` bytes of a file.
    pub fn file(file: File, left: u64) -> Self {
        let size = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        Self::File { file, left, buffer: vec![0; size] }
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Words(words) => Poll::Ready(words.take().map(|words| Ok(Frame::data(words)))),
            Self::File { left: 0, .. } => Poll::Ready(None),
            Self::File { file, left, buffer } => {
                let most = usize::try_from(*left).unwrap_or(CHUNK).min(buffer.len());
                let mut read = ReadBuf::new(&mut buffer[..most]);
                ready!(Pin::new(file).poll_read(context, &mut read))?;
                let bytes = Bytes::copy_from_slice(read.filled());
                if bytes.is_empty() {
                    // It became shorter: the client hears of it by the end of its connection.
                    return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
                }
                *left -= bytes.len() as u64;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Words(None) | Self::File { left: 0, .. })
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Words(words) => SizeHint::with_exact(words.as_ref().map_or(0, Bytes::len) as u64),
            Self::File { left, .. } => SizeHint::with_exact(*left),
        }
    }
}
