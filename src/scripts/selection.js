// @ts-check
{
    const bar = element('#selection', HTMLFormElement);
    const address = '/api/ui/change_tasks';
    const words = element('[role=status]', HTMLElement, bar);
    const mode = element('#selecting', HTMLInputElement);
    /**
     * The box that was clicked last.
     * @type {HTMLInputElement | undefined}
     */
    let last;
    const boxes = () => elements('.task:not([hidden]) .select', HTMLInputElement);
    /** @param {Element} row */
    const boxOf = row => {
        const box = row.querySelector('.select');
        return box instanceof HTMLInputElement ? box : null;
    };
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
        const said = await postForm(address, fields, say('The server is unreachable. Nothing was changed'));
        if (document.documentElement.dataset.alive) dispatchEvent(new Event('tasks-changed'));
        else if (!said) location.reload();
        return said;
    };
    /**
     * What takes a change of these rows back. A row shows its day and its team.
     * @param {HTMLElement[]} rows
     * @param {Record<string, string>} fields
     * @returns {FormRequest[]}
     */
    const undoOf = (rows, { action, due_on: day, team_id: team }) => {
        /** @param {HTMLElement[]} some */
        const ids = some => some.map(row => ['ids[]', boxOf(row)?.value ?? '']);
        /**
         * @param {boolean} isDone
         * @param {string} back
         * @returns {FormRequest[]}
         */
        const status = (isDone, back) => {
            const some = rows.filter(row => row.matches('.done') === isDone);
            return some.length ? [[address, [['action', back], ...ids(some)]]] : [];
        };
        if (action === 'complete') return status(false, 'reopen');
        if (action === 'reopen') return status(true, 'complete');
        if (action === 'delete') return [['/api/ui/restore_tasks', ids(rows)]];
        return rows.map(row => {
            const fields = [['action', 'move'], ...ids([row])];
            if (day) fields.push(['due_on', row.querySelector('time')?.dataset.at ?? 'none']);
            if (team) fields.push(['team_id', row.querySelector('.edit')?.getAttribute('data-team') ?? 'none']);
            return [address, fields];
        });
    };
    /**
     * @param {string} action
     * @param {number} n
     */
    const done = (action, n) => ({
        complete: n === 1 ? say('Completed 1 task') : say('Completed {n} tasks', { n }),
        reopen: n === 1 ? say('Reopened 1 task') : say('Reopened {n} tasks', { n }),
        delete: n === 1 ? say('Deleted 1 task') : say('Deleted {n} tasks', { n }),
        move: n === 1 ? say('Moved 1 task') : say('Moved {n} tasks', { n }),
    })[action] ?? '';
    /**
     * Changes these rows; answers what went wrong.
     * @param {HTMLElement[]} rows
     * @param {string[][]} fields
     */
    const change = async (rows, fields) => {
        const named = Object.fromEntries(fields);
        const undo = undoOf(rows, named);
        const said = await send(fields);
        if (!said && undo.length) window.offerUndo(named.action, done(named.action, rows.length), undo);
        return said;
    };
    /** @param {HTMLInputElement[]} some */
    const rowsOf = some => some.map(box => box.closest('.task')).filter(row => row instanceof HTMLElement);
    bar.addEventListener('submit', async event => {
        event.preventDefault();
        const button = event.submitter;
        const fields = [...new FormData(bar, button)].map(([name, value]) => [name, String(value)]);
        const rows = rowsOf(selected());
        if (!rows.length) return;
        const isDeletion = button instanceof HTMLButtonElement && button.value === 'delete';
        for (const row of rows) row.hidden = isDeletion;
        bar.setAttribute('aria-busy', 'true');
        const said = await change(rows, fields);
        bar.removeAttribute('aria-busy');
        if (!said) return clear();
        for (const row of rows) row.hidden = false;
        words.textContent = said;
    });
    // Another part of the page, like dragging, changes tasks too.
    addEventListener('change-tasks', async ({ detail: fields }) => {
        const ids = fields.filter(([name]) => name === 'ids[]').map(([, id]) => id);
        const said = await change(rowsOf(boxes().filter(box => ids.includes(box.value))), fields);
        if (!said) return clear();
        words.textContent = said;
        bar.classList.add('open');
    });
    document.addEventListener('submit', event => {
        const { target: form, submitter } = event;
        if (!(form instanceof HTMLFormElement) || !form.matches('.move-overdue')) return;
        event.preventDefault();
        const fields = [...new FormData(form, submitter)].map(([name, value]) => /** @type {[string, string]} */ ([name, String(value)]));
        dispatchEvent(new CustomEvent('change-tasks', { detail: fields }));
    });
    element('.clear', HTMLElement, bar).addEventListener('click', clear);
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
    // In an open form it closes the form, and then the panel.
    onKey(['Escape'], target => {
        if (target.closest('.task-form')) return false;
        const panel = document.querySelector('#task-panel:not([hidden]) .panel-close');
        if (selected().length) clear();
        else if (panel instanceof HTMLElement) panel.click();
        else return false;
        return true;
    });
    // A browser restores the boxes of a page that was left.
    addEventListener('pageshow', show);
}
