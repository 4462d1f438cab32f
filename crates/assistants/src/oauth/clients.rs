//! What a client is: one that has registered itself, or one that a document at its address describes.

use std::{sync::Arc, time::Duration};

use axum::http::HeaderMap;
use chrono::TimeDelta;
use oauth_as::{
    cimd::{ClientIdUrl, ValidatedClientIdDocument},
    client::{Client, ClientId},
    store::Storage,
};
use tokio::sync::Semaphore;

use super::{
    document_policy, fetch,
    records::Records,
    requests,
    store::{Record, RecordKind},
    stored::with_all_scopes,
};
use tallyboard_core::{app::AppState, auth::public_url};
use tallyboard_db::now;
use tallyboard_model::{
    error::{Error, Result},
    language::t,
};

/// The longest name that people are shown, in characters.
const MAX_NAME: usize = 60;
/// How many documents are fetched at once.
static FETCHING: Semaphore = Semaphore::const_new(8);

/// A client, as people are shown it.
#[derive(Clone, Debug)]
pub struct KnownClient {
    /// Its id in the protocol.
    pub id: String,
    /// The name that it gives itself.
    pub name: String,
    /// The host whose document says so; `None` if it registered itself, so nobody vouches for the name.
    pub host: Option<String>,
    /// Whether its registration lets it ask for `write`.
    pub may_write: bool,
}

/// Makes sure that the client of a request is known to the records, and says who it is.
///
/// # Errors
/// 422 for a client that is not known, or whose document cannot be used.
pub async fn find(app: &AppState, headers: &HeaderMap, client_id: &str) -> Result<KnownClient> {
    let records = Records::new(app.db.clone());
    let client = if client_id.starts_with("https://") {
        match records.find_fresh(RecordKind::Client, client_id).await.map_err(Error::internal)? {
            Some(client) => client,
            None => read_document(app, headers, &records, client_id).await?,
        }
    } else {
        let found = records.get_client(&ClientId::new(client_id)).await.map_err(Error::internal)?;
        found
            .map(Arc::unwrap_or_clone)
            .ok_or_else(|| Error::invalid("client_id", "is unknown; the app may have to register again"))?
    };
    let may_write = with_all_scopes(client.clone()).allowed_scopes.contains("write");
    let host = host_of(client_id).filter(|_| client_id.starts_with("https://"));
    let name = client.name.as_deref().unwrap_or_default();
    let name: String = name.chars().filter(|character| !character.is_control()).take(MAX_NAME).collect();
    let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
    let name = name.or_else(|| host.clone()).unwrap_or_else(|| t("An app without a name").to_owned());
    Ok(KnownClient { id: client_id.to_owned(), name, host, may_write })
}

/// Whether a client's registration lets it ask for `write`.
pub async fn may_write(app: &AppState, client_id: &str) -> bool {
    let client = Records::new(app.db.clone()).get_client(&ClientId::new(client_id)).await;
    client.is_ok_and(|client| client.is_some_and(|client| client.allowed_scopes.contains("write")))
}

/// A document that asks for no scopes but ours; one that isn't an object stays as it is, and is refused.
fn with_known_scopes(body: Vec<u8>) -> Vec<u8> {
    let Ok(mut document) = serde_json::from_slice(&body) else { return body };
    requests::narrow_metadata(&mut document);
    serde_json::to_vec(&document).unwrap_or(body)
}

fn host_of(url: &str) -> Option<String> {
    url::Url::parse(url).ok()?.host_str().map(str::to_owned)
}

async fn read_document(app: &AppState, headers: &HeaderMap, records: &Records, client_id: &str) -> Result<Client> {
    let policy = document_policy(&public_url(app, headers));
    let invalid = |error: oauth_as::cimd::CimdError| Error::invalid("client_id", error.to_string());
    let url = ClientIdUrl::parse(client_id, &policy).map_err(invalid)?;
    app.limits.count_client_document(&host_of(url.as_str()).unwrap_or_default())?;
    let (body, age) = {
        let _fetching = FETCHING.try_acquire().map_err(|_| Error::overloaded())?;
        fetch::document(url.as_str(), fetch::is_global).await?
    };
    let body = with_known_scopes(body);
    let document = ValidatedClientIdDocument::validate(&url, &body, &policy).map_err(invalid)?;
    let client = with_all_scopes(document.to_client());
    let kept = TimeDelta::from_std(Duration::from_secs(age)).unwrap_or_default();
    let record = Record {
        client_id: Some(client_id.to_owned()),
        ..Record::new(RecordKind::Client, client_id.to_owned(), &client, now() + kept)?
    };
    records.put_new(record).await.map_err(Error::internal)?;
    Ok(client)
}
