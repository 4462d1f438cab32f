{
    const bar = document.getElementById('selection');
    // The form's own property of this name is its buttons.
    const address = bar.getAttribute('action');
    const words = bar.querySelector('[role=status]');
    const mode = document.getElementById('selecting');
    let last;
    const boxes = () => [...document.querySelectorAll('.task:not([hidden]) .select')];
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
    // All boxes between the last one that was clicked and this one get the same state.
    const select = (box, isRange) => {
        const all = boxes();
        const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
        if (isRange && from >= 0) for (const between of all.slice(from, to + 1)) between.checked = box.checked;
        last = box;
        show();
    };
    const send = async fields => {
        let said = '';
        try {
            const response = await fetch(address, { method: 'POST', body: new URLSearchParams(fields), keepalive: true });
            if (!response.ok) said = sayError(await response.json());
        } catch {
            said = say('The server is unreachable. Nothing was changed');
        }
        if (document.documentElement.dataset.alive) dispatchEvent(new Event('tasks-changed'));
        else if (!said) location.reload();
        return said;
    };
    // What takes a change of these rows back. A day and a team are those that each row shows.
    const undoOf = (rows, fields) => {
        const { action, due_on: day, team_id: team } = Object.fromEntries(fields);
        const ids = some => some.map(row => ['ids[]', row.querySelector('.select').value]);
        const status = (some, back) => some.length ? [[address, [['action', back], ...ids(some)]]] : [];
        if (action === 'complete') return status(rows.filter(row => !row.matches('.done')), 'reopen');
        if (action === 'reopen') return status(rows.filter(row => row.matches('.done')), 'complete');
        if (action === 'delete') return [['/api/ui/restore_tasks', ids(rows)]];
        return rows.map(row => [address, [
            ['action', 'move'],
            ...ids([row]),
            ...(day ? [['due_on', row.querySelector('time')?.dataset.at || 'none']] : []),
            ...(team ? [['team_id', row.querySelector('.edit').dataset.team || 'none']] : []),
        ]]);
    };
    const done = (action, n) => ({
        complete: n === 1 ? say('Completed 1 task') : say('Completed {n} tasks', { n }),
        reopen: n === 1 ? say('Reopened 1 task') : say('Reopened {n} tasks', { n }),
        delete: n === 1 ? say('Deleted 1 task') : say('Deleted {n} tasks', { n }),
        move: n === 1 ? say('Moved 1 task') : say('Moved {n} tasks', { n }),
    })[action];
    // Answers what went wrong.
    const change = async (rows, fields) => {
        const { action } = Object.fromEntries(fields);
        const undo = undoOf(rows, fields);
        const said = await send(fields);
        if (!said && undo.length) offerUndo(action, done(action, rows.length), undo);
        return said;
    };
    bar.addEventListener('submit', async event => {
        event.preventDefault();
        const fields = [...new FormData(bar, event.submitter)];
        const rows = selected().map(box => box.closest('.task'));
        if (!rows.length) return;
        const isDeletion = event.submitter.value === 'delete';
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
        const rows = boxes().filter(box => ids.includes(box.value)).map(box => box.closest('.task'));
        const said = await change(rows, fields);
        if (!said) return clear();
        words.textContent = said;
        bar.classList.add('open');
    });
    bar.querySelector('.clear').addEventListener('click', clear);
    document.addEventListener('click', event => {
        const row = event.target.closest('.task');
        if (!row) return;
        const box = row.querySelector('.select');
        if (event.target === box) select(box, event.shiftKey);
        else if (box && event.shiftKey && !event.target.closest('a, button, input, label, form, .task-actions')) {
            getSelection().removeAllRanges();
            box.checked = !box.checked;
            select(box, last !== undefined && last !== box);
        }
    });
    onKey(['x', 'X'], event => {
        const box = event.target.closest('.task')?.querySelector('.select');
        if (!box) return false;
        box.checked = !box.checked;
        select(box, event.shiftKey);
    });
    onKey(['Escape'], () => selected().length > 0 && clear());
    onKey(['c'], () => selected().length > 0 && bar.querySelector('[value=complete]').click());
    // A browser restores the boxes of a page that was left.
    addEventListener('pageshow', show);
}
