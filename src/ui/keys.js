// Single keys can be turned off in Settings (WCAG 2.1.4): no script of a page sees them then.
if (localStorage.keys === 'off') addEventListener('keydown', event => event.key.length > 1 || event.stopImmediatePropagation(), true);
// Keys of a page: a letter in a field is a letter, and what is open above the page has the keys for itself.
const onKey = (keys, act) => document.addEventListener('keydown', event => {
    if (!keys.includes(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest('input:not(.select), textarea, select, [contenteditable]')) return;
    if (document.querySelector('dialog[open], [popover]:popover-open')) return;
    // What answers false has nothing to do with the key here.
    if (act(event) !== false) event.preventDefault();
});
