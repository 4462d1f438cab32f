{
    const note = document.getElementById('browser-note');
    const warn = permission => {
        if (permission !== 'denied') return;
        note.textContent = say('Your browser blocks notifications of this site; they are on the page. You can allow them in the settings of the browser.');
    };
    for (const box of document.getElementsByName('browser[]')) {
        box.addEventListener('change', async () => {
            if (!box.checked) return;
            document.querySelector(`[name="page[]"][value="${box.value}"]`).checked = true;
            if ('Notification' in window) warn(await Notification.requestPermission());
        });
    }
    if ('Notification' in window && document.querySelector('[name="browser[]"]:checked')) warn(Notification.permission);
}
