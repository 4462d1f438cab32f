// @ts-check
// The keys of the lists of tasks: they move the focus from row to row and press the row's own buttons.
{
    const ROW = '.task';
    /**
     * @param {Element} from
     * @param {boolean} isAfter
     */
    const step = (from, isAfter) => (isAfter ? from.nextElementSibling : from.previousElementSibling);
    /**
     * The row after this one or before it, in whichever list of the page it is.
     * @param {Element} row
     * @param {boolean} isAfter
     */
    const beside = (row, isAfter) => {
        const near = step(row, isAfter);
        if (near) return near;
        let day = row.closest('.day');
        while (day) {
            day = step(day, isAfter);
            const found = day?.querySelector(isAfter ? ROW : `${ROW}:last-child`);
            if (found) return found;
        }
        return null;
    };
    /** @param {Element | null | undefined} found */
    const focus = found => found instanceof HTMLElement && (found.focus(), true);
    /** @param {Element | null | undefined} found */
    const press = found => found instanceof HTMLElement && (found.click(), true);

    onKey(['j', 'ArrowDown'], (target, { key }) => {
        const row = target.closest(ROW);
        // Without a row the arrows scroll.
        return focus(row ? beside(row, true) : key === 'j' && document.querySelector(ROW) || null);
    });
    onKey(['k', 'ArrowUp'], target => {
        const row = target.closest(ROW);
        return focus(row && beside(row, false));
    });
    // What is selected comes first.
    onKey(['c'], target => {
        const isSelected = document.querySelector(`${ROW}:not([hidden]) .select:checked`);
        return press(isSelected ? document.querySelector('#selection [value=complete]') : target.closest(ROW)?.querySelector('.check'));
    });
    onKey(['e'], target => press(target.closest(ROW)?.querySelector('.edit')));
    onKey(['t'], target => press(target.closest(ROW)?.querySelector('.move')));
    onKey(['/'], () => focus(document.querySelector('#q')));
}
