// For the scripts of every page. `say`: a text in the language of the page, with values at its {names}. An English page has no
// `texts`.
function say(english, values = {}) {
    const text = (window.texts && texts[english]) || english;
    return text.replace(/{(\w+)}/g, (_, name) => values[name]);
}
// What an answer with an error says: what went wrong, which input was wrong, what to do about it.
function sayError({ error, code, fields = {}, detail }) {
    if (code === 'UNAUTHORIZED') return say('You are signed out. Sign in in another tab, then try again');
    return [error, ...Object.values(fields), detail].filter(Boolean).join('. ');
}
