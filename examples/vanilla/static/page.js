import { createClient } from "/auth/client.js";

const client = createClient();
const all = (selector) => document.querySelectorAll(selector);

client.subscribe(show);
for (const button of all("[data-does=sign-out]")) button.onclick = () => client.signOut();
for (const button of all("[data-does=delete]")) button.onclick = remove;
await client.getSession();

function show() {
  const { loading, session } = client.getSnapshot();
  if (loading) return;
  for (const part of all("[data-for]")) part.hidden = !isFor(part.dataset.for, session);
  if (session) fill(session);
  else if (location.pathname !== "/") client.signIn({ returnTo: location.pathname });
}

function isFor(whom, session) {
  if (whom === "stranger") return !session;
  return whom === "impersonated" ? Boolean(session?.impersonator) : Boolean(session);
}

function fill({ user, role, organizationId, impersonator }) {
  write("name", user.firstName || user.email);
  write("email", user.email);
  if (impersonator) write("whom", user.email);
  write("role", role || "none");
  if (location.pathname === "/") return;
  ask("/api/reports").then(({ status, body }) => write("reports", body.error?.message ?? `${status}: ${body}`));
  ask("/api/organizations").then(({ body }) => offer(body.filter(({ id }) => id !== organizationId)));
}

function write(name, text) {
  for (const place of all(`[data-is=${name}]`)) place.textContent = text;
}

function offer(organizations) {
  const buttons = organizations.map(({ id, name }) => {
    const button = Object.assign(document.createElement("button"), { textContent: `Switch to ${name}` });
    button.className = "button quiet";
    button.onclick = () => client.switchToOrganization(id);
    return button;
  });
  document.querySelector("[data-is=organizations]").replaceChildren(...buttons);
}

async function remove() {
  const { body } = await ask("/api/reports/March", { method: "DELETE" });
  // Too long since they proved who they are: they do it again, and come back to this page.
  if (body.error?.code === "reauthentication_required") client.signIn({ maxAge: body.error.missing.recent });
  else document.querySelector("[role=status]").textContent = body.error?.message ?? `Deleted ${body.deleted}.`;
}

async function ask(path, options) {
  const answer = await fetch(path, options);
  return { status: answer.status, body: await answer.json() };
}
