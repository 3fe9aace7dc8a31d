// Passkeys on the hosted pages. Without this script, or in a browser that knows no passkeys, the forms beside
// it work as they are, and what needs it stays hidden.
"use strict";

(() => {
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential || !navigator.credentials) return;

  const { passkey: purpose, options: optionsUrl } = form.dataset;
  const button = form.querySelector("button[data-start]");
  const problem = form.querySelector("[data-problem]");
  const RENEWED = 4 * 60 * 1000; // the server takes an answer for five minutes
  let waiting = null; // the autofill request that a click ends

  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");

  async function fetchOptions() {
    const body = new URLSearchParams({ csrf: form.elements.csrf.value });
    const response = await fetch(optionsUrl, { method: "POST", body });
    if (!response.ok || !response.headers.get("content-type")?.startsWith("application/json")) {
      throw new Error("no options");
    }
    const options = await response.json();
    options.challenge = bytes(options.challenge);
    for (const list of [options.allowCredentials, options.excludeCredentials]) {
      for (const known of list ?? []) known.id = bytes(known.id);
    }
    if (options.user) options.user.id = bytes(options.user.id);
    return options;
  }

  async function ask(extra) {
    const publicKey = await fetchOptions();
    const given = { publicKey, ...extra };
    const credential =
      purpose === "register" ? await navigator.credentials.create(given) : await navigator.credentials.get(given);
    form.elements.credential.value = JSON.stringify(describe(credential));
    form.submit();
  }

  function describe(credential) {
    const { response } = credential;
    const described = { clientDataJSON: text(response.clientDataJSON) };
    if (response.attestationObject) {
      described.attestationObject = text(response.attestationObject);
      described.transports = response.getTransports?.() ?? [];
    } else {
      described.authenticatorData = text(response.authenticatorData);
      described.signature = text(response.signature);
      described.userHandle = response.userHandle ? text(response.userHandle) : null;
    }
    return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: described };
  }

  async function offerInAutofill() {
    waiting?.abort("renewed");
    waiting = new AbortController();
    try {
      await ask({ mediation: "conditional", signal: waiting.signal });
    } catch {
      // Nobody chose one: the page goes on as it is.
    }
  }

  async function start() {
    waiting?.abort("clicked");
    waiting = null;
    problem.hidden = true;
    button.disabled = true;
    try {
      await ask({});
    } catch {
      problem.hidden = false;
      button.disabled = false;
    }
  }

  form.hidden = false;
  button.addEventListener("click", start);
  if (purpose === "sign_in") {
    PublicKeyCredential.isConditionalMediationAvailable?.().then((available) => {
      if (!available) return;
      offerInAutofill();
      setInterval(() => waiting && offerInAutofill(), RENEWED);
    });
  }
})();
