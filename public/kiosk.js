// @ts-check
// The full screen of the dashboard: the numbers alone. Loaded when it is asked for, by src/scripts/kiosk_button.js.
const page = element('.dashboard', HTMLElement);
const button = element('#kiosk', HTMLButtonElement);
/** @type {WakeLockSentinel | undefined | void} */
let lock;

const isOn = () => page.hasAttribute('data-kiosk');

// A browser that has no wake lock, or is low on power, says no: the screen then sleeps as it always does.
const stayAwake = async () => {
    if (isOn() && document.visibilityState === 'visible') lock = await navigator.wakeLock?.request('screen').catch(() => {});
};

/** @param {boolean} on */
const show = on => {
    page.toggleAttribute('data-kiosk', on);
    button.textContent = on ? say('Leave full screen') : say('Full screen');
    const address = new URL(location.href);
    if (on) address.searchParams.set('kiosk', '');
    else address.searchParams.delete('kiosk');
    history.replaceState(history.state, '', address);
    if (on) void stayAwake();
    else void lock?.release();
};

export const toggle = () => {
    show(!isOn());
    if (isOn()) document.documentElement.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) void document.exitFullscreen();
};

const dim = () => {
    const hour = new Date().getHours();
    page.toggleAttribute('data-night', hour >= 22 || hour < 6);
};

// Escape leaves the full screen without asking the page.
document.addEventListener('fullscreenchange', () => { if (!document.fullscreenElement) show(false); });
document.addEventListener('visibilitychange', stayAwake);
setInterval(dim, 60_000);
dim();
void stayAwake();
