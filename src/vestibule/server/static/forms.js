// What forms do better with a script than without. Every one of them works as it is when this never runs.
"use strict";

(() => {
  const DIGITS = 6;
  const PATIENCE = 10_000; // after which somebody may send a form again whose answer never came
  const zeros = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xff10]; // where the digits of a script begin

  // One form is sent once, however often somebody clicks.
  const sent = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.add(form);
    setTimeout(() => sent.delete(form), PATIENCE);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of document.forms) sent.delete(form);
  });

  // A button that was pressed turns until the answer comes, so that nobody wonders whether it was.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.defaultPrevented || !button?.classList.contains("button")) return;
    button.setAttribute("aria-busy", "true");
    setTimeout(() => button.removeAttribute("aria-busy"), PATIENCE);
  });
  window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll(".button[aria-busy]")) button.removeAttribute("aria-busy");
  });

  // What is typed into a password can be looked at. It is hidden again before it leaves.
  for (const button of document.querySelectorAll("button[data-reveal]")) {
    const input = document.getElementById(button.dataset.reveal);
    const show = (shown) => {
      input.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", String(shown));
    };
    button.hidden = false;
    button.addEventListener("click", () => show(input.type === "password"));
    input.form.addEventListener("submit", () => show(false));
  }

  const digitsIn = (text) =>
    [...text]
      .map((letter) => {
        const zero = zeros.find((first) => letter.codePointAt(0) >= first && letter.codePointAt(0) < first + 10);
        return zero === undefined ? letter : String(letter.codePointAt(0) - zero);
      })
      .join("")
      .replace(/[\s\p{Pd}\p{Cf}]/gu, "");

  // A code goes on by itself once it is complete; the page says so beside it.
  for (const input of document.querySelectorAll("input[data-code]")) {
    const hint = document.getElementById(`${input.id}-goes-on`);
    if (hint) {
      hint.hidden = false;
      const described = input.getAttribute("aria-describedby") ?? "";
      input.setAttribute("aria-describedby", `${described} ${hint.id}`.trim());
    }
    const complete = () => {
      const typed = digitsIn(input.value);
      if (!new RegExp(`^\\d{${DIGITS}}$`).test(typed)) return;
      input.value = typed;
      input.form.requestSubmit(input.form.querySelector("button[type=submit]"));
    };
    input.addEventListener("input", (event) => event.isComposing || complete());
    input.addEventListener("compositionend", complete);
    input.addEventListener("paste", (event) => {
      const pasted = digitsIn(event.clipboardData?.getData("text") ?? "");
      const found = pasted.match(new RegExp(`(?<!\\d)\\d{${DIGITS}}(?!\\d)`)); // in a whole line of the mail, too
      if (!found) return;
      event.preventDefault();
      input.value = found[0];
      complete();
    });
  }

  // Another code cannot be had at once: the button says when.
  for (const button of document.querySelectorAll("button[data-wait]")) {
    const label = button.textContent;
    const until = performance.now() + 1000 * Number(button.dataset.wait);
    const tick = () => {
      const left = Math.ceil((until - performance.now()) / 1000);
      button.disabled = left > 0;
      button.textContent = left > 0 ? button.dataset.waiting.replace("{seconds}", left) : label;
      if (left > 0) setTimeout(tick, 250);
    };
    tick();
  }

  // What a new password must be, ticked off while it is typed. The server has the last word.
  for (const list of document.querySelectorAll("[data-requirements-of]")) {
    const input = document.getElementById(list.dataset.requirementsOf);
    const email = document.getElementById("email");
    const least = Number(list.dataset.least);
    const rules = {
      length: (password) => [...password].length >= least,
      own: (password) => !isMadeOf(password, email?.value ?? ""),
    };
    const check = () => {
      for (const item of list.querySelectorAll("[data-rule]")) {
        item.dataset.met = input.value ? rules[item.dataset.rule](input.value) : "";
      }
    };
    input.addEventListener("input", check);
    email?.addEventListener("input", check);
    check();
  }

  // As identity/password_policy.py sees it, for the address alone.
  function isMadeOf(password, email) {
    const [local, domain = ""] = email.toLowerCase().split("@");
    const words = [email.toLowerCase(), local, domain, ...local.split(/[^\p{L}]+/u), ...domain.split(".").slice(0, -1)];
    let rest = password.toLowerCase();
    for (const word of words.filter((each) => each.length >= 4).sort((a, b) => b.length - a.length)) {
      rest = rest.replaceAll(word, "");
    }
    return rest.length < password.length && rest.length < 6;
  }
})();
