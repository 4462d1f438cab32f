// The full screen of the dashboard: the numbers alone. Loaded when it is asked for, by src/statistics/kiosk.js.
const page = document.querySelector('.dashboard');
const button = document.getElementById('kiosk');
let lock;

const isOn = () => page.hasAttribute('data-kiosk');

// A browser that has no wake lock, or is low on power, says no: the screen then sleeps as it always does.
const stayAwake = async () => {
    if (isOn() && document.visibilityState === 'visible') lock = await navigator.wakeLock?.request('screen').catch(() => {});
};

const show = on => {
    page.toggleAttribute('data-kiosk', on);
    button.textContent = on ? say('Leave full screen') : say('Full screen');
    const address = new URL(location);
    on ? address.searchParams.set('kiosk', '') : address.searchParams.delete('kiosk');
    history.replaceState(history.state, '', address);
    on ? stayAwake() : lock?.release();
};

export const toggle = () => {
    show(!isOn());
    if (isOn()) document.documentElement.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) document.exitFullscreen();
};

const dim = () => {
    const hour = new Date().getHours();
    page.toggleAttribute('data-night', hour >= 22 || hour < 6);
};

// Escape leaves the full screen without asking the page.
document.addEventListener('fullscreenchange', () => document.fullscreenElement || show(false));
document.addEventListener('visibilitychange', stayAwake);
setInterval(dim, 60_000);
dim();
stayAwake();
