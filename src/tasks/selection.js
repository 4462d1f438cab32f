{
    const bar = document.getElementById('selection');
    // The form's own property of this name is its buttons.
    const address = bar.getAttribute('action');
    const words = bar.querySelector('[role=status]');
    const mode = document.getElementById('selecting');
    const undo = document.getElementById('selection-undo');
    const UNDO_MS = 6000;
    let last, deletion;
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
            const response = await fetch(address, { method: 'POST', body: new URLSearchParams(fields) });
            if (!response.ok) said = sayError(await response.json());
        } catch {
            said = say('The server is unreachable. Nothing was changed');
        }
        if (document.documentElement.dataset.alive) dispatchEvent(new Event('tasks-changed'));
        else if (!said) location.reload();
        return said;
    };
    // Deleted tasks leave the page at once and the server when the time to undo is over.
    const finishDeletion = async isLeaving => {
        if (!deletion) return;
        const { rows, fields, timer } = deletion;
        deletion = undefined;
        clearTimeout(timer);
        undo.hidden = true;
        if (isLeaving) return navigator.sendBeacon(address, new URLSearchParams(fields));
        const said = await send(fields);
        if (said) {
            for (const row of rows) row.hidden = false;
            words.textContent = said;
            bar.classList.add('open');
        }
    };
    const undoDeletion = () => {
        clearTimeout(deletion.timer);
        for (const row of deletion.rows) row.hidden = false;
        deletion = undefined;
        undo.hidden = true;
        show();
    };
    bar.addEventListener('submit', async event => {
        event.preventDefault();
        // First: the selection may change in the meantime.
        if (event.submitter.value === 'delete') await finishDeletion();
        const fields = [...new FormData(bar, event.submitter)];
        if (!selected().length) return;
        if (event.submitter.value === 'delete') {
            const rows = selected().map(box => box.closest('.task'));
            for (const row of rows) row.hidden = true;
            const n = rows.length;
            undo.querySelector('span').textContent = n === 1 ? say('Deleted 1 task') : say('Deleted {n} tasks', { n });
            undo.hidden = false;
            deletion = { rows, fields, timer: setTimeout(finishDeletion, UNDO_MS) };
            for (const row of rows) row.querySelector('.select').checked = false;
            mode.checked = false;
            return show();
        }
        bar.setAttribute('aria-busy', 'true');
        const said = await send(fields);
        bar.removeAttribute('aria-busy');
        said ? words.textContent = said : clear();
    });
    // Another part of the page, like dragging, changes tasks too.
    addEventListener('change-tasks', async event => {
        const said = await send(event.detail);
        if (!said) return clear();
        words.textContent = said;
        bar.classList.add('open');
    });
    undo.querySelector('button').addEventListener('click', undoDeletion);
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
    addEventListener('pagehide', () => finishDeletion(true));
    // A browser restores the boxes of a page that was left.
    addEventListener('pageshow', show);
}
