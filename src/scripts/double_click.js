// @ts-check
// A row that leaves lets the next one slide under the pointer. The second click of a double click isn't meant for that one, nor to take back what the first did.
{
    const MAX_MS = 400;
    const MAX_PIXELS = 6;
    /** @type {{ id: string, x: number, y: number, time: number } | undefined} */
    let last;
    addEventListener('click', event => {
        const row = event.target instanceof Element && event.target.closest('.task');
        // A click by the keyboard has no place.
        if (!row || !event.detail) return;
        const { clientX: x, clientY: y, timeStamp: time } = event;
        const isSecond = last && time - last.time < MAX_MS && Math.hypot(x - last.x, y - last.y) < MAX_PIXELS;
        // A completed row stays a moment; the second click would reopen it.
        const isIgnored = isSecond && (last?.id !== row.id || event.target instanceof Element && event.target.closest('.check'));
        const other = isIgnored ? last?.id : undefined;
        if (other !== undefined) {
            event.preventDefault();
            event.stopImmediatePropagation();
        }
        last = { id: other ?? row.id, x, y, time };
    }, true);
}
