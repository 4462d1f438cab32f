// @ts-check
{
    // Shows how far the upload of a form with a file is. Without script the browser sends the form itself.
    /** @param {HTMLFormElement} form */
    const placeIn = form => {
        const known = form.querySelector('.upload');
        if (known) return known;
        const place = document.createElement('div');
        place.className = 'upload';
        const words = document.createElement('p');
        words.setAttribute('role', 'status');
        place.append(document.createElement('progress'), words);
        form.append(place);
        return place;
    };
    /**
     * @param {HTMLFormElement} form
     * @param {string} words
     * @param {number} [part] Which part of the file is sent; without it there is no bar, from 1 on the bar has no value.
     */
    const show = (form, words, part) => {
        const place = placeIn(form);
        const bar = element('progress', HTMLProgressElement, place);
        bar.hidden = part === undefined;
        bar.setAttribute('aria-label', say('Upload'));
        // Without a value the bar shows that something goes on.
        if (part !== undefined && part < 1) bar.value = part;
        else bar.removeAttribute('value');
        element('p', HTMLElement, place).textContent = words;
    };
    document.addEventListener('submit', event => {
        const form = event.target;
        if (!(form instanceof HTMLFormElement) || form.enctype !== 'multipart/form-data') return;
        event.preventDefault();
        if (form.getAttribute('aria-busy')) return;
        form.setAttribute('aria-busy', 'true');
        /** @param {string} words */
        const fail = words => {
            form.removeAttribute('aria-busy');
            show(form, `${words} ${say('Send the file once more: what is here already is not added again.')}`);
        };
        const request = new XMLHttpRequest();
        request.open('POST', form.getAttribute('action') ?? '');
        request.responseType = 'document';
        show(form, say('Uploading the file…'), 0);
        request.upload.onprogress = ({ loaded, total }) =>
            show(form, say('Uploading the file: {n} %', { n: Math.floor(loaded / total * 100) }), Math.min(loaded / total, .99));
        request.upload.onload = () => show(form, say('Reading the file…'), 1);
        request.onerror = () => fail(say('The connection was lost.'));
        request.onload = () => {
            /** @type {Document | null} */
            const answer = request.response;
            const page = answer?.querySelector('main');
            if (!answer || !page) return fail(say('The server was unable to read the file.'));
            element('main', HTMLElement).replaceWith(document.adoptNode(page));
            document.title = answer.title;
            scrollTo(0, 0);
            page.querySelector('h1')?.focus();
        };
        request.send(new FormData(form, event.submitter));
    });
}
