/**
 * The two pages that a browser gets without the dashboard: the login, and what there is. They need no scripts.
 */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** What a page may load and where its forms go: nothing from elsewhere, and nobody may frame it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; " +
  "frame-ancestors 'none'";

/** Answers with a page. */
export function page<S extends ContentfulStatusCode>(
  context: Context,
  status: S,
  { title, main }: { title: string; main: string },
) {
  return context.body(htmlOf(title, main), status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    // `no-referrer` would make browsers send `Origin: null` with a form.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
  }) as never;
}

/** The form that asks for the token; `fault` says why it is shown again. */
export function loginPage({ title, fault }: { title: string; fault?: string }) {
  const alert = fault === undefined ? "" : `<p class="fault" role="alert">${escaped(fault)}</p>`;
  const about = fault === undefined ? "" : ' aria-invalid="true"';
  return {
    title: `Log in – ${title}`,
    main: `<h1>${escaped(title)}</h1>
<form method="post" action="/login">
  ${alert}
  <label for="token">API token</label>
  <input id="token" name="token" type="password" autocomplete="current-password" required autofocus${about}
    aria-describedby="hint">
  <p id="hint">It was printed when this program started, or given with an option.</p>
  <button type="submit">Log in</button>
</form>`,
  };
}

/** What there is, for a person. `canLogOut`: there is a session to end. */
export function indexPage({ title, index, canLogOut }: { title: string; index: string; canLogOut: boolean }) {
  const logout = '<form method="post" action="/logout"><button type="submit">Log out</button></form>';
  return { title, main: `<pre>${escaped(index)}</pre>\n${canLogOut ? logout : ""}` };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function htmlOf(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
:root { color-scheme: light dark; --accent: #0b6b4f; --line: #8886; --fault: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --accent: #5fd0a8; --fault: #ff8a80; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 16px/1.5 system-ui, sans-serif; }
main { box-sizing: border-box; max-width: 100vw; padding: 2rem; }
h1 { font-size: 1.4rem; margin: 0 0 1.5rem; }
form { max-width: 22rem; }
label { display: block; font-weight: 600; }
input { box-sizing: border-box; width: 100%; font: inherit; padding: .5rem .6rem; margin: .3rem 0;
  border: 1px solid var(--line); border-radius: .4rem; }
input:focus-visible, button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
button { font: inherit; font-weight: 600; padding: .5rem 1.2rem; border: 1px solid var(--accent);
  border-radius: .4rem; background: none; color: var(--accent); cursor: pointer; }
pre { overflow-x: auto; font-size: .85rem; }
#hint { margin: 0 0 1rem; font-size: .85rem; opacity: .75; }
.fault { color: var(--fault); font-weight: 600; margin: 0 0 1rem; }
</style>
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`;
}
