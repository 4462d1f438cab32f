{
    const note = document.getElementById('browser-note');
    const say = permission => {
        if (permission !== 'denied') return;
        note.textContent = say('Your browser blocks notifications from this site, so they only appear in Tallyboard. You can allow them in the browser settings.');
    };
    for (const box of document.getElementsByName('browser[]')) {
        box.addEventListener('change', async () => {
            if (!box.checked) return;
            document.querySelector(`[name="page[]"][value="${box.value}"]`).checked = true;
            if ('Notification' in window) say(await Notification.requestPermission());
        });
    }
    if ('Notification' in window && document.querySelector('[name="browser[]"]:checked')) say(Notification.permission);
}
