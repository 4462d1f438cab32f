//! The built scripts and styles: from a folder, or from inside the program.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::Request,
    handler::Handler,
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header},
    response::IntoResponse,
    routing::any,
};
use sha2::{Digest, Sha256};
use tower::{ServiceBuilder, ServiceExt};
use tower_http::{
    services::{ServeDir, fs::ServeFileSystemResponseBody},
    set_header::SetResponseHeaderLayer,
};

use tallyboard_base::{http::header_text, release::Site};
use tallyboard_core::app::AppState;

/// The names in `pkg` contain a hash of the content, so the content never changes.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The list of the built files is for the server itself.
const HASHES: &str = "/hash.txt";

/// Serves the site; what is not in it goes to `not_found`.
pub fn routes<T: 'static>(app: &AppState, not_found: impl Handler<T, AppState>) -> Router<AppState> {
    match app.assets.site() {
        Site::Folder(folder) => {
            let pkg = ServiceBuilder::new()
                // A missing file may still be added.
                .layer(SetResponseHeaderLayer::if_not_present(
                    header::CACHE_CONTROL,
                    |response: &Response<ServeFileSystemResponseBody>| {
                        response.status().is_success().then_some(FOREVER)
                    },
                ))
                .service(ServeDir::new(folder.join("pkg")).precompressed_br().precompressed_gzip());
            let rest = ServeDir::new(folder).fallback(any(not_found.clone()).with_state(app.clone()));
            Router::new().nest_service("/pkg", pkg).route(HASHES, any(not_found)).fallback_service(rest)
        }
        Site::Embedded(archive) => {
            let files = Arc::new(read(archive));
            let not_found = any(not_found).with_state::<()>(app.clone());
            let serve = move |request: Request| {
                let (files, not_found) = (files.clone(), not_found.clone());
                async move {
                    match files.get(request.uri().path()) {
                        Some(file) if [Method::GET, Method::HEAD].contains(request.method()) => file.answer(&request),
                        _ => not_found.oneshot(request).await.into_response(),
                    }
                }
            };
            Router::new().fallback(serve)
        }
    }
}

/// A file in memory.
struct File {
    /// Without compression, and with each that the build has made.
    content: &'static [u8],
    compressed: Vec<(&'static str, &'static [u8])>,
    etag: HeaderValue,
    media_type: HeaderValue,
    is_forever: bool,
}

impl File {
    fn answer(&self, request: &Request) -> Response<Body> {
        let headers = request.headers();
        let mut response = Response::new(Body::empty());
        let known = header_text(headers, header::IF_NONE_MATCH).unwrap_or_default();
        if known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == self.etag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            let best = self.compressed.iter().find(|(encoding, _)| accepts(headers, encoding));
            let content = best.map_or(self.content, |(_, content)| content);
            if let Some((encoding, _)) = best {
                response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
            response.headers_mut().insert(header::CONTENT_TYPE, self.media_type.clone());
            response.headers_mut().insert(header::CONTENT_LENGTH, content.len().into());
            if request.method() == Method::GET {
                *response.body_mut() = Body::from(content);
            }
        }
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.etag.clone());
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if self.is_forever {
            headers.insert(header::CACHE_CONTROL, FOREVER);
        }
        response
    }
}

/// Whether `Accept-Encoding` names this encoding and does not refuse it.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let accepted = header_text(headers, header::ACCEPT_ENCODING).unwrap_or_default();
    accepted.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        is_named && !parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0)))
    })
}

/// The files of an archive by their paths. Their bytes are not copied.
fn read(archive: &'static [u8]) -> HashMap<String, File> {
    let mut contents: HashMap<String, &'static [u8]> = HashMap::new();
    let mut reader = tar::Archive::new(archive);
    for entry in reader.entries().into_iter().flatten().flatten().filter(|entry| entry.header().entry_type().is_file())
    {
        let (Ok(path), Ok(start)) = (entry.path(), usize::try_from(entry.raw_file_position())) else { continue };
        let path = format!("/{}", path.display().to_string().trim_start_matches("./"));
        let end = start + usize::try_from(entry.size()).unwrap_or_default();
        if let Some(content) = archive.get(start..end) {
            contents.insert(path, content);
        }
    }
    let is_compressed = |path: &str| path.ends_with(".br") || path.ends_with(".gz");
    let file = |(path, content): (&String, &&'static [u8])| {
        // Best first.
        let compressed = [("br", "br"), ("gzip", "gz")];
        let compressed = compressed.into_iter().filter_map(|(encoding, suffix)| {
            contents.get(&format!("{path}.{suffix}")).map(|content| (encoding, *content))
        });
        let media_type = mime_guess::from_path(path).first_raw().unwrap_or("application/octet-stream");
        let etag = format!("\"{:x}\"", Sha256::digest(content));
        let file = File {
            content,
            compressed: compressed.collect(),
            etag: HeaderValue::try_from(etag).unwrap_or(HeaderValue::from_static("\"\"")),
            media_type: HeaderValue::from_static(media_type),
            is_forever: path.starts_with("/pkg/"),
        };
        (path.clone(), file)
    };
    contents.iter().filter(|(path, _)| !is_compressed(path) && *path != HASHES).map(file).collect()
}
