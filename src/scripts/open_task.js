// @ts-check
// A task opens in a panel beside its list, or on its own page. Its fields are saved as they're left.
{
    const UNREACHABLE = 'The server is unreachable. Nothing was saved';
    const panel = document.querySelector('#task-panel');
    /** The row whose task is open, which has the focus again afterwards. @type {HTMLElement | null} */
    let row = null;
    /** The address of the list. */
    let list = '';
    const opened = () => document.querySelector('#open-task');
    const form = () => {
        const found = opened()?.querySelector('.open-fields');
        return found instanceof HTMLFormElement ? found : null;
    };
    /** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */
    /** @param {HTMLFormElement} within */
    const fieldsOf = within => /** @type {Field[]} */ ([...within.querySelectorAll('textarea, input[type=date], select')]);
    /** What a field had when the server sent it. @param {Field} field */
    const stored = field => field instanceof HTMLSelectElement
        ? [...field.options].find(option => option.defaultSelected)?.value ?? field.options[0]?.value ?? ''
        : field.defaultValue;
    /** @param {Field} field */
    const isChanged = field => field.value.replaceAll('\r', '') !== stored(field).replaceAll('\r', '');
    /** @param {string} text */
    const complain = text => {
        const alert = form()?.querySelector('.alert');
        if (!(alert instanceof HTMLElement)) return;
        alert.textContent = text;
        alert.hidden = !text;
    };
    /** @param {string} id */
    const load = async id => {
        const response = await fetch('/api/ui/open_task?id=' + id);
        return { ok: response.ok, answer: await response.json() };
    };
    /**
     * Shows what the server has now. Fields that the user is changing keep what was typed.
     * @param {string} html
     */
    const show = html => {
        const fresh = document.createElement('template');
        fresh.innerHTML = html;
        const changed = form() && fieldsOf(/** @type {HTMLFormElement} */ (form())).filter(field => isChanged(field) || field === document.activeElement);
        const before = opened();
        const after = fresh.content.querySelector('#open-task');
        if (!before || !after) return;
        for (const field of changed || []) {
            const other = /** @type {Field | null} */ (after.querySelector(`[name=${field.name}]`));
            if (!other) continue;
            if (field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement) {
                const was = field.defaultValue;
                // It would lose the selection of a field that nobody has changed.
                if (was === stored(other)) continue;
                field.defaultValue = stored(other);
                if (isChanged(field)) complain(say('Someone changed this task while you were editing. Saving replaces it with your version below.'));
            }
        }
        if (changed?.length) return;
        before.replaceWith(after);
    };
    const refresh = async () => {
        const id = opened()?.getAttribute('data-task');
        if (!id) return;
        try {
            const { ok, answer } = await load(id);
            if (id !== opened()?.getAttribute('data-task')) return;
            row?.setAttribute('aria-current', 'true');
            if (ok && answer) show(answer);
            else complain(say('This task was deleted, or is no longer shared with you. What you typed is still here.'));
        } catch {
            // Offline: the list says so, and fetches again.
        }
    };
    /**
     * Saves a field that was changed; what was there before is one Undo away.
     * @param {Field} field
     */
    const save = async field => {
        const id = opened()?.getAttribute('data-task');
        if (!id || !isChanged(field)) return;
        if (field.name === 'title' && !field.value.trim()) { field.value = stored(field); return; }
        const title = opened()?.querySelector('.open-title');
        const [before, value] = [stored(field), field.name === 'title' ? field.value.replace(/\s+/g, ' ') : field.value];
        /** @param {string} text */
        const fields = text => Object.entries({ id, title: 'x', [field.name]: text, only: field.name });
        const said = await postForm('/api/ui/update_task', fields(value), say(UNREACHABLE));
        complain(said);
        if (said) return;
        if (!(field instanceof HTMLSelectElement)) field.defaultValue = value;
        else for (const option of field.options) option.defaultSelected = option.value === value;
        const name = title instanceof HTMLTextAreaElement ? title.value : '';
        window.offerUndo('edit', say('Saved “{title}”', { title: name }), [['/api/ui/update_task', fields(before)]]);
        dispatchEvent(new Event('tasks-changed'));
        await refresh();
    };
    /** @param {boolean} isBack */
    const close = async isBack => {
        if (!(panel instanceof HTMLElement) || panel.hidden) return;
        const active = document.activeElement;
        if (active instanceof HTMLTextAreaElement || active instanceof HTMLInputElement) active.blur();
        panel.hidden = true;
        document.body.classList.remove('has-panel');
        if (!isBack) history.pushState(null, '', list);
        row?.removeAttribute('aria-current');
        if (row?.isConnected) row.focus();
    };
    /** @param {HTMLElement} of */
    const open = async of => {
        if (!(panel instanceof HTMLElement)) return;
        const id = of.id.replace('task-', '');
        try {
            const { ok, answer } = await load(id);
            if (!ok || !answer) throw new Error('gone');
            const content = element('.panel-content', HTMLElement, panel);
            content.innerHTML = answer;
            if (panel.hidden) list = location.href;
            row?.removeAttribute('aria-current');
            row = of;
            row.setAttribute('aria-current', 'true');
            panel.hidden = false;
            document.body.classList.add('has-panel');
            history[location.href === list ? 'pushState' : 'replaceState'](null, '', '/tasks/' + id);
            element('.panel-close', HTMLElement, panel).focus();
        } catch {
            location.href = '/tasks/' + id;
        }
    };
    if (panel instanceof HTMLElement) {
        element('.panel-close', HTMLElement, panel).addEventListener('click', () => void close(false));
        addEventListener('popstate', () => void close(true));
        document.addEventListener('click', event => {
            const { target } = event;
            if (!(target instanceof Element) || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
            const clicked = target.closest('.task');
            const isTitle = target.closest('.task-title');
            if (!(clicked instanceof HTMLElement) || !clicked.id || !isTitle && target.closest('a, button, input, select, textarea, label, form, [popover]')) return;
            // Text that was selected by the mouse is for copying.
            if (!isTitle && String(getSelection())) return;
            event.preventDefault();
            void open(clicked);
        });
        onKey(['Enter'], target => target instanceof HTMLElement && target.matches('.task') && open(target));
        // The lists keep their rows up to date: when the open one changes or goes, the panel follows.
        /** @type {number | undefined} */
        let timer;
        new MutationObserver(changes => {
            if (panel.hidden || !row || row.isConnected && !changes.some(({ target }) => target === row?.parentElement || row?.contains(target))) return;
            clearTimeout(timer);
            timer = setTimeout(refresh, 100);
        }).observe(element('#main', HTMLElement), { subtree: true, childList: true, characterData: true, attributeFilter: ['class', 'datetime'] });
        // What the row can do, it does: with Undo, and shown at once.
        panel.addEventListener('submit', event => {
            const button = event.submitter;
            const of = row?.isConnected && row.querySelector(button?.matches('.check') ? '.check' : '[value=delete_task]');
            if (!(of instanceof HTMLElement) || !button?.matches('.check, .delete')) return;
            event.preventDefault();
            of.click();
            if (button.matches('.delete')) void close(false);
        });
    }
    document.addEventListener('click', ({ target }) => {
        if (!(target instanceof Element) || target.closest('a')) return;
        if (!target.closest('.open-fields .formatted')) return;
        const within = form();
        const text = within?.querySelector('#open-description');
        within?.classList.add('editing');
        if (text instanceof HTMLElement) text.focus();
    });
    document.addEventListener('focusout', ({ target }) => {
        const within = form();
        if (!within || !(target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) || !within.contains(target)) return;
        within.classList.remove('editing');
        void save(target);
    });
    document.addEventListener('change', ({ target }) => {
        if (form()?.contains(/** @type {Node} */ (target)) && target instanceof HTMLSelectElement) void save(target);
    });
    /** @param {Element} target */
    const leave = target => target instanceof HTMLElement && (target.blur(), true);
    onKeyIn('#open-title', ['Enter'], leave);
    onKeyIn('.open-fields', ['Ctrl+Enter'], leave);
    onKeyIn('#task-panel', ['Escape'], () => close(false));
}
