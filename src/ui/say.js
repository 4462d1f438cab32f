// `say`, for the scripts of every page: a text in the language of the page, with values at its {names}. An English page has no
// `texts`.
function say(english, values = {}) {
    const text = (window.texts && texts[english]) || english;
    return text.replace(/{(\w+)}/g, (_, name) => values[name]);
}
