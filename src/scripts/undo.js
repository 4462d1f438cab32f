// @ts-check
// The toast: says what was done. Undo has the requests that take back what the user did on this page; its button, z and Ctrl+Z send
// the last.
{
    const toast = element('#undo', HTMLElement);
    const words = element('span', HTMLElement, toast);
    const button = element('button', HTMLElement, toast);
    const link = element('a', HTMLAnchorElement, toast);
    const SHOWN_MS = 6000;
    /**
     * More of the same while the toast is shown is one pile.
     * @type {{ kind: string, count: number, requests: FormRequest[] }[]}
     */
    const piles = [];
    /** @type {number | undefined} */
    let timer;
    let shown = 0;
    const stopTimer = () => clearTimeout(timer);
    const hide = () => {
        stopTimer();
        toast.hidden = true;
    };
    const startTimer = () => {
        stopTimer();
        timer = setTimeout(hide, SHOWN_MS);
    };
    /**
     * @param {string} text
     * @param {boolean} canUndo
     * @param {string} [address]
     */
    const show = (text, canUndo, address) => {
        shown++;
        words.textContent = text;
        button.hidden = !canUndo;
        link.hidden = !address;
        link.href = address || '';
        toast.hidden = false;
        startTimer();
    };
    window.offerUndo = (kind, said, requests) => {
        const last = toast.hidden || button.hidden ? undefined : piles.at(-1);
        const isMore = last?.kind === kind;
        const pile = isMore ? last : { kind, count: 0, requests: [] };
        if (!isMore) piles.push(pile);
        pile.count += 1;
        pile.requests.unshift(...requests);
        show(pile.count > 1 ? say('{last}, and {n} more', { last: said, n: pile.count - 1 }) : said, true);
    };
    window.offerShow = async ({ id, title, said, path }) => {
        // Kept until there's a connection.
        if (!id) return show(said, false);
        const before = shown;
        // While a row is busy, its list doesn't know yet whether it has the task. Other lists of the page fetch at about the same time.
        for (let left = 6; left > 0; left -= document.querySelector('.task[aria-busy]') ? 0 : 1) {
            await new Promise(done => setTimeout(done, 50));
            if (document.querySelector(`[id="task-${id}"]`)) return;
        }
        // Something newer was said: it may have been about this task.
        if (shown === before) show(say('Added “{title}”', { title }), false, path);
    };
    const undo = async () => {
        const pile = piles.pop();
        if (!pile) return;
        hide();
        let failed = '';
        for (const [address, fields] of pile.requests) {
            failed = await postForm(address, fields, say('The server is unreachable')) || failed;
        }
        dispatchEvent(new Event('tasks-changed'));
        if (failed) show(say('Not everything could be undone: {why}', { why: failed }), false);
    };
    button.addEventListener('click', undo);
    // Not `mouseenter`: the toast may appear under a pointer that rests.
    toast.addEventListener('mousemove', stopTimer);
    toast.addEventListener('focusin', stopTimer);
    toast.addEventListener('mouseleave', startTimer);
    toast.addEventListener('focusout', startTimer);
    onKey(['z', 'Ctrl+z'], () => piles.length > 0 && undo());
}
