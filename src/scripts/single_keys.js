// @ts-check
// The choice whether single keys act, of this browser.
{
    const card = element('#keyboard', HTMLElement);
    const box = element('input', HTMLInputElement, card);
    card.hidden = false;
    box.checked = localStorage.keys !== 'off';
    box.addEventListener('change', () => {
        if (box.checked) localStorage.removeItem('keys');
        else localStorage.keys = 'off';
        location.reload();
    });
}
