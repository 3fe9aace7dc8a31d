// Only makes better what works without: search while typing, copying, remembering the folded menu.

const wait = 200;

function live(form) {
  const box = document.getElementById(form.dataset.live);
  const input = form.querySelector("input[type=search]");
  let timer = 0;
  let asked = null;

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const url = new URL(form.action);
    url.search = new URLSearchParams(new FormData(form));
    box.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { signal: asked.signal, headers: { accept: "text/html" }, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(box.id);
      box.replaceChildren(...found.childNodes);
      history.replaceState(null, "", url);
    } catch (error) {
      if (error.name === "AbortError") return;
      form.submit(); // signed out, or the network: the page itself says it better
    }
    box.removeAttribute("aria-busy");
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  });
}

function copying(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.dataset.copied = "";
    setTimeout(() => delete button.dataset.copied, 1500);
  });
}

function refreshing(box) {
  // A page about something under way: asked again until it no longer says so.
  setTimeout(async () => {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(box.id);
    if (!found) return location.reload();
    if (!("refresh" in found.dataset)) return location.reload();
    box.replaceWith(found);
    refreshing(found);
  }, Number(box.dataset.refresh) || 1000);
}

function filtering(box) {
  // A long list to pick from: groups without anything that is looked for go away, the others open.
  const input = box.querySelector("input");
  const list = box.closest("[data-filtered]");
  box.hidden = false;
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    for (const group of list.querySelectorAll("details")) {
      let found = 0;
      for (const item of group.querySelectorAll("li")) {
        item.hidden = !item.textContent.toLowerCase().includes(wanted);
        found += item.hidden ? 0 : 1;
      }
      group.hidden = !found;
      group.open = wanted ? found > 0 : group.querySelector(":checked") !== null;
    }
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it would send the whole form
  });
}

function previewing(form) {
  // The frame is made anew for each look, so that Back leads away from the page and not through all of them.
  const name = form.dataset.preview;
  const button = form.querySelector("[data-try]");
  if (!button) return;
  let timer = 0;

  function look() {
    const old = document.querySelector(`iframe[name="${name}"]`);
    const frame = old.cloneNode();
    frame.removeAttribute("src");
    old.replaceWith(frame);
    form.requestSubmit(button);
  }

  form.ownerDocument.addEventListener("input", (event) => {
    if (event.target.form !== form) return;
    clearTimeout(timer);
    timer = setTimeout(look, wait * 2);
  });
}

function picking(pick) {
  // A color to pick, beside the text that counts.
  const text = document.getElementById(pick.dataset.hue);
  if (text.readOnly) return;
  const show = () => {
    pick.value = parsed(text.value) || pick.value;
  };
  pick.hidden = false;
  pick.value = text.placeholder;
  show();
  text.addEventListener("input", show);
  pick.addEventListener("input", () => {
    text.value = pick.value;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function judging(verdict) {
  // Whether a color can be read, counted as WCAG 2.2 does, before it is saved.
  const text = document.getElementById(verdict.dataset.contrast);
  const sample = document.createElement("span");
  const words = document.createElement("span");
  sample.textContent = "Aa";
  sample.setAttribute("aria-hidden", "true");
  verdict.append(sample, words);
  const isBehind = verdict.dataset.contrast.startsWith("background");

  function show() {
    const typed = parsed(text.value);
    verdict.hidden = !typed;
    if (!typed) return;
    const ratio = contrast(typed, verdict.dataset.with);
    const passes = ratio >= 4.5;
    verdict.dataset.passes = passes;
    const said = (Math.floor(ratio * 10) / 10).toFixed(1);
    words.textContent = passes ? `Contrast ${said}: passes` : `Contrast ${said}: fails, text needs 4.5. ${verdict.dataset.else}`;
    sample.style.color = isBehind ? verdict.dataset.with : typed;
    sample.style.backgroundColor = isBehind ? typed : verdict.dataset.with;
  }

  text.addEventListener("input", show);
  show();
}

function parsed(text) {
  const typed = text.trim().toLowerCase();
  if (/^#[0-9a-f]{3}$/.test(typed)) return "#" + [...typed.slice(1)].map((digit) => digit + digit).join("");
  return /^#[0-9a-f]{6}$/.test(typed) ? typed : null;
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

document.querySelectorAll("[data-contrast]").forEach(judging);
document.querySelectorAll("form[data-preview]").forEach(previewing);
document.querySelectorAll("[data-hue]").forEach(picking);
document.querySelectorAll("[data-filter]").forEach(filtering);
document.querySelectorAll("form[data-live]").forEach(live);
document.querySelectorAll("[data-copy]").forEach(copying);
document.querySelectorAll("[data-refresh]").forEach(refreshing);
