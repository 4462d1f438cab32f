// @ts-check
// Puts a button before every element with `data-copy`, which names what is copied.
for (const text of navigator.clipboard ? elements('[data-copy]', HTMLElement) : []) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'quiet copy';
    button.textContent = say('Copy');
    button.setAttribute('aria-label', say('Copy: {what}', { what: text.dataset.copy ?? '' }));
    button.addEventListener('click', async () => {
        await navigator.clipboard.writeText(text.textContent);
        button.textContent = say('Copied');
        setTimeout(() => { button.textContent = say('Copy'); }, 2000);
    });
    text.before(button);
}
