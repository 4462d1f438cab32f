{
    const button = document.getElementById('kiosk');
    const load = () => import('/kiosk.js');
    // Without a connection the page stays as it is.
    const toggle = () => load().then(kiosk => kiosk.toggle(), () => {});
    button.hidden = false;
    button.onclick = toggle;
    onKey(['f'], () => void toggle());
    if (document.querySelector('[data-kiosk]')) load();
}
