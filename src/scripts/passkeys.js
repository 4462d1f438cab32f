// @ts-check
// Forms with data-passkey: a device makes a passkey ("create") or signs with one ("get") before the form is sent.
// Old browsers have no passkeys, and none does on a page without https.
{
    const hasPasskeys = 'PublicKeyCredential' in window && 'parseRequestOptionsFromJSON' in PublicKeyCredential;
    for (const form of hasPasskeys ? elements('form[data-passkey]', HTMLFormElement) : []) {
        const creates = form.dataset.passkey === 'create';
        const state = element('[name=state]', HTMLInputElement, form);
        const credential = element('[name=credential]', HTMLInputElement, form);
        const password = form.querySelector('[name=password]');
        const problem = element('[role=alert]', HTMLElement, form);
        const button = element('button', HTMLButtonElement, form);
        form.hidden = false;
        document.querySelector('#no-passkeys')?.remove();
        /** What the server answers; an error of its says why. */
        const ask = async () => {
            const typed = password instanceof HTMLInputElement ? password.value : undefined;
            /** @type {RequestInit} */
            const options = creates
                ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ password: typed }) }
                : {};
            const response = await fetch(form.dataset.options ?? '', options).catch(() => {
                throw new Error(say('The server is unreachable'));
            });
            const answer = await response.json();
            if (response.ok) return answer;
            throw new Error(sayError(answer));
        };
        /**
         * What the device answers. A password manager in the browser answers a separate object, with the same methods.
         * @param {any} options
         */
        const askDevice = async options => /** @type {PublicKeyCredential} */ (creates
            ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
            : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }));
        /** @param {unknown} error */
        const words = error => {
            const { name, message } = error instanceof Error ? error : new Error(String(error));
            /** @type {Record<string, string>} */
            const known = {
                AbortError: say('It was cancelled, or took too long'),
                NotAllowedError: say('It was cancelled, or took too long'),
                InvalidStateError: say('This device already has a passkey for this account'),
                SecurityError: say('This address does not support passkeys'),
            };
            return known[name] || message;
        };
        form.addEventListener('submit', async event => {
            event.preventDefault();
            button.disabled = true;
            problem.hidden = true;
            try {
                const answer = await ask();
                const made = await askDevice(answer.options);
                state.value = answer.state;
                credential.value = JSON.stringify(made.toJSON());
                // It was needed for the options alone.
                password?.setAttribute('disabled', '');
                form.submit();
            } catch (error) {
                button.disabled = false;
                problem.hidden = false;
                problem.textContent = words(error);
            }
        });
    }
}
