//! How ids are stored: as `uuid` on PostgreSQL, as lower-case text on SQLite, where people can read it.

/// Makes an id newtype a parameter and a column of both databases.
macro_rules! sqlx_id {
    ($($name:ty),+) => {$(
        impl sqlx::Type<sqlx::Postgres> for $name {
            fn type_info() -> sqlx::postgres::PgTypeInfo {
                <uuid::Uuid as sqlx::Type<sqlx::Postgres>>::type_info()
            }
        }
        impl sqlx::Encode<'_, sqlx::Postgres> for $name {
            fn encode_by_ref(&self, buf: &mut sqlx::postgres::PgArgumentBuffer) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <uuid::Uuid as sqlx::Encode<sqlx::Postgres>>::encode_by_ref(&self.0, buf)
            }
        }
        impl sqlx::Decode<'_, sqlx::Postgres> for $name {
            fn decode(value: sqlx::postgres::PgValueRef<'_>) -> Result<Self, sqlx::error::BoxDynError> {
                <uuid::Uuid as sqlx::Decode<sqlx::Postgres>>::decode(value).map(Self)
            }
        }
        impl sqlx::Type<sqlx::Sqlite> for $name {
            fn type_info() -> sqlx::sqlite::SqliteTypeInfo {
                <String as sqlx::Type<sqlx::Sqlite>>::type_info()
            }
        }
        impl sqlx::Encode<'_, sqlx::Sqlite> for $name {
            fn encode_by_ref(&self, buf: &mut sqlx::sqlite::SqliteArgumentsBuffer) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <String as sqlx::Encode<sqlx::Sqlite>>::encode(self.0.hyphenated().to_string(), buf)
            }
        }
        impl<'r> sqlx::Decode<'r, sqlx::Sqlite> for $name {
            fn decode(value: sqlx::sqlite::SqliteValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                let text = <&str as sqlx::Decode<sqlx::Sqlite>>::decode(value)?;
                Ok(Self(uuid::Uuid::parse_str(text)?))
            }
        }
    )+};
}

sqlx_id!(
    crate::id::UserId,
    crate::id::SessionId,
    crate::id::TokenId,
    crate::id::PasskeyId,
    crate::id::TaskId,
    crate::id::FilterId,
    crate::id::TeamId,
    crate::id::ConversationId,
    crate::id::MessageId,
    crate::id::InvitationId,
    crate::id::ReceivedInvitationId,
    crate::id::NotificationId,
    crate::id::RowId
);

macro_rules! new_id {
    ($($name:ident),+) => {$(
        impl crate::id::$name {
            /// A new id, which sorts after all earlier ones.
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }

            /// A new id that sorts among those of `time`: for demo data.
            pub fn at(time: chrono::DateTime<chrono::Utc>) -> Self {
                let seconds = u64::try_from(time.timestamp()).unwrap_or_default();
                let stamp = uuid::Timestamp::from_unix(uuid::NoContext, seconds, time.timestamp_subsec_nanos());
                Self(uuid::Uuid::new_v7(stamp))
            }

            /// The id that what a file calls `key` has for this user, whenever the file is read: a UUIDv7 with no time in it.
            pub fn for_import(user: crate::id::UserId, key: &str) -> Self {
                use sha2::Digest;
                let hash = sha2::Sha256::new().chain_update(user.0.as_bytes()).chain_update(key).finalize();
                let mut random = [0; 10];
                random.copy_from_slice(&hash[..10]);
                Self(uuid::Builder::from_unix_timestamp_millis(0, &random).into_uuid())
            }
        }

        impl Default for crate::id::$name {
            fn default() -> Self {
                Self::new()
            }
        }
    )+};
}
new_id!(
    UserId,
    SessionId,
    TokenId,
    PasskeyId,
    TaskId,
    FilterId,
    TeamId,
    ConversationId,
    MessageId,
    InvitationId,
    ReceivedInvitationId,
    NotificationId,
    RowId
);

#[cfg(test)]
mod tests {
    use crate::id::{TaskId, UserId};

    #[test]
    fn an_id_of_a_file_is_the_same_each_time_and_differs_by_user_and_key() {
        let [ada, eve] = [UserId::new(), UserId::new()];
        assert_eq!(TaskId::for_import(ada, "x"), TaskId::for_import(ada, "x"));
        assert_ne!(TaskId::for_import(ada, "x"), TaskId::for_import(eve, "x"));
        assert_ne!(TaskId::for_import(ada, "x"), TaskId::for_import(ada, "y"));
        assert_eq!(TaskId::for_import(ada, "x").0.get_version_num(), 7);
    }
}
