use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};

use super::{Client, Server};

/// A WebSocket to the server.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What a socket receives.
#[derive(Debug, PartialEq)]
pub enum Received {
    Event(Value),
    Closed(u16),
}

impl Socket {
    /// Opens a socket with these headers; the status of the answer when the server rejects it.
    pub async fn open(server: &Server, query: &str, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let address = format!("{}/api/ws{query}", server.base.replace("http", "ws"));
        let mut request = address.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens a socket for this user and reads the connection_ack.
    pub async fn of(server: &Server, user: &Client) -> Self {
        let mut socket = Self::open(server, &format!("?token={}", user.token.as_deref().unwrap()), &[]).await.unwrap();
        let ack = socket.event().await;
        assert_eq!((&ack["event_type"], &ack["data"]["user_id"]), (&"connection_ack".into(), &user.id.as_str().into()));
        socket
    }

    pub async fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// Sends a text, unless the server has closed the socket.
    pub async fn try_send(&mut self, text: &str) -> bool {
        self.0.send(Message::text(text)).await.is_ok()
    }

    pub async fn receive(&mut self) -> Received {
        self.receive_within(Duration::from_secs(8)).await.expect("nothing came")
    }

    pub async fn receive_within(&mut self, limit: Duration) -> Option<Received> {
        let next = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => return Received::Event(serde_json::from_str(&text).unwrap()),
                    Some(Ok(Message::Close(frame))) => {
                        return Received::Closed(frame.map_or(1005, |frame| frame.code.into()));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Received::Closed(1006),
                }
            }
        };
        tokio::time::timeout(limit, next).await.ok()
    }

    /// The next event of any type.
    pub async fn event(&mut self) -> Value {
        match self.receive().await {
            Received::Event(event) => {
                assert!(event["timestamp"].as_str().unwrap().ends_with('Z'), "{event}");
                assert_eq!(event.as_object().unwrap().len(), 3, "{event}");
                event
            }
            Received::Closed(code) => panic!("closed with {code}"),
        }
    }

    /// The next event that is not `statistics`, which may come at any time.
    pub async fn next_event_but_statistics(&mut self) -> (String, Value) {
        loop {
            let event = self.event().await;
            let event_type = event["event_type"].as_str().unwrap().to_owned();
            if event_type != "statistics" {
                return (event_type, event["data"].clone());
            }
        }
    }

    /// Reads all events; the close code of the server.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Received::Closed(code) = self.receive().await {
                return code;
            }
        }
    }
}
