{
    // Rows are dragged by the mouse onto the part of another day. Buttons and keys do the same without a mouse.
    const dayAt = event => event.target.closest('.day[data-day]');
    let dragged = [], from, over;
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
        const row = event.target.closest('.task');
        if (row) row.draggable = !!row.querySelector('.select') && !row.querySelector('.task-form');
    });
    document.addEventListener('dragstart', event => {
        const row = event.target;
        const box = row.matches?.('.task') && row.querySelector('.select');
        if (!box) return;
        const selected = [...document.querySelectorAll('.task:not([hidden]) .select:checked')];
        // All that is selected goes along.
        dragged = (selected.includes(box) ? selected : [box]).map(box => box.value);
        from = row.closest('.day');
        event.dataTransfer.effectAllowed = 'move';
        event.dataTransfer.setData('text/plain', row.querySelector('.task-title').textContent);
        document.body.classList.add('dragging');
    });
    document.addEventListener('dragover', event => {
        const day = dragged.length ? dayAt(event) : null;
        mark(day === from ? null : day);
        if (over) event.preventDefault();
    });
    document.addEventListener('drop', event => {
        if (!over) return;
        event.preventDefault();
        const ids = dragged.map(id => ['ids[]', id]);
        const fields = [...ids, ['action', 'move'], ['due_on', over.dataset.day]];
        end();
        dispatchEvent(new CustomEvent('change-tasks', { detail: fields }));
    });
    document.addEventListener('dragend', end);
}
