const OF = (name: string, otherwise: string): string =>
  `var(--vestibule-impersonation-${name}, var(--workos-impersonation-${name}, ${otherwise}))`;

/** Selectors of one marker, so that nothing of the app's is touched. Colors that stand out on any page. */
export const STYLE = `
[data-vestibule-impersonation-root] {
  --vi-size: min(max(${OF("size", "4px")}, 2px), 15px);
  --vi-paper: ${OF("background-color", "#7a2e0e")};
  --vi-ink: ${OF("color", "#fff")};
  --vi-line: ${OF("border-color", "#7a2e0e")};
  --vi-width: ${OF("border-width", "1px")};
  position: fixed; inset: 0; z-index: 2147483000; pointer-events: none;
  font: 500 14px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  box-shadow: inset 0 0 0 var(--vi-size) var(--vi-paper), inset 0 0 0 calc(var(--vi-size) + var(--vi-width)) var(--vi-line);
}
[data-vestibule-impersonation-root][data-minimized] { box-shadow: none; }
[data-vestibule-impersonation-root] > form {
  position: absolute; inset-inline: 0; width: fit-content; max-width: calc(100% - 2rem); margin: 0 auto;
  box-sizing: border-box; display: flex; flex-wrap: wrap; align-items: center; justify-content: center;
  gap: .375rem .75rem; padding: .5rem .875rem; pointer-events: auto;
  background: var(--vi-paper); color: var(--vi-ink); border: var(--vi-width) solid var(--vi-line);
}
[data-vestibule-impersonation-root][data-side="bottom"] > form { bottom: 0; border-radius: .625rem .625rem 0 0; }
[data-vestibule-impersonation-root][data-side="top"] > form { top: 0; border-radius: 0 0 .625rem .625rem; }
[data-vestibule-impersonation-root][data-minimized] > form { inset-inline: auto 1rem; margin: 0; padding: .25rem; }
[data-vestibule-impersonation-root][data-minimized] > form > :not([data-toggle]) { display: none; }
[data-vestibule-impersonation-root] p { margin: 0; color: inherit; font: inherit; overflow-wrap: anywhere; }
[data-vestibule-impersonation-root] button {
  appearance: none; margin: 0; padding: .25rem .75rem; border: 1px solid var(--vi-ink); border-radius: .4rem;
  background: var(--vi-ink); color: var(--vi-paper); font: inherit; font-weight: 600; cursor: pointer;
}
[data-vestibule-impersonation-root] button[data-toggle] { padding: .25rem .5rem; background: none; color: var(--vi-ink); border-color: transparent; }
[data-vestibule-impersonation-root] button:focus-visible { outline: 2px solid var(--vi-ink); outline-offset: 2px; }
@media print { [data-vestibule-impersonation-root] { display: none; } }
@media (forced-colors: active) { [data-vestibule-impersonation-root] > form { border: 2px solid; } }
`;

let sheet: CSSStyleSheet | undefined;

/** A constructed sheet needs no leave from a content security policy, as elements and attributes would. */
export function adopt(node: Element | null): void {
  const root = node?.getRootNode();
  if (!(root instanceof Document || root instanceof ShadowRoot) || !("adoptedStyleSheets" in root)) return;
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}
