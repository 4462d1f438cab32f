//! Talks to the provider: its description, the address to sign in at, and the token that says who has signed in.

use std::time::{Duration, Instant};

use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    TokenResponse, UserInfoError,
    core::{
        CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdTokenClaims, CoreJwsSigningAlgorithm,
        CoreProviderMetadata, CoreTokenResponse, CoreUserInfoClaims,
    },
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use url::Url;

use super::{Identity, Person};
use tallyboard_base::config::{Config, OidcConfig};
use tallyboard_model::{
    error::{Code, Error, Result, with_causes},
    input::comparable,
    language::t_with,
    paths,
};

/// How long an answer of the provider may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait before retrying an unreachable provider.
const PAUSE: Duration = Duration::from_secs(5);
/// How long the provider's description is kept, with its keys.
const DESCRIPTION_AGE: Duration = Duration::from_secs(600);

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// The service whose accounts can sign in.
pub struct IdentityProvider {
    config: OidcConfig,
    /// By its own setting, or because anybody may.
    allows_sign_up: bool,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    http: reqwest::Client,
    kept: Mutex<CachedMetadata>,
}

/// The provider's metadata.
#[derive(Default)]
struct CachedMetadata {
    /// Its description, and since when.
    description: Option<(Instant, CoreProviderMetadata)>,
    /// When it could not be reached.
    failed_at: Option<Instant>,
}

/// The state the browser keeps during a sign-in.
#[derive(Debug, Serialize, Deserialize)]
pub struct SignInSecrets {
    /// Comes back from there.
    pub state: String,
    /// Comes back in the token.
    pub nonce: String,
    /// Proves that this server requested the code.
    pub verifier: String,
}

impl IdentityProvider {
    /// The provider of the settings; `None` when there is none.
    ///
    /// # Errors
    /// The address is invalid, or there are no certificates to check the provider's with.
    pub fn new(config: &Config) -> Result<Option<Self>> {
        if !config.oidc.is_on() {
            return Ok(None);
        }
        let redirect = format!("{}{}", config.server.public_url.trim_end_matches('/'), paths::IDENTITY_CALLBACK);
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()
            .map_err(Error::internal)?;
        Ok(Some(Self {
            config: config.oidc.clone(),
            allows_sign_up: config.oidc.allow_signup || config.auth.allow_signup,
            issuer: IssuerUrl::new(config.oidc.issuer.clone()).map_err(Error::internal)?,
            redirect: RedirectUrl::new(redirect).map_err(Error::internal)?,
            http,
            kept: Mutex::default(),
        }))
    }

    /// Its address, as it writes it itself.
    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// Its display name.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Whether the provider's users may create an account here.
    pub fn allows_sign_up(&self) -> bool {
        self.allows_sign_up
    }

    /// Its description, at most ten minutes old, or older when it cannot be reached; `fresh`: new from the provider.
    async fn description(&self, fresh: bool) -> Result<CoreProviderMetadata> {
        // One request at a time asks the provider; those that waited for one that failed do not ask again.
        let mut kept = self.kept.lock().await;
        let old = match &kept.description {
            Some((at, description)) if !fresh && at.elapsed() < DESCRIPTION_AGE => return Ok(description.clone()),
            Some((_, description)) if !fresh => Some(description.clone()),
            _ => None,
        };
        if kept.failed_at.is_some_and(|at| at.elapsed() < PAUSE) {
            return old.ok_or_else(|| self.out_of_reach("it was unreachable a moment ago"));
        }
        match CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http).await {
            Ok(found) => {
                *kept = CachedMetadata { description: Some((Instant::now(), found.clone())), failed_at: None };
                Ok(found)
            }
            Err(error) => {
                kept.failed_at = Some(Instant::now());
                let error = self.out_of_reach(&with_causes(&error));
                old.ok_or(error)
            }
        }
    }

    async fn client(&self, fresh: bool) -> Result<Client> {
        let description = self.description(fresh).await?;
        let methods = description.token_endpoint_auth_methods_supported().cloned().unwrap_or_default();
        let takes_basic = methods.is_empty() || methods.contains(&CoreClientAuthMethod::ClientSecretBasic);
        let id = ClientId::new(self.config.client_id.clone());
        let secret = self.config.client_secret.clone().map(ClientSecret::new);
        let client = CoreClient::from_provider_metadata(description, id, secret)
            .set_redirect_uri(self.redirect.clone())
            .set_auth_type(if takes_basic { AuthType::BasicAuth } else { AuthType::RequestBody });
        Ok(client)
    }

    /// Reads the provider's description, for the operator.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub async fn check(&self) -> std::result::Result<(), String> {
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http).await;
        found.map(drop).map_err(|error| with_causes(&error))
    }

    /// Begins a sign-in: the address at which the person signs in, and what the browser keeps until then.
    pub async fn begin(&self) -> Result<(Url, SignInSecrets)> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client(false).await?;
        let (url, state, nonce) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let (state, nonce) = (state.secret().clone(), nonce.secret().clone());
        Ok((url, SignInSecrets { state, nonce, verifier: verifier.secret().clone() }))
    }

    /// The person the provider has signed in, by the code from their browser.
    pub async fn person(&self, code: String, secrets: SignInSecrets) -> Result<Person> {
        let SignInSecrets { nonce, verifier, .. } = secrets;
        let client = self.client(false).await?;
        let asked = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| self.refused(&with_causes(&error)))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier))
            .request_async(&self.http);
        let answer: CoreTokenResponse = match asked.await {
            Ok(answer) => answer,
            Err(error @ RequestTokenError::Request(_)) => return Err(self.out_of_reach(&with_causes(&error))),
            Err(error) => return Err(self.refused(&with_causes(&error))),
        };
        let nonce = Nonce::new(nonce);
        let claims = match self.claims(&client, &answer, &nonce) {
            Ok(claims) => claims,
            // The provider may have new keys.
            Err(_) => self.claims(&self.client(true).await?, &answer, &nonce)?,
        };
        let identity =
            Identity { issuer: claims.issuer().as_str().to_owned(), subject: claims.subject().as_str().to_owned() };
        let said = claims.email().cloned().zip(claims.email_verified());
        // Many providers say only when asked who the person is; the library checks that it is the same one.
        let asked = if said.is_none() { self.asked_about(&client, &answer, &claims).await? } else { None };
        let said = said.or_else(|| asked.as_ref()?.email().cloned().zip(asked.as_ref()?.email_verified()));
        let email = said.filter(|(_, is_verified)| *is_verified);
        let email = email.map(|(email, _)| comparable(email.as_str().trim()));
        let names = claims.name().or_else(|| asked.as_ref()?.name());
        let name = names.and_then(|names| names.get(None)).map(|name| name.as_str().trim().to_owned());
        Ok(Person { identity, email, name })
    }

    /// The provider's user info; `None` if it can't be requested.
    async fn asked_about(
        &self,
        client: &Client,
        answer: &CoreTokenResponse,
        claims: &CoreIdTokenClaims,
    ) -> Result<Option<CoreUserInfoClaims>> {
        let Ok(question) = client.user_info(answer.access_token().clone(), Some(claims.subject().clone())) else {
            return Ok(None);
        };
        match question.request_async(&self.http).await {
            Ok(said) => Ok(Some(said)),
            Err(error @ UserInfoError::Request(_)) => Err(self.out_of_reach(&with_causes(&error))),
            Err(error) => Err(self.refused(&with_causes(&error))),
        }
    }

    /// A token's claims, after checking signature, issuer, audience, time and nonce.
    fn claims(&self, client: &Client, answer: &CoreTokenResponse, nonce: &Nonce) -> Result<CoreIdTokenClaims> {
        let token = answer.id_token().ok_or_else(|| self.refused("the answer has no ID token"))?;
        // A signature with the client's secret proves nothing to others who have the secret.
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
        token.claims(&verifier, nonce).cloned().map_err(|error| self.refused(&with_causes(&error)))
    }

    fn out_of_reach(&self, error: &str) -> Error {
        tracing::warn!(%error, issuer = %self.config.issuer, "the sign-in provider can't be reached");
        Error::new(Code::Unavailable, t_with("{name} is unavailable", &[("name", &self.config.name)]))
            .detail("Try again later, or sign in with your password.")
    }

    fn refused(&self, error: &str) -> Error {
        tracing::warn!(%error, issuer = %self.config.issuer, "the sign-in provider's answer can't be trusted");
        Error::unauthorized(&t_with("{name} did not sign you in", &[("name", &self.config.name)]))
            .detail("Start over, or sign in with your password.")
    }
}

/// The accepted signature algorithms: those whose key only the provider has.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];
