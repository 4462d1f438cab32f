// @ts-check
// The key n opens the form; while somebody types, the form says what the task would be; it stays open for the next one.
{
    const box = element('#quick-add', HTMLElement);
    const form = element('form', HTMLFormElement, box);
    const text = element('[name=text]', HTMLInputElement, form);
    const words = element('[role=status]', HTMLElement, box);
    const hint = words.textContent;
    /**
     * The line that is being sent, and those that wait for it.
     * @type {string[]}
     */
    const lines = [];
    let asked = 0;
    /** @type {number | undefined} */
    let timer;
    /**
     * Whether the server's answer is a good one. It is shown.
     * @param {string} url
     * @param {RequestInit} [options]
     */
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
        /** @param {string} line */
        const send = line => ask('/api/ui/quick_add', { method: 'POST', body: new URLSearchParams({ text: line }) });
        while (lines.length && await send(lines[0])) lines.shift();
        if (!lines.length) return;
        // Text that wasn't added comes back, before text typed since.
        clearTimeout(timer);
        text.value = [...lines.splice(0), text.value].join(' ').trimEnd();
    });
    if (matchMedia('(display-mode: standalone)').matches) void import('/app.js');
}
