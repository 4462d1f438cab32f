// Forms with data-passkey: a device makes a passkey ("create") or signs with one ("get") before the form is sent.
document.querySelectorAll('form[data-passkey]').forEach(form => {
    // Old browsers have no passkeys, and none does on a page without https.
    if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
    const creates = form.dataset.passkey === 'create';
    const { state, credential, password } = form.elements;
    const alert = form.querySelector('[role=alert]');
    form.hidden = false;
    document.getElementById('no-passkeys')?.remove();
    // What the server answers; an error of its says why.
    const ask = async () => {
        const body = creates && JSON.stringify({ password: password?.value });
        const options = body ? { method: 'POST', headers: { 'content-type': 'application/json' }, body } : {};
        const response = await fetch(form.dataset.options, options).catch(() => {
            throw new Error(say('The server is unreachable'));
        });
        const answer = await response.json();
        if (response.ok) return answer;
        throw new Error(sayError(answer));
    };
    const words = error => ({
        AbortError: say('It was cancelled, or took too long'),
        NotAllowedError: say('It was cancelled, or took too long'),
        InvalidStateError: say('This device already has a passkey for this account'),
        SecurityError: say('This address does not support passkeys'),
    })[error.name] || error.message;
    form.addEventListener('submit', async event => {
        event.preventDefault();
        const button = form.querySelector('button');
        button.disabled = true;
        alert.hidden = true;
        try {
            const answer = await ask();
            const publicKey = PublicKeyCredential[creates ? 'parseCreationOptionsFromJSON' : 'parseRequestOptionsFromJSON'](answer.options);
            const made = await navigator.credentials[form.dataset.passkey]({ publicKey });
            state.value = answer.state;
            credential.value = JSON.stringify(made.toJSON());
            // It was needed for the options alone.
            if (password) password.disabled = true;
            form.submit();
        } catch (error) {
            button.disabled = false;
            alert.hidden = false;
            alert.textContent = words(error);
        }
    });
});
