// @ts-check
// For the scripts of every page.

/**
 * A text in the language of the page, with values at its {names}. An English page has no `texts`.
 * @param {string} english
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
function say(english, values = {}) {
    const text = window.texts?.[english] || english;
    return text.replace(/{(\w+)}/g, (_, name) => String(values[name]));
}

/** Shows the theme chosen in this browser; without one, the system's. */
function showTheme() {
    const { theme } = localStorage;
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
}
showTheme();

/**
 * What an answer with an error says: what went wrong, which input was wrong, what to do about it.
 * @param {{ error: string, code: string, fields?: Record<string, string>, detail?: string }} answer
 */
function sayError({ error, code, fields = {}, detail }) {
    if (code === 'UNAUTHORIZED') return say('You are signed out. Sign in in another tab, then try again');
    return [error, ...Object.values(fields), detail].filter(Boolean).join('. ');
}

/**
 * Posts a form, even if the user leaves the page; answers what went wrong, if anything.
 * @param {string} address
 * @param {string[][] | URLSearchParams} fields
 * @param {string} unreachable
 */
async function postForm(address, fields, unreachable) {
    try {
        const response = await fetch(address, { method: 'POST', body: new URLSearchParams(fields), keepalive: true });
        return response.ok ? '' : sayError(await response.json());
    } catch {
        return unreachable;
    }
}

/**
 * The first element that matches. A page whose script lacks it is broken, and says so.
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} kind
 * @param {ParentNode} [within]
 * @returns {T}
 */
function element(selector, kind, within = document) {
    const found = within.querySelector(selector);
    if (found instanceof kind) return found;
    throw new Error(`The page has no ${selector}`);
}

/**
 * All elements of this kind that match.
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T[]}
 */
function elements(selector, kind) {
    return /** @type {T[]} */ ([...document.querySelectorAll(selector)].filter(found => found instanceof kind));
}
