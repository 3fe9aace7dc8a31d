// Comfort only: without this script the links open the API's answers themselves, and times stay as written.

document.documentElement.classList.add("scripted");

for (const link of document.querySelectorAll("[data-call]")) {
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const answer = document.querySelector("#answer code");
    const credentials = "anonymous" in link.dataset ? "omit" : "same-origin";
    try {
      const response = await fetch(link.getAttribute("href"), { method: link.dataset.call, credentials });
      const body = await response.json();
      answer.textContent = `${response.status} ${response.statusText}\n\n${JSON.stringify(body, null, 2)}`;
    } catch {
      answer.textContent = "No answer. Is the app still running?";
    }
  });
}

for (const time of document.querySelectorAll("[data-countdown]")) {
  const end = Date.parse(time.dateTime);
  const written = time.textContent;
  const tick = () => {
    const left = Math.round((end - Date.now()) / 1000);
    const rest = left > 0 ? `${Math.floor(left / 60)} min ${left % 60} s left` : "expired: reload for a new one";
    time.textContent = `${written} (${rest})`;
  };
  tick();
  setInterval(tick, 1000);
}
