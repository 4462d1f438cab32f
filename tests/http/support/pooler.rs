use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::{OwnedSemaphorePermit, Semaphore},
};

use super::pooler_statements::{Rewriter, Statements};

/// What becomes of the statements that a client prepares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prepared {
    /// Each connection gets what its client has prepared, as with PgBouncer 1.21 and `max_prepared_statements`.
    Kept,
    /// They stay on the connection that they came to, as with older ones.
    Forgotten,
}

/// A transaction pooler like PgBouncer: it lends a connection to a client for a transaction, the last one first, and
/// clears nothing in between. It refuses start-up parameters that PgBouncer refuses by default.
#[derive(Clone)]
pub struct Pooler(Arc<Inner>);

struct Inner {
    target: String,
    prepared: Prepared,
    connections: Arc<Semaphore>,
    idle: Mutex<HashMap<(String, String), Vec<ServerConnection>>>,
    statements: Mutex<Statements>,
}

/// One message of the protocol: its type and what follows its length.
pub type Message = (u8, Vec<u8>);

struct ServerConnection {
    reader: Reader,
    writer: OwnedWriteHalf,
    /// What is prepared on it, by number.
    prepared: HashSet<usize>,
}

impl Pooler {
    /// Starts in front of this URL's PostgreSQL with this many connections; returns the URL through it.
    pub async fn before(url: &str, connections: usize, prepared: Prepared) -> String {
        let host = url.split('@').nth(1).unwrap().split('/').next().unwrap().to_owned();
        let pooler = Self(Arc::new(Inner {
            target: host.clone(),
            prepared,
            connections: Arc::new(Semaphore::new(connections)),
            idle: Mutex::default(),
            statements: Mutex::default(),
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let pooler = pooler.clone();
                tokio::spawn(async move { pooler.serve(client).await });
            }
        });
        url.replace(&host, &format!("127.0.0.1:{port}"))
    }

    /// One client, until it goes. `None`: a connection broke.
    async fn serve(&self, client: TcpStream) -> Option<()> {
        let _ = client.set_nodelay(true);
        let (reader, mut writer) = client.into_split();
        let mut reader = Reader { stream: reader, buffer: Vec::new() };
        let parameters = loop {
            let start = reader.start().await?;
            match i32::from_be_bytes(start[..4].try_into().ok()?) {
                196_608 => break texts(&start[4..]),
                // A request for TLS or GSSAPI: no.
                80_877_103 | 80_877_104 => writer.write_all(b"N").await.ok()?,
                _ => return None,
            }
        };
        let parameters: HashMap<_, _> =
            parameters.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        let known = ["user", "database", "application_name", "client_encoding", "DateStyle", "TimeZone"];
        let unknown = |name: &&String| !name.is_empty() && !known.contains(&name.as_str());
        if let Some(unknown) = parameters.keys().find(unknown) {
            let error = format!("SFATAL\0C08P01\0Munsupported startup parameter: {unknown}\0\0");
            writer.write_all(&framed(b'E', error.as_bytes())).await.ok()?;
            return None;
        }
        let place = (parameters.get("user")?.clone(), parameters.get("database")?.clone());
        let mut hello = framed(b'R', &[0; 4]);
        for (name, value) in [("server_version", "15.0"), ("client_encoding", "UTF8"), ("integer_datetimes", "on")] {
            hello.extend(framed(b'S', format!("{name}\0{value}\0").as_bytes()));
        }
        hello.extend(framed(b'K', &[7; 8]));
        hello.extend(framed(b'Z', b"I"));
        writer.write_all(&hello).await.ok()?;

        let mut rewriter = Rewriter::default();
        loop {
            let first = reader.message().await?;
            if first.0 == b'X' {
                return Some(());
            }
            let (permit, mut server) = self.lend(&place).await?;
            self.transaction(first, &mut reader, &mut writer, &mut server, &mut rewriter).await?;
            self.0.idle.lock().unwrap().entry(place.clone()).or_default().push(server);
            drop(permit);
        }
    }

    /// Passes messages in both directions until the connection is idle again.
    async fn transaction(
        &self,
        first: Message,
        client: &mut Reader,
        to_client: &mut OwnedWriteHalf,
        server: &mut ServerConnection,
        rewriter: &mut Rewriter,
    ) -> Option<()> {
        let mut from_client = Some(first);
        // Answers that are still to come, and whether a message waits for its Sync.
        let (mut expected, mut is_open) = (0_u32, false);
        loop {
            let from_server = match from_client.take() {
                Some(message) => {
                    match message.0 {
                        b'Q' | b'S' | b'F' => (expected, is_open) = (expected + 1, false),
                        b'X' => return None,
                        _ => is_open = true,
                    }
                    let messages = match self.0.prepared {
                        Prepared::Kept => {
                            rewriter.rewrite(message, &mut self.0.statements.lock().unwrap(), &mut server.prepared)
                        }
                        Prepared::Forgotten => vec![message],
                    };
                    let bytes: Vec<u8> = messages.iter().flat_map(|(kind, body)| framed(*kind, body)).collect();
                    server.writer.write_all(&bytes).await.ok()?;
                    continue;
                }
                None => tokio::select! {
                    message = client.message() => {
                        from_client = Some(message?);
                        continue;
                    }
                    message = server.reader.message() => message?,
                },
            };
            let (kind, body) = from_server;
            let is_ours = self.0.prepared == Prepared::Kept && rewriter.swallows(kind, &mut server.prepared);
            if !is_ours {
                to_client.write_all(&framed(kind, &body)).await.ok()?;
            }
            if kind == b'Z' {
                expected -= 1;
                if expected == 0 && !is_open && body == b"I" {
                    return Some(());
                }
            }
        }
    }

    fn idle(&self, place: &(String, String)) -> Option<ServerConnection> {
        self.0.idle.lock().unwrap().get_mut(place)?.pop()
    }

    /// The connection that came back last, or a new one.
    async fn lend(&self, place: &(String, String)) -> Option<(OwnedSemaphorePermit, ServerConnection)> {
        let permit = self.0.connections.clone().acquire_owned().await.ok()?;
        while let Some(mut server) = self.idle(place) {
            if server.reader.drop_what_came_while_idle() {
                return Some((permit, server));
            }
        }
        let stream = TcpStream::connect(&self.0.target).await.ok()?;
        let _ = stream.set_nodelay(true);
        let (reader, mut writer) = stream.into_split();
        let body = format!("user\0{}\0database\0{}\0application_name\0pooled\0\0", place.0, place.1);
        let mut start = (body.len() as u32 + 8).to_be_bytes().to_vec();
        start.extend(196_608_i32.to_be_bytes());
        start.extend(body.as_bytes());
        writer.write_all(&start).await.ok()?;
        let mut reader = Reader { stream: reader, buffer: Vec::new() };
        while reader.message().await?.0 != b'Z' {}
        Some((permit, ServerConnection { reader, writer, prepared: HashSet::new() }))
    }
}

/// Reads whole messages. What has arrived of the next one is kept when a read is cancelled.
struct Reader {
    stream: OwnedReadHalf,
    buffer: Vec<u8>,
}

impl Reader {
    async fn message(&mut self) -> Option<Message> {
        let body = self.take(1).await?;
        Some((body[0], body[5..].to_vec()))
    }

    /// The first message of a client has no type.
    async fn start(&mut self) -> Option<Vec<u8>> {
        Some(self.take(0).await?[4..].to_vec())
    }

    /// Drops what has come while nobody had the connection, a notification for example, as PgBouncer does. Returns whether
    /// the connection is still open.
    fn drop_what_came_while_idle(&mut self) -> bool {
        loop {
            match self.stream.try_read_buf(&mut self.buffer) {
                Ok(0) => return false,
                Ok(_) => while self.whole(1).is_some() {},
                Err(error) => return error.kind() == std::io::ErrorKind::WouldBlock,
            }
        }
    }

    /// A message that has arrived whole; its length comes after `skip` bytes.
    fn whole(&mut self, skip: usize) -> Option<Vec<u8>> {
        let length = self.buffer.get(skip..skip + 4)?;
        let length = skip + u32::from_be_bytes(length.try_into().ok()?) as usize;
        (self.buffer.len() >= length).then(|| self.buffer.drain(..length).collect())
    }

    /// The next message.
    async fn take(&mut self, skip: usize) -> Option<Vec<u8>> {
        loop {
            if let Some(message) = self.whole(skip) {
                return Some(message);
            }
            if self.stream.read_buf(&mut self.buffer).await.ok()? == 0 {
                return None;
            }
        }
    }
}

fn framed(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![kind];
    message.extend((body.len() as u32 + 4).to_be_bytes());
    message.extend(body);
    message
}

/// Texts that end with a zero byte.
fn texts(bytes: &[u8]) -> Vec<String> {
    bytes.split(|byte| *byte == 0).map(|text| String::from_utf8_lossy(text).into_owned()).collect()
}
