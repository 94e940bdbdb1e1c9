//! Connections: how many there may be, and how long they may be silent.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Request;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::answer::answer;
use super::body::CHUNK;
use super::site::Site;
use super::trust::TrustPage;

/// The most connections at once; others wait. Each has a socket and a file: together below the
/// thousand that systems grant a process.
const MOST: usize = 400;

/// How long a client may take for a handshake, or for a request's head; also how long a connection is
/// kept for the next request.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long nothing may move on a connection.
const SILENCE: Duration = Duration::from_secs(20);

/// What answers.
pub struct Server {
    /// The files.
    pub site: Site,
    /// With `--tls`.
    pub tls: Option<TlsAcceptor>,
    /// How to trust it.
    pub trust: Option<TrustPage>,
}

/// Takes connections for ever.
pub async fn serve(listener: &TcpListener, server: &Arc<Server>) {
    let places = Arc::new(Semaphore::new(MOST));
    loop {
        // It is never closed, so this cannot fail.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let server = Arc::clone(server);
                tokio::spawn(async move {
                    // What goes wrong is the client's to notice: it lost its connection.
                    let _ = talk(stream, &server).await;
                    drop(place);
                });
            }
            // No more files may be open: connections that end give some back.
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn talk(stream: TcpStream, server: &Server) -> io::Result<()> {
    let Some(tls) = &server.tls else { return http(stream, server, false).await };
    // A TLS handshake begins with this byte. Words without TLS are led to where there is.
    let mut first = [0_u8];
    timeout(PATIENCE, stream.peek(&mut first)).await??;
    if first != [0x16] {
        return http(stream, server, false).await;
    }
    let stream = timeout(PATIENCE, tls.accept(stream)).await??;
    http(stream, server, true).await
}

async fn http<S>(stream: S, server: &Server, secure: bool) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(move |request: Request<Incoming>| async move {
        let (head, body) = request.into_parts();
        let empty = body.size_hint().exact() == Some(0);
        Ok::<_, Infallible>(answer(server, secure, &head, empty).await)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(CHUNK)
        .serve_connection(TokioIo::new(Patient::new(stream)), service)
        .await
        .map_err(io::Error::other)
}

/// A stream that fails when nothing moves for [`SILENCE`].
struct Patient<S> {
    stream: S,
    end: Pin<Box<Sleep>>,
}

impl<S> Patient<S> {
    fn new(stream: S) -> Self {
        Self { stream, end: Box::pin(sleep(SILENCE)) }
    }

    /// Passes on what happened, as long as something did not too long ago.
    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        happened: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if happened.is_ready() {
            self.end.as_mut().reset(Instant::now() + SILENCE);
            return happened;
        }
        self.end.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, into);
        self.watch(context, read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A flush moves nothing of its own: it must not count.
        match Pin::new(&mut self.stream).poll_flush(context) {
            Poll::Pending => self.watch(context, Poll::Pending),
            flushed => flushed,
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.watch(context, shut)
    }
}
