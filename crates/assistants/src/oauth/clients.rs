//! Who a client is: one that has registered itself, or one that a document at its address describes.

use std::time::Duration;

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
    /// What the protocol calls it.
    pub id: String,
    /// The name that it gives itself.
    pub name: String,
    /// The host whose document says so; none: it has registered itself, and nobody vouches for the name.
    pub host: Option<String>,
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
            .map(|client| (*client).clone())
            .ok_or_else(|| Error::invalid("client_id", "is not known here; the app may have to register again"))?
    };
    let host = host_of(client_id).filter(|_| client_id.starts_with("https://"));
    let name = client.name.as_deref().unwrap_or_default();
    let name: String = name.chars().filter(|character| !character.is_control()).take(MAX_NAME).collect();
    let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
    let name = name.or_else(|| host.clone()).unwrap_or_else(|| t("An app without a name").to_owned());
    Ok(KnownClient { id: client_id.to_owned(), name, host })
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
