// @ts-check
// The service worker of the installed app: without a connection it shows the last pages, with their age. It is registered by
// app.js, and only in the installed app: other browsers keep no page.

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

const PAGES = 'pages';
const FILES = 'files';
// Pages that are kept, each as it was last seen. Others say that there is no connection.
const KEPT = ['/dashboard', '/today', '/tasks'];
const SCRIPTS = ['/app.js', '/kiosk.js', '/favicon.svg', '/manifest.webmanifest'];
// A build has about 20 files with hashes in their names: those of the last builds.
const MOST_FILES = 60;

worker.addEventListener('install', event => {
    void worker.skipWaiting();
    event.waitUntil(caches.open(FILES).then(files => files.addAll(SCRIPTS)));
});
worker.addEventListener('activate', event => event.waitUntil(worker.clients.claim()));

worker.addEventListener('fetch', event => {
    const { request } = event;
    const url = new URL(request.url);
    if (url.origin !== location.origin) return;
    if (request.method === 'POST') {
        // What is kept belongs to who was signed in. The forms of the settings delete the account, among others.
        if (['/signout', '/settings', '/reset-password'].includes(url.pathname)) {
            event.waitUntil(caches.delete(PAGES));
        }
        return;
    }
    if (request.method !== 'GET') return;
    if (request.mode === 'navigate') event.respondWith(page(event, url));
    else if (url.pathname.startsWith('/pkg/')) event.respondWith(builtFile(request));
    else if (SCRIPTS.includes(url.pathname)) event.respondWith(script(request));
});

/**
 * From the server; when it cannot be reached, as it was last seen.
 * @param {FetchEvent} event
 * @param {URL} url
 */
async function page(event, url) {
    let answer;
    try {
        answer = await fetch(event.request);
    } catch {
        return lastSeen(url);
    }
    // A proxy says so while the server is away.
    if ([502, 503, 504].includes(answer.status)) return (await kept(url)) || answer;
    // The session is over.
    if (new URL(answer.url).pathname === '/signin') await caches.delete(PAGES);
    if (answer.ok && !answer.redirected && !url.search && KEPT.includes(url.pathname)) {
        const copy = answer.clone();
        event.waitUntil(caches.open(PAGES).then(pages => pages.put(url.pathname, copy)));
    }
    return answer;
}

/** @param {URL} url */
async function lastSeen(url) {
    return (await kept(url)) || new Response(NO_CONNECTION, { status: 503, headers: { 'content-type': 'text/html; charset=utf-8' } });
}

/**
 * A kept page with a line that says how old it is.
 * @param {URL} url
 */
async function kept(url) {
    const found = url.search ? undefined : await caches.match(url.pathname, { cacheName: PAGES });
    if (!found) return undefined;
    const seen = new Date(found.headers.get('date') ?? '');
    const when = seen.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
    // The page says it in its language.
    const text = (await found.text()).replace(/<main [^>]*data-offline="([^"]*)"[^>]*>/, (main, words) =>
        `${main}<p class="offline-note" role="status">${words.replace('{when}', when)}</p>`);
    const headers = new Headers(found.headers);
    headers.delete('content-encoding');
    headers.delete('content-length');
    return new Response(text, { headers });
}

/**
 * Its name has a hash of its content: what is there is right.
 * @param {Request} request
 */
async function builtFile(request) {
    const files = await caches.open(FILES);
    const found = await files.match(request);
    if (found) return found;
    const answer = await fetch(request);
    if (answer.ok) {
        await files.put(request, answer.clone());
        const names = (await files.keys()).filter(({ url }) => new URL(url).pathname.startsWith('/pkg/'));
        await Promise.all(names.slice(0, -MOST_FILES).map(name => files.delete(name)));
    }
    return answer;
}

/** @param {Request} request */
async function script(request) {
    const files = await caches.open(FILES);
    try {
        const answer = await fetch(request);
        if (answer.ok) await files.put(request, answer.clone());
        return answer;
    } catch (error) {
        const found = await files.match(request);
        if (found) return found;
        throw error;
    }
}

const NO_CONNECTION = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><link rel="icon" href="/favicon.svg">
<title>No connection · Tallyboard</title>
<style>body{font-family:system-ui,sans-serif;line-height:1.6;max-width:32rem;margin:15vh auto;padding:0 1rem}a{color:light-dark(#4338ca,#a5b4fc)}</style></head>
<body><main><h1>No connection</h1><p>The server cannot be reached. This page was not kept.</p>
<p><a href="/dashboard">The dashboard</a> and <a href="/today">Today</a> are there as you last saw them.</p></main></body></html>`;
