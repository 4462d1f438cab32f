{
    const button = document.getElementById('kiosk');
    const load = () => import('/kiosk.js');
    // Without a connection the page stays as it is.
    const toggle = () => load().then(kiosk => kiosk.toggle(), () => {});
    button.hidden = false;
    button.onclick = toggle;
    document.addEventListener('keydown', event => {
        if (event.key !== 'f' || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
        if (event.target.closest('input, textarea, select') || document.querySelector('[popover]:popover-open')) return;
        toggle();
    });
    if (document.querySelector('[data-kiosk]')) load();
}
