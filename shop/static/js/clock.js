/* Countdowns that do not trust the phone's clock.
 *
 *   <span data-clock data-remaining-ms="93000"><span data-clock-face>1:33</span></span>
 *
 * data-remaining-ms   what was left when the page or the answer arrived, from the server's clock; whoever writes the
 *                     attribute again (poll.js, htmx) starts the countdown anew from there
 * data-clock-face     where the time is written: "0:07", "12:30", "1:02:03"; the element itself when there is none
 * data-clock-then     "reload": load the page again when it has run out
 * Set here: data-soon below 15 s, data-ended at zero. At zero the element dispatches "clock:end" (it bubbles).
 */
const SOON_MS = 15_000;
const ends = new Map(); // element → the performance.now() at which it runs out

/** Milliseconds as "0:07", "12:30" or "1:02:03"; a second counts until it is over. */
function face(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function start(clock, receivedAt) {
  const remaining = Number(clock.dataset.remainingMs);
  if (clock.dataset.remainingMs === "" || Number.isNaN(remaining)) {
    ends.delete(clock);
    return;
  }
  ends.set(clock, receivedAt + remaining);
  clock.toggleAttribute("data-ended", false);
  show(clock, performance.now());
}

function show(clock, now) {
  const left = ends.get(clock) - now;
  const written = clock.querySelector("[data-clock-face]") ?? clock;
  const text = face(left);
  if (written.textContent !== text) written.textContent = text;
  clock.toggleAttribute("data-soon", left > 0 && left < SOON_MS);
  if (left <= 0) end(clock);
}

function end(clock) {
  ends.delete(clock);
  clock.toggleAttribute("data-ended", true);
  clock.dispatchEvent(new CustomEvent("clock:end", { bubbles: true }));
  if (clock.dataset.clockThen === "reload") location.reload();
}

function tick() {
  const now = performance.now();
  for (const clock of [...ends.keys()]) {
    if (clock.isConnected) show(clock, now);
    else ends.delete(clock);
  }
}

function found(node, receivedAt) {
  if (!(node instanceof Element)) return;
  if (node.matches("[data-clock]")) start(node, receivedAt);
  for (const clock of node.querySelectorAll("[data-clock]")) start(clock, receivedAt);
}

function changed(records) {
  const now = performance.now();
  for (const record of records) {
    if (record.type === "attributes" && record.target.matches("[data-clock]")) start(record.target, now);
    for (const node of record.addedNodes) found(node, now);
  }
}

// The page's own numbers were true when its first byte arrived.
const [navigation] = performance.getEntriesByType("navigation");
found(document.documentElement, navigation?.responseStart ?? performance.now());
new MutationObserver(changed).observe(document.documentElement, {
  subtree: true,
  childList: true,
  attributeFilter: ["data-remaining-ms"],
});
setInterval(tick, 250);
