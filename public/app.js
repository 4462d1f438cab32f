// @ts-check
// What the installed app adds to the pages: it opens without a connection (sw.js), keeps tasks that are added offline until
// they are sent, and shows on its icon how many tasks are overdue.

/**
 * A task that waits: how it was written, the fields of its form, by whom and when, with the key of its first attempt; why the server
 * refused it. Older versions kept no fields.
 * @typedef {{ text: string, fields?: string, key: string, user: string | undefined, written: number, error?: string }} Item
 */

export {};

const ADD = '/api/ui/quick_add';
const QUEUE = 'waiting-tasks';
const RETRY_MS = 30000;
// As long as the server knows the key of a task.
const MAX_WAIT = 30 * 24 * 3600 * 1000;

void navigator.serviceWorker?.register('/sw.js');

const box = document.querySelector('#quick-add');
if (box instanceof HTMLElement) start(box);

/** @param {HTMLElement} form */
function start(form) {
    const list = document.createElement('ul');
    list.className = 'waiting';
    list.setAttribute('aria-label', say('Waiting to be sent'));
    form.append(list);
    const count = document.createElement('span');
    count.className = 'bell-count';
    element('.quick-add-button', HTMLElement).append(count);

    /** @returns {Item[]} */
    const all = () => JSON.parse(localStorage.getItem(QUEUE) || '[]');
    /** @param {Item[]} items */
    const save = items => localStorage.setItem(QUEUE, JSON.stringify(items));
    // Somebody else may have signed in on this device: what waits is sent by who wrote it.
    const { user } = form.dataset;
    const mine = () => all().filter(item => item.user === user);

    const show = () => {
        const items = mine();
        count.hidden = !items.length;
        count.textContent = String(items.length);
        list.replaceChildren(...items.map(item => {
            const row = document.createElement('li');
            const words = document.createElement('span');
            words.textContent = item.text + (item.error ? `: ${item.error}` : say(' is waiting for a connection'));
            const remove = document.createElement('button');
            remove.className = 'quiet';
            remove.textContent = say('Remove');
            remove.setAttribute('aria-label', say('Remove {text}', { text: item.text }));
            remove.onclick = () => { forget(item); show(); };
            row.append(words, remove);
            return row;
        }));
    };
    /** @param {Item} item */
    const forget = ({ key }) => save(all().filter(item => item.key !== key));

    /** @param {Item} item */
    const post = ({ text, fields, key, written }) => {
        // How long it waited, and not when it was written: the clock of this device may be wrong.
        const waited = Math.max(0, Math.round((Date.now() - written) / 1000));
        const headers = { 'idempotency-key': key, 'x-waited-seconds': String(waited) };
        return ask(ADD, { method: 'POST', headers, body: new URLSearchParams(fields ?? { text }) });
    };

    // The script of the form posts a task like this. What does not arrive is kept with the key of this attempt, which may have
    // reached the server: the task is added once.
    const ask = window.fetch.bind(window);
    window.fetch = async (address, options) => {
        const sent = address === ADD && options?.body instanceof URLSearchParams && options.body;
        const text = sent && sent.get('text');
        if (!text) return ask(address, options);
        const item = { text, fields: String(sent), key: crypto.randomUUID(), user, written: Date.now() };
        try {
            return await post(item);
        } catch {
            save([...all(), item]);
            show();
            return Response.json({ said: say('Saved here. It will be sent when you are back online') });
        }
    };

    const send = async () => {
        for (const item of mine().filter(({ error }) => !error)) {
            // After that the server may have forgotten that it has the task already.
            if (Date.now() - item.written > MAX_WAIT) {
                const error = say('waited for more than 30 days; add it again if it still needs doing');
                save(all().map(other => (other.key === item.key ? { ...other, error } : other)));
                show();
                continue;
            }
            const answer = await post(item);
            // Later: not signed in, too much, or the first attempt is still at work.
            if ([401, 409, 429].includes(answer.status) || answer.status >= 500) return;
            if (answer.ok) forget(item);
            else {
                const { error } = await answer.json();
                save(all().map(other => (other.key === item.key ? { ...other, error } : other)));
            }
            show();
            dispatchEvent(new Event('tasks-changed'));
        }
    };
    const connect = async () => {
        try {
            // A kept page may be that of somebody who is signed out.
            const me = await fetch('/api/auth/me');
            if (!me.ok || (await me.json()).id !== user) return;
            // One tab at a time.
            await navigator.locks.request(QUEUE, send);
            const overdue = await fetch('/api/tasks?due=overdue&status=pending&access=change&limit=100');
            if (overdue.ok) {
                const { length } = (await overdue.json()).items;
                await (length ? navigator.setAppBadge?.(length) : navigator.clearAppBadge?.());
            }
        } catch {
            // No connection: the next time.
        }
    };
    show();
    addEventListener('online', connect);
    addEventListener('tasks-changed', () => setTimeout(connect));
    document.addEventListener('visibilitychange', () => { if (!document.hidden) void connect(); });
    setInterval(() => { if (mine().some(item => !item.error)) void connect(); }, RETRY_MS);
    void connect();
}
