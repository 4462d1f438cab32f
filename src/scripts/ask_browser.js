// @ts-check
// Browsers show notifications only after they have asked, which they do only after a click.
{
    const note = element('#browser-note', HTMLElement);
    /** @param {NotificationPermission} permission */
    const warn = permission => {
        if (permission !== 'denied') return;
        note.textContent = say('Your browser blocks notifications from this site, so they only appear in Tallyboard. You can allow them in the browser settings.');
    };
    for (const box of elements('[name="browser[]"]', HTMLInputElement)) {
        box.addEventListener('change', async () => {
            if (!box.checked) return;
            element(`[name="page[]"][value="${box.value}"]`, HTMLInputElement).checked = true;
            if ('Notification' in window) warn(await Notification.requestPermission());
        });
    }
    if ('Notification' in window && document.querySelector('[name="browser[]"]:checked')) warn(Notification.permission);
}
