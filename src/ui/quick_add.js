{
    const box = document.getElementById('quick-add');
    const form = box.querySelector('form');
    const text = form.elements.text;
    const words = box.querySelector('[role=status]');
    const hint = words.textContent;
    // The line that is being sent, and those that wait for it.
    const lines = [];
    let asked = 0, timer;
    const ask = async (url, options) => {
        const mine = ++asked;
        let said, ok = false;
        try {
            const response = await fetch(url, options);
            const answer = await response.json();
            ok = response.ok;
            said = ok ? answer : sayError(answer);
        } catch {
            said = say('The server is unreachable. Nothing was added');
        }
        // A later question has a later answer; but that a line was not added has to be seen, whatever is answered after it.
        if (mine === asked || options && !ok) {
            words.textContent = said || hint;
            asked++;
        }
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
        clearTimeout(timer);
        lines.push(text.value);
        text.value = '';
        if (lines.length > 1) return;
        const send = line => ask('/api/ui/quick_add', { method: 'POST', body: new URLSearchParams({ text: line }) });
        while (lines.length && await send(lines[0])) lines.shift();
        if (!lines.length) return;
        // Text that wasn't added comes back, before text typed since.
        clearTimeout(timer);
        text.value = [...lines.splice(0), text.value].join(' ').trimEnd();
    });
    if (matchMedia('(display-mode: standalone)').matches) import('/app.js');
}
