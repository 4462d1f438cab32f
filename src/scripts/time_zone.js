// @ts-check
// The browser knows its time zone; without script it is UTC until the settings are changed.
element('[name=time_zone]', HTMLInputElement).value = Intl.DateTimeFormat().resolvedOptions().timeZone || '';
