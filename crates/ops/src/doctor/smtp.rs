//! Whether mails can be sent.

use super::Finding;
use tallyboard_base::config::{Config, Encryption, is_this_machine};
use tallyboard_core::mail::Mailer;

pub async fn check(config: &Config) -> Finding {
    let check = "mail";
    let mailer = match Mailer::new(&config.mail, &config.server.public_url) {
        Ok(Some(mailer)) => mailer,
        Ok(None) => return Finding::ok(check, "off: no mail.server is set"),
        Err(error) => return Finding::error(check, error.to_string(), "Check the settings of [mail]"),
    };
    let server = &config.mail.server;
    if let Err(error) = mailer.check().await {
        let advice = "Check mail.server, mail.user and mail.password; `tallyboard test-mail ADDRESS` sends a mail";
        return Finding::error(check, format!("{server}: {error}"), advice);
    }
    match config.mail.encryption() {
        Ok((Encryption::None | Encryption::Opportunistic, host)) if !is_this_machine(&host) => Finding::warning(
            check,
            format!("{server} answers, on a way that is not encrypted: links to choose a password can be read there"),
            "Use smtps:// or ?tls=required, unless the network is yours alone",
        ),
        _ => Finding::ok(check, format!("{server} answers")),
    }
}
