// @ts-check
// The keys of a page. Each has one owner, so it doesn't matter which script comes first.

/** @typedef {(target: Element, event: KeyboardEvent) => unknown} KeyAction */
/** @type {Map<string, KeyAction>} */
const keyOwners = new Map();

/**
 * Has `act` answer these keys; `Ctrl+z` is Cmd+Z, too. It gets the element with the focus; what answers false leaves the key to the browser.
 * @param {string[]} keys
 * @param {KeyAction} act
 */
function onKey(keys, act) {
    for (const key of keys) {
        if (keyOwners.has(key)) throw new Error(`The key ${key} has an owner already`);
        keyOwners.set(key, act);
    }
}

/** @type {{ selector: string, keys: string[], act: KeyAction }[]} */
const fieldKeys = [];

/**
 * Has `act` answer these keys inside what matches `selector`, in its fields too.
 * @param {string} selector
 * @param {string[]} keys
 * @param {KeyAction} act
 */
function onKeyIn(selector, keys, act) {
    fieldKeys.push({ selector, keys, act });
}

/**
 * Moves the focus in an open menu.
 * @param {Element} menu
 * @param {string} key
 */
function moveIn(menu, key) {
    const items = [...menu.querySelectorAll('a, button')].filter(item => item.checkVisibility());
    const at = items.findIndex(item => item === document.activeElement);
    /** @type {Record<string, number>} */
    const places = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 };
    const item = key in places && items.at(places[key] % items.length);
    if (item instanceof HTMLElement) item.focus();
    return !!item;
}

document.addEventListener('keydown', event => {
    const { key, target } = event;
    const menu = document.querySelector('.menu:popover-open');
    if (menu && moveIn(menu, key)) event.preventDefault();
    const isCombined = event.ctrlKey || event.metaKey;
    const name = isCombined ? `Ctrl+${key}` : key;
    const inside = !event.isComposing && target instanceof Element && fieldKeys.find(({ selector, keys }) => keys.includes(name) && target.closest(selector));
    if (inside && !event.defaultPrevented && !document.querySelector('dialog[open], [popover]:popover-open')) {
        if (inside.act(target, event) !== false) event.preventDefault();
        return;
    }
    const act = keyOwners.get(name);
    if (!act || !(target instanceof Element) || event.altKey || event.defaultPrevented) return;
    // Single keys can be turned off in Settings (WCAG 2.1.4).
    if (key.length === 1 && !isCombined && localStorage.keys === 'off') return;
    // A letter in a field is a letter, and what is open above the page has the keys for itself.
    if (target.closest('input:not(.select), textarea, select, [contenteditable]')) return;
    if (document.querySelector('dialog[open], [popover]:popover-open')) return;
    if (act(target, event) !== false) event.preventDefault();
});
