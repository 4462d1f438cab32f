{
    const box = document.getElementById('quick-add');
    const form = box.querySelector('form');
    const text = form.elements.text;
    const words = box.querySelector('[role=status]');
    const hint = words.textContent;
    let asked = 0, timer, sending = false;
    const ask = async (url, options) => {
        const mine = ++asked;
        let said, ok = false;
        try {
            const response = await fetch(url, options);
            const answer = await response.json();
            ok = response.ok;
            said = ok ? answer : sayError(answer);
        } catch {
            said = say('The server cannot be reached. Nothing was added');
        }
        // A later question has a later answer.
        if (mine === asked) words.textContent = said || hint;
        return ok;
    };
    onKey(['n'], () => box.showPopover());
    box.addEventListener('toggle', event => { if (event.newState === 'open') words.textContent = hint; });
    text.addEventListener('input', () => {
        clearTimeout(timer);
        timer = setTimeout(() => ask('/api/ui/quick_add_preview?text=' + encodeURIComponent(text.value)), 150);
    });
    form.addEventListener('submit', async event => {
        event.preventDefault();
        if (sending) return;
        sending = true;
        clearTimeout(timer);
        const added = text.value;
        const done = await ask('/api/ui/quick_add', { method: 'POST', body: new URLSearchParams({ text: added }) });
        // What was typed meanwhile is the next task.
        if (done && text.value === added) text.value = '';
        sending = false;
    });
    if (matchMedia('(display-mode: standalone)').matches) import('/app.js');
}
