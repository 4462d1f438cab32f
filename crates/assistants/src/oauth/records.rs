//! The storage of the protocol's library, over the database.
//!
//! The library trusts that taking and comparing are one step each. They are: one statement, or one transaction.

use std::{future::Future, sync::Arc, time::SystemTime};

use futures::future::BoxFuture;
use oauth_as::{
    authorization::{AuthorizationCodeRecord, AuthorizationCodeState},
    client::{Client, ClientId},
    device::{DeviceGrant, DeviceGrantState},
    store::{RevocationWindow, Storage, StorageError, WriteOutcome},
    token::{IssuedToken, RefreshTokenRecord},
};
use serde::de::DeserializeOwned;

use super::{
    requests::is_same_loopback,
    rotation,
    store::{self, Record, RecordKind},
    stored::{
        access_record, client_record, code_record, device_record, family_record, from_json, refresh_record, time,
        with_all_scopes,
    },
};
use tallyboard_core::apps::key_of;
use tallyboard_db::{Database, Scope, System, now};
use tallyboard_model::error::{Error, Result};

/// How many clients that registered themselves, clients that a document describes, and waiting devices are kept, each, that
/// nobody has connected.
const MAX_UNCONNECTED: i64 = 10_000;

/// The records of the authorization server.
#[derive(Clone)]
pub struct Records {
    db: Database,
    /// The current request's redirect: a client whose registered address differs in the port alone has it, too.
    loopback: Option<String>,
}

type Stored<T> = Result<T, StorageError>;

fn failed(error: Error) -> StorageError {
    StorageError::new(error.to_string())
}

impl Records {
    /// The records in this database.
    pub fn new(db: Database) -> Self {
        Self { db, loopback: None }
    }

    /// The same for a request that asks for this redirect.
    #[must_use]
    pub fn with_redirect(self, redirect_uri: Option<&str>) -> Self {
        Self { loopback: redirect_uri.map(str::to_owned), ..self }
    }

    #[expect(clippy::disallowed_methods, reason = "an app asks before a user is known; its secrets are the proof")]
    async fn run<T: Send + 'static>(
        &self,
        work: impl for<'a> Fn(&'a mut Scope<System>) -> BoxFuture<'a, Result<T>> + Sync,
    ) -> Stored<T> {
        self.db.system_scopes().write(work).await.map_err(failed)
    }

    /// Stores a record.
    pub async fn put(&self, record: Record) -> Stored<()> {
        self.run(|scope| {
            let record = record.clone();
            Box::pin(async move { store::put(scope, &record, now()).await })
        })
        .await
    }

    /// Stores a record that strangers can cause. Each kind has a limit; beyond it the oldest unconnected record is deleted.
    pub async fn put_new(&self, record: Record) -> Stored<()> {
        self.run(|scope| {
            let record = record.clone();
            Box::pin(async move {
                store::make_room(scope, &record, MAX_UNCONNECTED).await?;
                store::put(scope, &record, now()).await
            })
        })
        .await
    }

    async fn find<T: DeserializeOwned + Send + 'static>(&self, kind: RecordKind, key: &str) -> Stored<Option<T>> {
        let key = key.to_owned();
        self.run(|scope| {
            let key = key.clone();
            Box::pin(async move { store::find(scope, kind, &key).await?.map(|json| from_json(&json)).transpose() })
        })
        .await
    }

    /// A record that has not expired.
    pub async fn find_fresh<T: DeserializeOwned + Send + 'static>(
        &self,
        kind: RecordKind,
        key: &str,
    ) -> Stored<Option<T>> {
        let key = key.to_owned();
        self.run(|scope| {
            let key = key.clone();
            Box::pin(async move {
                store::find_fresh(scope, kind, &key, now()).await?.map(|json| from_json(&json)).transpose()
            })
        })
        .await
    }

    /// Removes a record and answers it.
    pub async fn take<T: DeserializeOwned + Send + 'static>(&self, kind: RecordKind, key: &str) -> Stored<Option<T>> {
        let key = key.to_owned();
        self.run(|scope| {
            let key = key.clone();
            Box::pin(async move { store::take(scope, kind, &key).await?.map(|json| from_json(&json)).transpose() })
        })
        .await
    }

    /// Stores `record` when the one in its place is as expected, and still is when it is stored.
    async fn replace<T: DeserializeOwned>(
        &self,
        record: Record,
        is_expected: impl Fn(&T) -> bool + Send,
    ) -> Stored<bool> {
        let key = record.key.clone();
        let kind = record.kind;
        let before = self.run(|scope| {
            let key = key.clone();
            Box::pin(async move { store::find(scope, kind, &key).await })
        });
        let Some(before) = before.await? else { return Ok(false) };
        if !is_expected(&from_json(&before).map_err(failed)?) {
            return Ok(false);
        }
        self.run(|scope| {
            let (before, record) = (before.clone(), record.clone());
            Box::pin(async move { store::replace(scope, &before, &record).await })
        })
        .await
    }

    /// Stores a token, unless its family was revoked.
    async fn put_token_record(&self, record: Record) -> Stored<WriteOutcome> {
        self.run(|scope| {
            let record = record.clone();
            Box::pin(async move {
                if let Some(family) = &record.family
                    && store::find(scope, RecordKind::Family, family).await?.is_some()
                {
                    return Ok(WriteOutcome::RefusedRevoked);
                }
                store::put(scope, &record, now()).await?;
                Ok(WriteOutcome::Applied)
            })
        })
        .await
    }
}

impl Storage for Records {
    async fn get_client(&self, client_id: &ClientId) -> Stored<Option<Arc<Client>>> {
        let found: Option<Client> = self.find(RecordKind::Client, client_id.as_str()).await?;
        Ok(found.map(with_all_scopes).map(|mut client| {
            if let Some(asked) = &self.loopback
                && client.redirect_uris.iter().any(|registered| is_same_loopback(registered, asked))
            {
                client.redirect_uris.push(asked.clone());
            }
            Arc::new(client)
        }))
    }

    async fn put_client(&self, client: Client) -> Stored<()> {
        self.put_new(client_record(&with_all_scopes(client)).map_err(failed)?).await
    }

    async fn compare_and_swap_client(&self, expected: &Client, updated: Client) -> Stored<bool> {
        self.replace(client_record(&updated).map_err(failed)?, |current: &Client| current == expected).await
    }

    async fn delete_client(&self, client_id: &ClientId, _: RevocationWindow) -> Stored<bool> {
        let client_id = client_id.to_string();
        self.run(|scope| {
            let client_id = client_id.clone();
            Box::pin(async move { store::delete_client(scope, &client_id).await })
        })
        .await
    }

    async fn put_device_grant(&self, grant: DeviceGrant) -> Stored<()> {
        self.put_new(device_record(&grant).map_err(failed)?).await
    }

    async fn get_device_grant(&self, device_code: &str) -> Stored<Option<DeviceGrant>> {
        let found: Option<DeviceGrant> = self.find(RecordKind::Device, &key_of(device_code)).await?;
        Ok(found.map(|grant| DeviceGrant { device_code: device_code.to_owned(), ..grant }))
    }

    async fn find_device_grant_by_user_code(&self, user_code: &str) -> Stored<Option<DeviceGrant>> {
        let user_code = user_code.to_owned();
        self.run(|scope| {
            let user_code = user_code.clone();
            Box::pin(async move {
                let found = store::find_by_user_code(scope, &user_code).await?;
                found.map(|json| from_json(&json)).transpose()
            })
        })
        .await
    }

    async fn take_device_grant(&self, device_code: &str) -> Stored<Option<DeviceGrant>> {
        self.take(RecordKind::Device, &key_of(device_code)).await
    }

    async fn compare_and_swap_device_grant(&self, expected: &DeviceGrantState, updated: DeviceGrant) -> Stored<bool> {
        self.replace(device_record(&updated).map_err(failed)?, |current: &DeviceGrant| current.state == *expected).await
    }

    async fn put_authorization_code(&self, record: AuthorizationCodeRecord) -> Stored<()> {
        self.put(code_record(&record).map_err(failed)?).await
    }

    async fn compare_and_swap_authorization_code(
        &self,
        expected: &AuthorizationCodeState,
        updated: AuthorizationCodeRecord,
    ) -> Stored<bool> {
        let record = code_record(&updated).map_err(failed)?;
        // As stored: its values are hashes.
        let mut stored = updated;
        stored.state = expected.clone();
        let expected: AuthorizationCodeRecord =
            code_record(&stored).and_then(|record| from_json(&record.json)).map_err(failed)?;
        self.replace(record, |current: &AuthorizationCodeRecord| current.state == expected.state).await
    }

    async fn take_authorization_code(&self, code: &str) -> Stored<Option<AuthorizationCodeRecord>> {
        let found: Option<AuthorizationCodeRecord> = self.take(RecordKind::Code, &key_of(code)).await?;
        Ok(found.map(|mut record| {
            record.code = code.to_owned();
            record
        }))
    }

    async fn put_token(&self, token: IssuedToken) -> Stored<WriteOutcome> {
        self.put_token_record(access_record(&token).map_err(failed)?).await
    }

    async fn get_token(&self, access_token: &str) -> Stored<Option<Arc<IssuedToken>>> {
        let found: Option<IssuedToken> = self.find(RecordKind::Access, &key_of(access_token)).await?;
        Ok(found.map(|mut token| {
            token.access_token = access_token.to_owned();
            Arc::new(token)
        }))
    }

    async fn delete_token(&self, access_token: &str) -> Stored<()> {
        self.take::<IssuedToken>(RecordKind::Access, &key_of(access_token)).await.map(drop)
    }

    async fn put_refresh_token(&self, record: RefreshTokenRecord) -> Stored<WriteOutcome> {
        self.put_token_record(refresh_record(&record).map_err(failed)?).await
    }

    async fn get_refresh_token(&self, refresh_token: &str) -> Stored<Option<Arc<RefreshTokenRecord>>> {
        let token = refresh_token.to_owned();
        let found = self.run(|scope| {
            let token = token.clone();
            Box::pin(async move { rotation::find(scope, &token).await })
        });
        Ok(found.await?.map(Arc::new))
    }

    async fn rotate_refresh_token(
        &self,
        expected: &RefreshTokenRecord,
        spent: &RefreshTokenRecord,
        access: &IssuedToken,
        next: Option<&RefreshTokenRecord>,
    ) -> Stored<bool> {
        let rotated = (expected.clone(), spent.clone(), access.clone(), next.cloned());
        self.run(|scope| {
            let (expected, spent, access, next) = rotated.clone();
            Box::pin(async move { rotation::rotate(scope, &expected, &spent, &access, next.as_ref()).await })
        })
        .await
    }

    /// Not used while there is a grace period: a rotation leaves the token where it is.
    async fn take_refresh_token(&self, refresh_token: &str) -> Stored<Option<RefreshTokenRecord>> {
        let Some(found) = self.get_refresh_token(refresh_token).await? else { return Ok(None) };
        let taken: Option<RefreshTokenRecord> = self.take(RecordKind::Refresh, &key_of(refresh_token)).await?;
        Ok(taken.map(|_| Arc::unwrap_or_clone(found)))
    }

    async fn revoke_token_family(&self, family_id: &str, window: RevocationWindow) -> Stored<u64> {
        let family = family_id.to_owned();
        self.run(|scope| {
            let family = family.clone();
            Box::pin(async move {
                store::put(scope, &family_record(&family, window)?, now()).await?;
                let mut deleted = store::delete_family(scope, &family).await?;
                // A rotation that was under way has added its tokens while the first statement waited for it.
                deleted += store::delete_family(scope, &family).await?;
                Ok(deleted)
            })
        })
        .await
    }

    fn sweep_expired(&self, now: SystemTime) -> impl Future<Output = Stored<u64>> + Send {
        self.run(move |scope| Box::pin(store::delete_expired(scope, time(now))))
    }
}
