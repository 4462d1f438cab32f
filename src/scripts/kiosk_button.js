// @ts-check
{
    const button = element('#kiosk', HTMLButtonElement);
    const load = () => import('/kiosk.js');
    // Without a connection the page stays as it is.
    const toggle = () => void load().then(kiosk => kiosk.toggle(), () => {});
    button.hidden = false;
    button.addEventListener('click', toggle);
    onKey(['f'], toggle);
    if (document.querySelector('[data-kiosk]')) void load();
}
