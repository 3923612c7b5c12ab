/* One press, one claim, however bad the network is. The form works without this script.
 *
 *   <form method="post" action="/live/12/claim" data-claim="/api/v1/claims">
 *     {% csrf_token %} <input type="hidden" name="drop" value="7" data-type="number">
 *     <button class="button claim block">Claim for €18<span class="busy"></span></button>
 *     <p class="claim-answer" role="status" data-claim-answer></p>
 *   </form>
 *
 * data-claim        where the JSON goes (the form's action when empty); its body is the form's fields, without the
 *                   token and without "key", which is the form's own way of counting once
 * data-type         "number" or "boolean" on a field: sent as such, otherwise as text
 * data-claim-then   on success: "reload", or an address to go to; nothing: only the events
 * Sent with it: `Idempotency-Key` (one for each press, the same for every try of it, also after a reload),
 * `X-Stagedoor: 1` and, when the form has a token, `X-CSRFToken`; and "again": true in the body of a second try.
 * The answer is JSON; its `message` or `detail` is shown in [data-claim-answer].
 * Dispatched on the form (they bubble), the answer in `detail`: "claim:granted" (2xx), "claim:refused" (4xx),
 * "claim:lost" (no answer within 40 s; the next press asks again with the same key).
 */
const GIVE_UP_MS = 40_000;
const TIMEOUT_MS = 10_000;
const LONGEST_WAIT_MS = 4_000;
const NOT_SENT = ["csrfmiddlewaretoken", "key"]; // they change with each page, and a retry must have the same body

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A random UUID; also where the page is not served over TLS, which crypto.randomUUID asks for. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function bodyOf(form) {
  const read = { number: Number, boolean: (text) => text === "true" || text === "on" };
  const entries = [...new FormData(form)].filter(([name]) => !NOT_SENT.includes(name));
  return Object.fromEntries(entries.map(([name, text]) => [name, (read[form.elements[name].dataset?.type] ?? String)(text)]));
}

/** The key of an unanswered claim with these fields, else a new one. It outlives a reload of the tab. */
function keyFor(slot, fields) {
  const kept = JSON.parse(sessionStorage.getItem(slot) ?? "null");
  if (kept?.body === JSON.stringify(fields)) return { key: kept.key, isAgain: true };
  const key = uuid();
  sessionStorage.setItem(slot, JSON.stringify({ key, body: JSON.stringify(fields) }));
  return { key, isAgain: false };
}

async function send(url, headers, body) {
  const answer = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const isWorthAnotherTry = answer.status >= 500 || answer.status === 429;
  if (isWorthAnotherTry) throw Object.assign(new Error(`status ${answer.status}`), { after: Number(answer.headers.get("Retry-After")) * 1000 });
  return { isGranted: answer.ok, said: await answer.json() };
}

/** Each try after the first says so: it may have been granted, and must not be told off at the door. */
async function sendUntilAnswered(url, headers, fields, isAgain) {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  for (let pause = 300; ; pause = Math.min(pause * 2, LONGEST_WAIT_MS)) {
    try {
      return await send(url, headers, JSON.stringify(isAgain ? { ...fields, again: true } : fields));
    } catch (error) {
      isAgain = true;
      const rest = Math.max(error.after || 0, pause * (0.75 + Math.random() / 2));
      if (performance.now() + rest > giveUpAt) return null;
      await wait(rest);
    }
  }
}

function show(form, kind, text) {
  const place = form.querySelector("[data-claim-answer]");
  if (!place) return;
  place.dataset.kind = kind;
  place.textContent = text;
}

function follow(form) {
  if (form.dataset.claimThen === "reload") location.reload();
  else if (form.dataset.claimThen) location.assign(form.dataset.claimThen);
}

function headersFor(form, key) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": key, "X-Stagedoor": "1" };
  const token = form.elements.csrfmiddlewaretoken?.value;
  return token ? { ...headers, "X-CSRFToken": token } : headers;
}

async function claim(form, button) {
  const url = form.dataset.claim || form.action;
  const fields = bodyOf(form);
  const slot = `claim ${url}`;
  const { key, isAgain } = keyFor(slot, fields);
  button.setAttribute("aria-busy", "true");
  show(form, "asking", "");
  const answer = await sendUntilAnswered(url, headersFor(form, key), fields, isAgain);
  button.removeAttribute("aria-busy");
  if (answer) sessionStorage.removeItem(slot);
  const kind = !answer ? "lost" : answer.isGranted ? "granted" : "refused";
  show(form, kind, answer ? (answer.said.message ?? answer.said.detail ?? "") : form.dataset.lost ?? "No connection. Press again: it counts once.");
  form.dispatchEvent(new CustomEvent(`claim:${kind}`, { detail: answer?.said, bubbles: true }));
  form.dispatchEvent(new CustomEvent("poll:now", { bubbles: true }));
  if (kind === "granted") follow(form);
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-claim]");
  if (!form) return;
  event.preventDefault();
  const button = event.submitter ?? form.querySelector("button:not([type=button])");
  if (!button.disabled && button.getAttribute("aria-busy") !== "true") claim(form, button);
});
