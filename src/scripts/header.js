// @ts-check
// The header: how much is due at Today, and the account menu's theme and shortcuts.
{
    const due = element('#due', HTMLElement);
    const number = element('b', HTMLElement, due);
    /** @param {number} count */
    const show = count => {
        due.hidden = !count;
        number.textContent = count > 99 ? '99+' : String(count);
    };
    let asking = false, again = false;
    const refresh = async () => {
        // Offline, a request would only add an error to the console.
        if (!navigator.onLine) return;
        if (asking) { again = true; return; }
        asking = true;
        try {
            const response = await fetch(due.dataset.address ?? '');
            if (response.ok) {
                sessionStorage.due = await response.json();
                show(Number(sessionStorage.due));
            }
        } catch {
            // Offline: the next time.
        }
        asking = false;
        if (again) { again = false; void refresh(); }
    };
    // What this tab knew last: the header does not move on every page.
    show(Number(sessionStorage.due ?? 0));
    addEventListener('task-event', refresh);
    addEventListener('tasks-changed', refresh);
    addEventListener('online', refresh);
    document.addEventListener('visibilitychange', () => { if (!document.hidden) void refresh(); });
    void refresh();

    const menu = element('#account-menu', HTMLElement);
    const themes = element('#themes', HTMLElement, menu);
    const buttons = elements('#themes button', HTMLButtonElement);
    const press = () => {
        for (const button of buttons) button.ariaPressed = String(button.dataset.theme === (localStorage.theme ?? ''));
    };
    themes.hidden = false;
    themes.addEventListener('click', ({ target }) => {
        if (!(target instanceof HTMLButtonElement)) return;
        const { theme } = target.dataset;
        if (theme) localStorage.theme = theme;
        else localStorage.removeItem('theme');
        showTheme();
        press();
    });
    press();
    const openKeys = element('#open-keys', HTMLButtonElement, menu);
    const showKeys = () => {
        menu.hidePopover();
        element('#keys', HTMLDialogElement).showModal();
    };
    openKeys.hidden = false;
    openKeys.addEventListener('click', showKeys);
    onKey(['?'], showKeys);
}
