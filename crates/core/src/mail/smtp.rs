//! The SMTP server that sends the mails.

use std::{fmt, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        extension::ClientId,
        response::{Category, Severity},
    },
};
use tokio::sync::Notify;
use url::{Host, Url};

use super::letter::Letter;
use tallyboard_base::config::MailConfig;
use tallyboard_model::{error::with_causes, id::RowId};

/// How long a connection, or an answer of the server, may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Why a mail was not sent. The text is for the log: it may hold words of the SMTP server.
#[derive(Debug)]
pub enum SendError {
    /// The server will never send this mail: no such mailbox, or no address at all.
    Rejected(String),
    /// The server did not send this mail now.
    Postponed(String),
    /// The server cannot be reached, or speaks something else.
    Unreachable(String),
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(why) => write!(f, "the SMTP server rejects the mail: {why}"),
            Self::Postponed(why) => write!(f, "the SMTP server postponed the mail: {why}"),
            Self::Unreachable(why) => write!(f, "the SMTP server can't be used: {why}"),
        }
    }
}

impl std::error::Error for SendError {}

/// Sends mails by one SMTP server.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// Something new is in the outbox.
    waiting: Notify,
}

impl Mailer {
    /// A mailer with these settings; `None` when no server is set.
    ///
    /// # Errors
    /// The settings cannot be used, or the machine's certificates cannot be read.
    pub fn new(
        config: &MailConfig,
        public_url: &str,
    ) -> Result<Option<Self>, Box<dyn std::error::Error + Send + Sync>> {
        if !config.is_on() {
            return Ok(None);
        }
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&config.server)?.timeout(Some(TIMEOUT));
        if let (Some(user), Some(password)) = (&config.user, &config.password) {
            transport = transport.credentials(Credentials::new(user.clone(), password.clone()));
        }
        // SMTP servers reject an EHLO without a name.
        if let Some(host) = Url::parse(public_url).ok().as_ref().and_then(Url::host) {
            transport = transport.hello_name(match host {
                Host::Domain(name) => ClientId::Domain(name.to_owned()),
                // In brackets: RFC 5321, section 4.1.3.
                Host::Ipv4(address) => ClientId::Ipv4(address),
                Host::Ipv6(address) => ClientId::Ipv6(address),
            });
        }
        Ok(Some(Self { transport: transport.build(), from: config.from.parse()?, waiting: Notify::new() }))
    }

    /// Sends a letter. Its id makes the mail's: a mailbox recognizes one that was sent twice.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn send(&self, id: RowId, to: &str, letter: &Letter) -> Result<(), SendError> {
        let message = self.message(id, to, letter).map_err(|error| SendError::Rejected(error.to_string()))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(classified(&error)),
        }
    }

    /// Connects to the server and signs in.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn check(&self) -> Result<(), SendError> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(SendError::Unreachable("it does not answer".to_owned())),
            Err(error) => Err(classified(&error)),
        }
    }

    fn message(
        &self,
        id: RowId,
        to: &str,
        letter: &Letter,
    ) -> Result<Message, Box<dyn std::error::Error + Send + Sync>> {
        // RFC 3834: autoresponders don't reply to this mail.
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.parse()?))
            .subject(letter.subject.clone())
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .raw_header(automatic)
            .multipart(MultiPart::alternative_plain_html(letter.to_text(), letter.to_html()))?;
        Ok(message)
    }

    /// Signals that the outbox has a new mail.
    pub fn wake(&self) {
        self.waiting.notify_one();
    }

    /// Waits until something new is in the outbox of this instance.
    pub async fn woken(&self) {
        self.waiting.notified().await;
    }
}

fn classified(error: &lettre::transport::smtp::Error) -> SendError {
    let text = with_causes(error);
    match error.status() {
        // RFC 5321, 4.2.1: 55x is about the mailbox or the mail. Other 5xx are about us, for example a wrong password.
        Some(code)
            if code.severity == Severity::PermanentNegativeCompletion && code.category == Category::MailSystem =>
        {
            SendError::Rejected(text)
        }
        Some(_) => SendError::Postponed(text),
        // About this mail, too: for example an address that the server cannot write.
        None if error.is_client() => SendError::Postponed(text),
        None => SendError::Unreachable(text),
    }
}
