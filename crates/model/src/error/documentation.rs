//! How the OpenAPI document describes errors.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses, ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder, ResponsesBuilder},
};

use super::Error;

/// The error answers of every operation, all in one shape; `code` tells them apart.
pub struct ErrorResponses;

impl IntoResponses for ErrorResponses {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let response = |description: &str| {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Error::name()))).build();
            ResponseBuilder::new().description(description).content("application/json", content)
        };
        ResponsesBuilder::new()
            .response("4XX", response("Rejected: nothing was changed"))
            .response("5XX", response("The server failed, or its database is away: try again"))
            .build()
            .into()
    }
}
