{
    const card = document.getElementById('keyboard');
    const box = card.querySelector('input');
    card.hidden = false;
    box.checked = localStorage.keys !== 'off';
    box.addEventListener('change', () => {
        if (box.checked) localStorage.removeItem('keys');
        else localStorage.keys = 'off';
        location.reload();
    });
}
