// @ts-check
{
    // Rows are dragged by the mouse onto the part of another day. Buttons and keys do the same without a mouse.
    /**
     * What is around the place of an event.
     * @param {Event} event
     * @param {string} selector
     */
    const around = ({ target }, selector) => {
        const found = target instanceof Element ? target.closest(selector) : null;
        return found instanceof HTMLElement ? found : null;
    };
    /** @type {string[]} */
    let dragged = [];
    /** @type {Element | null} */
    let from = null;
    /** @type {HTMLElement | null} */
    let over = null;
    /** @param {HTMLElement | null} day */
    const mark = day => {
        over?.classList.remove('drop');
        over = day;
        over?.classList.add('drop');
    };
    const end = () => {
        mark(null);
        dragged = [];
        document.body.classList.remove('dragging');
    };
    // Only a row that the user may change has a box; in an open form the mouse selects text.
    document.addEventListener('mouseover', event => {
        const row = around(event, '.task');
        if (row) row.draggable = !!row.querySelector('.select') && !row.querySelector('.task-form');
    });
    document.addEventListener('dragstart', event => {
        const row = event.target;
        const box = row instanceof HTMLElement && row.matches('.task') && row.querySelector('.select');
        if (!(box instanceof HTMLInputElement) || !(row instanceof HTMLElement) || !event.dataTransfer) return;
        const selected = elements('.task:not([hidden]) .select:checked', HTMLInputElement);
        // All that is selected goes along.
        dragged = (selected.includes(box) ? selected : [box]).map(({ value }) => value);
        from = row.closest('.day');
        event.dataTransfer.effectAllowed = 'move';
        event.dataTransfer.setData('text/plain', row.querySelector('.task-title')?.textContent ?? '');
        document.body.classList.add('dragging');
    });
    document.addEventListener('dragover', event => {
        const day = dragged.length ? around(event, '.day[data-day]') : null;
        mark(day === from ? null : day);
        if (over) event.preventDefault();
    });
    document.addEventListener('drop', event => {
        const day = over?.dataset.day;
        if (day === undefined) return;
        event.preventDefault();
        const fields = [...dragged.map(id => ['ids[]', id]), ['action', 'move'], ['due_on', day]];
        end();
        dispatchEvent(new CustomEvent('change-tasks', { detail: fields }));
    });
    document.addEventListener('dragend', end);
}
