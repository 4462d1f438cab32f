// @ts-check
// Undo: the requests that take back what the user did on this page. The toast, z and Ctrl+Z send the last.
{
    const toast = element('#undo', HTMLElement);
    const words = element('span', HTMLElement, toast);
    const button = element('button', HTMLElement, toast);
    const SHOWN_MS = 6000;
    /**
     * More of the same while the toast is shown is one pile.
     * @type {{ kind: string, count: number, requests: FormRequest[] }[]}
     */
    const piles = [];
    /** @type {number | undefined} */
    let timer;
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
     */
    const show = (text, canUndo) => {
        words.textContent = text;
        button.hidden = !canUndo;
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
