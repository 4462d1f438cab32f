{
    // Shows how far the upload of a form with a file is. Without script the browser sends the form itself.
    const show = (form, words, part) => {
        let place = form.querySelector('.upload');
        if (!place) {
            place = document.createElement('div');
            place.className = 'upload';
            place.append(document.createElement('progress'), document.createElement('p'));
            place.querySelector('p').setAttribute('role', 'status');
            form.append(place);
        }
        const bar = place.querySelector('progress');
        bar.hidden = part === undefined;
        bar.setAttribute('aria-label', say('Upload'));
        // Without a value the bar shows that something goes on.
        part < 1 ? bar.value = part : bar.removeAttribute('value');
        place.querySelector('p').textContent = words;
    };
    document.addEventListener('submit', event => {
        const form = event.target;
        if (form.enctype !== 'multipart/form-data') return;
        event.preventDefault();
        if (form.getAttribute('aria-busy')) return;
        form.setAttribute('aria-busy', 'true');
        const fail = words => {
            form.removeAttribute('aria-busy');
            show(form, `${words} ${say('Send the file once more: what is here already is not added again.')}`);
        };
        const request = new XMLHttpRequest();
        request.open('POST', form.getAttribute('action'));
        request.responseType = 'document';
        show(form, say('Sending the file.'), 0);
        request.upload.onprogress = ({ loaded, total }) =>
            show(form, say('Sending the file: {n} %', { n: Math.floor(loaded / total * 100) }), Math.min(loaded / total, .99));
        request.upload.onload = () => show(form, say('The server reads the file.'), 1);
        request.onerror = () => fail(say('The connection broke off.'));
        request.onload = () => {
            const page = request.response?.querySelector('main');
            if (!page) return fail(say('The server did not understand the file.'));
            document.querySelector('main').replaceWith(document.adoptNode(page));
            document.title = request.response.title;
            scrollTo(0, 0);
            page.querySelector('h1')?.focus();
        };
        request.send(new FormData(form, event.submitter));
    });
}
