// @ts-check
{
    /** @typedef {{ id: string, text: string, path: string | null }} News */
    const bell = element('#bell', HTMLAnchorElement);
    const count = element('.bell-count', HTMLElement, bell);
    const news = element('#news', HTMLElement);
    // The newest notification that this tab knows: what is older is not shown again on the next page.
    const KEY = 'newest-notification';
    /**
     * @param {News} newest
     * @param {boolean} isForBrowser
     */
    const show = (newest, isForBrowser) => {
        const known = sessionStorage.getItem(KEY);
        sessionStorage.setItem(KEY, newest.id);
        // Ids sort by time. What was there before the tab was opened is not new.
        if (known === null || newest.id <= known) return;
        if (document.hidden) {
            if (!isForBrowser || !('Notification' in window) || Notification.permission !== 'granted') return;
            // The tag: several tabs show it once.
            const note = new Notification('Tallyboard', { body: newest.text, tag: newest.id });
            note.onclick = () => { window.focus(); location.href = newest.path || bell.href; };
            return;
        }
        const toast = document.createElement('div');
        toast.className = 'toast';
        const link = document.createElement('a');
        link.href = newest.path || bell.href;
        link.textContent = newest.text;
        const close = document.createElement('button');
        close.className = 'quiet';
        close.textContent = '×';
        close.setAttribute('aria-label', say('Close'));
        close.onclick = () => toast.remove();
        toast.append(link, close);
        news.replaceChildren(toast);
    };
    let asking = false, again = false;
    const refresh = async () => {
        // Offline, a request would only add an error to the console.
        if (!navigator.onLine) return;
        if (asking) { again = true; return; }
        asking = true;
        try {
            const response = await fetch(bell.dataset.unread ?? '');
            if (response.ok) {
                const unread = await response.json();
                count.hidden = !unread.count;
                count.textContent = unread.count > 99 ? '99+' : unread.count;
                if (unread.newest) show(unread.newest, unread.in_browser);
                else if (sessionStorage.getItem(KEY) === null) sessionStorage.setItem(KEY, '');
            }
        } catch {
            // Offline: the next time.
        }
        asking = false;
        if (again) { again = false; void refresh(); }
    };
    // From the socket of the page, where it has one; other pages ask.
    addEventListener('notification', refresh);
    addEventListener('online', refresh);
    document.addEventListener('visibilitychange', () => { if (!document.hidden) void refresh(); });
    setInterval(refresh, 30000);
    void refresh();
}
