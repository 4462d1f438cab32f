// @ts-check
{
    const bar = element('#selection', HTMLFormElement);
    // The form's own property of this name is its buttons.
    const address = bar.getAttribute('action') ?? '';
    const words = element('[role=status]', HTMLElement, bar);
    const mode = element('#selecting', HTMLInputElement);
    const undo = element('#selection-undo', HTMLElement);
    const UNDO_MS = 6000;
    /**
     * The box that was clicked last.
     * @type {HTMLInputElement | undefined}
     */
    let last;
    /**
     * The last deletion, while it can be undone.
     * @type {{ rows: HTMLElement[], fields: string[][], timer: number } | undefined}
     */
    let deletion;
    const boxes = () => elements('.task:not([hidden]) .select', HTMLInputElement);
    const selected = () => boxes().filter(box => box.checked);
    const show = () => {
        const count = selected().length;
        if (!count) last = undefined;
        bar.classList.toggle('open', count > 0);
        words.textContent = count ? say('{n} selected', { n: count }) : '';
    };
    const clear = () => {
        for (const box of boxes()) box.checked = false;
        mode.checked = false;
        show();
    };
    /**
     * All boxes between the last one that was clicked and this one get the same state.
     * @param {HTMLInputElement} box
     * @param {boolean} isRange
     */
    const select = (box, isRange) => {
        const all = boxes();
        const [one, other] = [last ? all.indexOf(last) : -1, all.indexOf(box)];
        const range = isRange && one >= 0 ? all.slice(Math.min(one, other), Math.max(one, other) + 1) : [];
        for (const between of range) between.checked = box.checked;
        last = box;
        show();
    };
    /**
     * Sends a change; what is said when it fails.
     * @param {string[][]} fields
     */
    const send = async fields => {
        let said = '';
        try {
            const response = await fetch(address, { method: 'POST', body: new URLSearchParams(fields) });
            if (!response.ok) said = sayError(await response.json());
        } catch {
            said = say('The server cannot be reached. Nothing was changed');
        }
        if (document.documentElement.dataset.alive) dispatchEvent(new Event('tasks-changed'));
        else if (!said) location.reload();
        return said;
    };
    /** Deleted tasks leave the page at once and the server when the time to undo is over. */
    const finishDeletion = async (isLeaving = false) => {
        if (!deletion) return;
        const { rows, fields, timer } = deletion;
        deletion = undefined;
        clearTimeout(timer);
        undo.hidden = true;
        if (isLeaving) {
            navigator.sendBeacon(address, new URLSearchParams(fields));
            return;
        }
        const said = await send(fields);
        if (said) {
            for (const row of rows) row.hidden = false;
            words.textContent = said;
            bar.classList.add('open');
        }
    };
    const undoDeletion = () => {
        clearTimeout(deletion?.timer);
        for (const row of deletion?.rows ?? []) row.hidden = false;
        deletion = undefined;
        undo.hidden = true;
        show();
    };
    bar.addEventListener('submit', async event => {
        event.preventDefault();
        const button = event.submitter;
        const isDeletion = button instanceof HTMLButtonElement && button.value === 'delete';
        // First: what is selected may change meanwhile.
        if (isDeletion) await finishDeletion();
        const fields = [...new FormData(bar, button)].map(([name, value]) => [name, String(value)]);
        if (!selected().length) return;
        if (isDeletion) {
            const rows = selected().map(box => box.closest('.task')).filter(row => row instanceof HTMLElement);
            for (const box of selected()) box.checked = false;
            for (const row of rows) row.hidden = true;
            const n = rows.length;
            element('span', HTMLElement, undo).textContent = n === 1 ? say('Deleted 1 task') : say('Deleted {n} tasks', { n });
            undo.hidden = false;
            deletion = { rows, fields, timer: setTimeout(() => finishDeletion(), UNDO_MS) };
            mode.checked = false;
            show();
            return;
        }
        bar.setAttribute('aria-busy', 'true');
        const said = await send(fields);
        bar.removeAttribute('aria-busy');
        if (said) words.textContent = said;
        else clear();
    });
    // Another part of the page, like dragging, changes tasks too.
    addEventListener('change-tasks', async event => {
        const said = await send(event.detail);
        if (!said) return clear();
        words.textContent = said;
        bar.classList.add('open');
    });
    element('button', HTMLElement, undo).addEventListener('click', undoDeletion);
    element('.clear', HTMLElement, bar).addEventListener('click', clear);
    /** @param {Element} row */
    const boxOf = row => {
        const box = row.querySelector('.select');
        return box instanceof HTMLInputElement ? box : null;
    };
    document.addEventListener('click', event => {
        const { target } = event;
        const row = target instanceof Element && target.closest('.task');
        const box = row && boxOf(row);
        if (!box) return;
        if (target === box) select(box, event.shiftKey);
        else if (event.shiftKey && !target.closest('a, button, input, label, form, .task-actions')) {
            getSelection()?.removeAllRanges();
            box.checked = !box.checked;
            select(box, last !== undefined && last !== box);
        }
    });
    onKey(['x', 'X'], (target, event) => {
        const row = target.closest('.task');
        const box = row && boxOf(row);
        if (!box) return false;
        box.checked = !box.checked;
        select(box, event.shiftKey);
        return true;
    });
    // In an open form it closes the form.
    onKey(['Escape'], target => {
        if (!selected().length || target.closest('.task-form')) return false;
        clear();
        return true;
    });
    addEventListener('pagehide', () => finishDeletion(true));
    // A browser restores the boxes of a page that was left.
    addEventListener('pageshow', show);
}
