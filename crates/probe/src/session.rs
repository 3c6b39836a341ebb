//! The open connection to a server: over TLS or, where the person said so, without.

use std::io::Result;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A connection that a protocol is spoken over.
pub(crate) enum Session {
    /// TLS covers it.
    Encrypted(Box<TlsStream<TcpStream>>),
    /// Others on the network can read along.
    Readable(TcpStream),
}

/// Who can read along; by that a protocol tells what it may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// Nobody.
    Encrypted,
    /// Others on the network.
    Readable,
}

impl Session {
    pub(crate) fn wire(&self) -> Wire {
        match self {
            Self::Encrypted(_) => Wire::Encrypted,
            Self::Readable(_) => Wire::Readable,
        }
    }

    /// Where the server is, if others can read along: what it is may then be asked of it without TLS.
    pub(crate) fn readable_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Encrypted(_) => None,
            Self::Readable(stream) => stream.peer_addr().ok(),
        }
    }

    fn stream(&mut self) -> Pin<&mut dyn Stream> {
        match self {
            Self::Encrypted(stream) => Pin::new(stream),
            Self::Readable(stream) => Pin::new(stream),
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

impl From<TlsStream<TcpStream>> for Session {
    fn from(stream: TlsStream<TcpStream>) -> Self {
        Self::Encrypted(Box::new(stream))
    }
}

impl AsyncRead for Session {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        self.get_mut().stream().poll_read(context, into)
    }
}

impl AsyncWrite for Session {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        self.get_mut().stream().poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.get_mut().stream().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.get_mut().stream().poll_shutdown(context)
    }
}
