//! Whether the service whose accounts can sign in answers.

use super::Finding;
use tallyboard_base::config::Config;
use tallyboard_core::auth::oidc::IdentityProvider;

pub async fn check(config: &Config) -> Finding {
    let check = "sign-in";
    let provider = match IdentityProvider::new(config) {
        Ok(Some(provider)) => provider,
        Ok(None) => return Finding::ok(check, "with passwords alone: no oidc.issuer is set"),
        Err(error) => return Finding::error(check, error.to_string(), "Check the settings of [oidc]"),
    };
    let issuer = provider.issuer();
    match provider.check().await {
        Ok(()) => Finding::ok(check, format!("{issuer} answers")),
        Err(error) => {
            let advice = "Check oidc.issuer: it is exactly what the service calls itself; passwords go on working";
            Finding::error(check, format!("{issuer}: {error}"), advice)
        }
    }
}
