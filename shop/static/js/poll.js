/* Keeps a part of a page true by asking for its JSON once a second.
 *
 *   <section data-poll="/live/12/state.json" data-poll-ms="1000"> … </section>
 *
 * Inside it, each PATH a dotted path into the answer ("drop.left"):
 * data-bind="PATH"                 the element's text; kept when the answer does not have the path
 * data-bind-attr="NAME:PATH …"     attributes; null or false takes one away, true sets it empty
 * data-bind-value="PATH"           the value of a <progress>, <meter> or <input>
 * data-show-if="PATH"              shown while it is truthy     data-show-unless="PATH"  the opposite
 * data-watch="PATH"                dispatches "poll:changed" on the element when the value changes, for
 *                                  hx-trigger="poll:changed"; at the first answer only when data-watched="JSON" says
 *                                  with what value the page was made, and it is another
 * data-offline-note                anywhere in the page: shown while no answer comes
 *
 * A number "version" in the answer, when there is one, must grow: an answer that is older than one already shown is
 * dropped, so nobody sees a number go back. Stops while the page is hidden; after an error it waits longer, up to 15 s,
 * and asks at once when the network is back. "poll:now" dispatched on the section (or below it) asks at once.
 * Each answer is dispatched on the section as "poll:state" with the JSON in `detail`. 404 and 410 end the polling.
 */
const LONGEST_WAIT_MS = 15_000;
const TIMEOUT_MS = 8_000;

const at = (state, path) => path.split(".").reduce((value, key) => value?.[key], state);
const jitter = (ms) => ms * (0.9 + Math.random() * 0.2);
const each = (root, name, act) => root.querySelectorAll(`[${name}]`).forEach((element) => act(element, element.getAttribute(name)));

function bindText(element, path, state) {
  const value = at(state, path);
  if (value === undefined) return;
  const text = value === null ? "" : String(value);
  if (element.textContent !== text) element.textContent = text;
}

function bindAttributes(element, pairs, state) {
  for (const pair of pairs.split(/\s+/)) {
    const [name, path] = pair.split(/:(.*)/s);
    const value = at(state, path);
    if (value === undefined) continue;
    if (value === null || value === false) element.removeAttribute(name);
    else if (name === "data-remaining-ms" || element.getAttribute(name) !== String(value))
      element.setAttribute(name, value === true ? "" : String(value));
  }
}

function bindValue(element, path, state) {
  const value = at(state, path);
  if (value !== undefined && value !== null) element.value = value;
}

function watch(element, path, state) {
  const value = JSON.stringify(at(state, path) ?? null);
  const before = element.dataset.watched;
  element.dataset.watched = value;
  if (before !== undefined && before !== value) element.dispatchEvent(new CustomEvent("poll:changed", { bubbles: true }));
}

function render(section, state) {
  each(section, "data-bind", (element, path) => bindText(element, path, state));
  each(section, "data-bind-attr", (element, pairs) => bindAttributes(element, pairs, state));
  each(section, "data-bind-value", (element, path) => bindValue(element, path, state));
  each(section, "data-show-if", (element, path) => element.toggleAttribute("hidden", !at(state, path)));
  each(section, "data-show-unless", (element, path) => element.toggleAttribute("hidden", Boolean(at(state, path))));
  each(section, "data-watch", (element, path) => watch(element, path, state));
  section.dispatchEvent(new CustomEvent("poll:state", { detail: state, bubbles: true }));
}

function say(isOffline) {
  each(document, "data-offline-note", (note) => note.toggleAttribute("hidden", !isOffline));
}

class Ended extends Error {}

async function ask(url) {
  const answer = await fetch(url, {
    headers: { Accept: "application/json" },
    cache: "no-cache",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (answer.status === 404 || answer.status === 410) throw new Ended();
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

function poll(section) {
  const pause = Number(section.dataset.pollMs) || 1000;
  let timer, version = -Infinity, failures = 0, isAsking = false, isOver = false, isWanted = false;

  const later = (ms) => {
    clearTimeout(timer);
    if (!isOver && !document.hidden && section.isConnected) timer = setTimeout(now, jitter(ms));
  };

  function came(state) {
    failures = 0;
    say(false);
    if (state.version < version) return;
    version = state.version ?? version;
    render(section, state);
  }

  function failed(error) {
    isOver = error instanceof Ended;
    failures += 1;
    say(!isOver && failures > 1);
  }

  async function now() {
    clearTimeout(timer);
    if (isAsking) {
      isWanted = true;
      return;
    }
    isAsking = true;
    const state = await ask(section.dataset.poll).catch(failed);
    isAsking = false;
    if (state) came(state);
    later(isWanted ? 0 : Math.min(pause * 2 ** Math.min(failures, 5), Math.max(pause, LONGEST_WAIT_MS)));
    isWanted = false;
  }

  section.addEventListener("poll:now", now);
  addEventListener("online", now);
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : now()));
  addEventListener("pageshow", (event) => event.persisted && now());
  later(pause);
}

document.querySelectorAll("[data-poll]").forEach(poll);
