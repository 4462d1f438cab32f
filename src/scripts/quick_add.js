// @ts-check
// The boxes that add a task written in one line. The server alone reads the line: while somebody types, the box marks the words that
// were recognised, and the text below it says what the task would be. Backspace behind recognised words makes them plain words.
/**
 * How the server understands a line. crates/model/src/quick_add.rs
 * @typedef {{ words: string, title: string, marks: [start: number, end: number][] }} LinePreview
 */
{
    // Can't be seen, and no title keeps it. Behind recognised words it makes them plain. crates/model/src/quick_add.rs
    const LITERAL = '\u2060';

    /** @param {HTMLFormElement} form */
    const startBox = form => {
        const text = element('[name=text]', HTMLInputElement, form);
        const words = element('[role=status]', HTMLElement, form);
        const day = form.querySelector('[type=date]');
        const hint = words.textContent;
        const marks = document.createElement('div');
        marks.className = 'marks';
        marks.ariaHidden = 'true';
        text.before(marks);
        /** @type {{ line: string, marks: LinePreview['marks'] }} */
        let marked = { line: '', marks: [] };
        let asked = 0;
        /** @type {number | undefined} */
        let timer;

        /** @param {string} [said] */
        const show = said => { words.textContent = said || hint; };
        const align = () => { marks.scrollLeft = text.scrollLeft; };
        /** @param {LinePreview['marks']} ranges */
        const mark = ranges => {
            const line = text.value;
            marked = { line, marks: ranges };
            let from = 0;
            const parts = ranges.flatMap(([start, end]) => {
                const part = document.createElement('mark');
                part.textContent = line.slice(start, end);
                const before = line.slice(from, start);
                from = end;
                return [before, part];
            });
            // The space at the end is where the caret may be.
            marks.replaceChildren(...parts, line.slice(from) + ' ');
            align();
        };
        /** Begins something whose answer is shown unless something else begins. */
        const begin = () => {
            clearTimeout(timer);
            return ++asked;
        };
        const preview = async () => {
            const mine = begin();
            const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
            try {
                const response = await fetch('/api/ui/quick_add_preview?' + new URLSearchParams(fields));
                const answer = await response.json();
                if (mine !== asked) return;
                show(response.ok ? answer.words : sayError(answer));
                if (!response.ok) return;
                mark(answer.marks);
                form.dataset.title = answer.title;
            } catch {
                if (mine === asked) show(say('The server is unreachable'));
            }
        };
        const changed = () => {
            begin();
            delete form.dataset.title;
            // What is before the change stays marked.
            mark(marked.marks.filter(([, end]) => text.value.startsWith(marked.line.slice(0, end))));
            if (text.value || day instanceof HTMLInputElement && day.value) timer = setTimeout(preview, 150);
            else show();
        };
        text.addEventListener('input', changed);
        text.addEventListener('scroll', align);
        text.addEventListener('beforeinput', event => {
            const at = text.selectionStart ?? 0;
            if (event.inputType !== 'deleteContentBackward' || at !== text.selectionEnd) return;
            const isPlain = text.value[at - 1] === LITERAL;
            const isMarked = marked.line === text.value && marked.marks.some(([, end]) => end === at);
            if (!isPlain && !isMarked) return;
            event.preventDefault();
            if (isPlain) text.setRangeText('', Math.max(at - 2, 0), at, 'end');
            else text.setRangeText(LITERAL, at, at, 'end');
            changed();
        });
        if (day instanceof HTMLInputElement) startPicker(form, text, day, changed);
        return {
            text,
            show,
            begin,
            isLast: (/** @type {number} */ mine) => mine === asked,
            /** Without a preview, which would replace what is said. */
            set: (/** @type {string} */ line) => {
                begin();
                text.value = line;
                mark([]);
            },
        };
    };

    /**
     * The button that opens the browser's calendar, instead of its field.
     * @param {HTMLFormElement} form
     * @param {HTMLInputElement} text
     * @param {HTMLInputElement} day
     * @param {() => void} changed
     */
    const startPicker = (form, text, day, changed) => {
        const button = element('.pick-day', HTMLButtonElement, form);
        /** @type {string[]} */
        let sent = [];
        const update = () => {
            button.ariaPressed = String(Boolean(day.value));
            changed();
        };
        button.hidden = false;
        day.classList.add('picked-by-button');
        day.tabIndex = -1;
        button.addEventListener('click', () => {
            try {
                day.showPicker();
            } catch {
                day.classList.remove('picked-by-button');
                day.focus();
            }
        });
        day.addEventListener('input', update);
        // The island empties the line when it sends it, and fills it again if the task wasn't added: so does the day.
        form.addEventListener('submit', () => { sent = [text.value, day.value]; });
        text.addEventListener('input', ({ isTrusted }) => {
            if (isTrusted || text.value && text.value !== sent[0]) return;
            day.value = text.value && sent[1];
            update();
        });
    };

    const popover = element('#quick-add', HTMLElement);
    const form = element('form', HTMLFormElement, popover);
    const box = startBox(form);
    for (const other of elements('[data-quick-add]', HTMLFormElement)) startBox(other);
    /**
     * The line that is being sent, and those that wait for it.
     * @type {string[]}
     */
    const lines = [];
    /**
     * Whether the line was added.
     * @param {string} line
     */
    const send = async line => {
        const mine = box.begin();
        let said, ok = false;
        try {
            const response = await fetch('/api/ui/quick_add', { method: 'POST', body: new URLSearchParams({ text: line }) });
            const answer = await response.json();
            ok = response.ok;
            said = ok ? answer.said : sayError(answer);
        } catch {
            said = say('The server is unreachable. Nothing was added');
        }
        // A later question has a later answer; but that a line was not added has to be seen, whatever is answered after it.
        if (!box.isLast(mine) && ok) return ok;
        box.begin();
        box.show(said);
        return ok;
    };
    onKey(['n'], () => popover.showPopover());
    popover.addEventListener('toggle', event => { if (event.newState === 'open') box.show(); });
    form.addEventListener('submit', async event => {
        event.preventDefault();
        lines.push(box.text.value);
        box.set('');
        if (lines.length > 1) return;
        while (lines.length && await send(lines[0])) lines.shift();
        // Text that wasn't added comes back, before text typed since.
        if (lines.length) box.set([...lines.splice(0), box.text.value].join(' ').trimEnd());
    });
    if (matchMedia('(display-mode: standalone)').matches) void import('/app.js');
}
