//! Accepts connections and cuts off those that only hold on: a request's head that does not arrive, an answer that is
//! not read, a kept-alive connection without a further request. hyper has one limit for all three, and it would end
//! an idle connection as soon as a slow head.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::{Instant, Sleep},
};

/// How long the head of a request may take to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be idle between two requests, or a client may read nothing of an answer.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// A connection's state, set by the layer around all requests.
#[derive(Debug, Default)]
pub struct Phase(AtomicU8);

const READING_HEAD: u8 = 0;
const ANSWERING: u8 = 1;
const SENDING: u8 = 2;
const UPGRADED: u8 = 3;

impl Phase {
    /// A request has arrived.
    pub fn answering(&self) {
        self.0.store(ANSWERING, Ordering::Relaxed);
    }

    /// The answer is being sent; afterwards the connection is idle.
    pub fn sending(&self) {
        self.0.store(SENDING, Ordering::Relaxed);
    }

    /// The connection has become a WebSocket, which has its own limits.
    pub fn upgraded(&self) {
        self.0.store(UPGRADED, Ordering::Relaxed);
    }

    fn get(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    fn limit(&self) -> Option<Duration> {
        match self.get() {
            READING_HEAD => Some(HEAD_TIMEOUT),
            SENDING => Some(IDLE_TIMEOUT),
            _ => None,
        }
    }
}

/// The other end of a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its address: the client, or a proxy.
    pub address: SocketAddr,
    /// The connection's state.
    pub phase: Arc<Phase>,
}

impl Connected<IncomingStream<'_, TimedListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TimedListener>) -> Self {
        Self { address: *stream.remote_addr(), phase: stream.io().phase.clone() }
    }
}

/// A listener whose connections have time limits.
pub struct TimedListener(pub TcpListener);

impl Listener for TimedListener {
    type Io = TimedStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TimedStream, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Without TCP_NODELAY the last packet of an answer waits for the client's acknowledgement: 1,459 pages/s
        // instead of 10,384.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        (TimedStream::new(stream), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection with time limits.
pub struct TimedStream {
    stream: TcpStream,
    phase: Arc<Phase>,
    /// Since when the current limit counts.
    since: Instant,
    /// Fires at the end of the current limit or earlier: it is reset only when it has fired or would be too late.
    timer: Pin<Box<Sleep>>,
}

impl TimedStream {
    fn new(stream: TcpStream) -> Self {
        let timer = Box::pin(tokio::time::sleep(HEAD_TIMEOUT));
        Self { stream, phase: Arc::default(), since: Instant::now(), timer }
    }

    /// Fails once the limit has passed; until then, schedules a wake-up for that moment.
    fn poll_limit<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let Some(limit) = self.phase.limit() else { return Poll::Pending };
        let end = self.since + limit;
        if self.timer.deadline() > end {
            self.timer.as_mut().reset(end);
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= end {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.timer.as_mut().reset(end);
        }
        Poll::Pending
    }

    fn written(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match poll {
            Poll::Ready(done) => {
                self.since = Instant::now();
                Poll::Ready(done)
            }
            Poll::Pending => self.poll_limit(cx),
        }
    }
}

impl AsyncRead for TimedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Ready(done) => {
                // The first bytes of the next request.
                if buffer.filled().len() > before && self.phase.get() == SENDING {
                    self.phase.0.store(READING_HEAD, Ordering::Relaxed);
                    self.since = Instant::now();
                }
                Poll::Ready(done)
            }
            Poll::Pending => self.poll_limit(cx),
        }
    }
}

impl AsyncWrite for TimedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(cx, poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.written(cx, poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
