// Keys of a page: a letter in a field is a letter, and what is open above the page has the keys for itself.
const onKey = (keys, act) => document.addEventListener('keydown', event => {
    if (!keys.includes(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest('input:not(.select), textarea, select, [contenteditable]')) return;
    if (document.querySelector('dialog[open], [popover]:popover-open')) return;
    // What answers false has nothing to do with the key here.
    if (act(event) !== false) event.preventDefault();
});
