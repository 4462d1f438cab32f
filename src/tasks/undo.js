// Undo: the requests that take back what the user did on this page. The toast, z and Ctrl+Z press the last.
{
    const toast = document.getElementById('undo');
    const words = toast.querySelector('span');
    const button = toast.querySelector('button');
    const SHOWN_MS = 6000;
    // More of the same while the toast is shown is one pile.
    const piles = [];
    let timer;
    const hide = () => {
        clearTimeout(timer);
        toast.hidden = true;
    };
    const startTimer = () => {
        clearTimeout(timer);
        timer = setTimeout(hide, SHOWN_MS);
    };
    const show = (text, canUndo) => {
        words.textContent = text;
        button.hidden = !canUndo;
        toast.hidden = false;
        startTimer();
    };
    // `requests`: an address and the fields of a form for each, sent in this order.
    window.offerUndo = (kind, said, requests) => {
        const isMore = !toast.hidden && !button.hidden && piles.at(-1)?.kind === kind;
        if (!isMore) piles.push({ kind, count: 0, requests: [] });
        const pile = piles.at(-1);
        pile.requests.unshift(...requests);
        pile.count += 1;
        show(pile.count > 1 ? say('{last}, and {n} more', { last: said, n: pile.count - 1 }) : said, true);
    };
    const undo = async () => {
        const pile = piles.pop();
        if (!pile) return;
        hide();
        let failed;
        for (const [address, fields] of pile.requests) {
            try {
                const response = await fetch(address, { method: 'POST', body: new URLSearchParams(fields) });
                if (!response.ok) failed = sayError(await response.json());
            } catch {
                failed = say('The server is unreachable');
            }
        }
        dispatchEvent(new Event('tasks-changed'));
        if (failed) show(say('Not everything could be undone: {why}', { why: failed }), false);
    };
    button.addEventListener('click', undo);
    // Not `mouseenter`: the toast may appear under a pointer that rests.
    for (const event of ['mousemove', 'focusin']) toast.addEventListener(event, () => clearTimeout(timer));
    for (const event of ['mouseleave', 'focusout']) toast.addEventListener(event, startTimer);
    onKey(['z'], () => piles.length > 0 && undo());
    document.addEventListener('keydown', event => {
        const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key === 'z';
        if (!isUndo || !piles.length || event.target.closest('input:not(.select), textarea, select')) return;
        event.preventDefault();
        undo();
    });
}
