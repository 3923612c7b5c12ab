/* What a show's page does beside polling and claiming.
 *
 * data-then-reload   on an element with data-watch: load the page again when the watched value changes
 * data-added         on a form that puts something into the cart: what its [data-added-text] says for a moment afterwards
 * data-word          on the field of a code word, with the drop's number: what is typed is kept for this tab, so that
 *                    a new fragment, another try and the line know it; it goes nowhere else
 * data-local         on <time datetime="…">: write the instant in the reader's own time zone; to the second where it
 *                    says "second"
 * "followed" (the button beside the store's name answered), or a countdown below [data-poll] that runs out:
 * the page asks at once how things stand.
 * A button that a new fragment puts under the finger, where another drop's button was, takes no press for a moment.
 */
document.addEventListener("poll:changed", (event) => {
  if (event.target.matches("[data-then-reload]")) location.reload();
});

document.addEventListener("clock:end", (event) => {
  const section = event.target.closest("[data-poll]");
  if (section) setTimeout(() => section.dispatchEvent(new CustomEvent("poll:now")), 150);
});

const language = document.documentElement.lang;
const format = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });

const exact = new Intl.DateTimeFormat(language, { weekday: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" });

function localise(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const instant = new Date(time.dateTime);
    time.textContent = (time.dataset.local === "second" ? exact : format).format(instant);
    if (time.dataset.local === "second") time.title = format.format(instant);
  }
}

localise(document);
document.addEventListener("htmx:afterSwap", () => localise(document));

/** The cart took it, or the answer leads elsewhere: to the page that says why not. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig.elt.closest?.("form[data-added]");
  if (!form) return;
  if (!new URL(event.detail.xhr.responseURL).pathname.endsWith("/cart/")) {
    event.detail.shouldSwap = false;
    location.assign(event.detail.xhr.responseURL);
    return;
  }
  const text = form.querySelector("[data-added-text]");
  const before = text.textContent;
  text.textContent = form.dataset.added;
  setTimeout(() => (text.textContent = before), 2000);
});

document.addEventListener("followed", () => {
  document.querySelector("[data-poll]")?.dispatchEvent(new CustomEvent("poll:now"));
});

const slotOf = (field) => `word ${field.dataset.word}`;

function recall() {
  for (const field of document.querySelectorAll("[data-word]")) field.value ||= sessionStorage.getItem(slotOf(field)) ?? "";
}

recall();
document.addEventListener("htmx:afterSwap", recall);
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-word]")) sessionStorage.setItem(slotOf(event.target), event.target.value);
});

const SETTLES_MS = 800;
let places = [];
const buttons = () => [...document.querySelectorAll("#side [id^='act-']")];

document.addEventListener("htmx:beforeSwap", () => {
  places = buttons().map((button) => [button.id, button.getBoundingClientRect()]);
});

document.addEventListener("htmx:afterSettle", () => {
  for (const button of buttons()) {
    const here = button.getBoundingClientRect();
    const isElsewhere = places.some(([id, was]) => id !== button.id && was.top < here.bottom && here.top < was.bottom);
    if (!isElsewhere) continue;
    button.dataset.settling = "";
    setTimeout(() => delete button.dataset.settling, SETTLES_MS);
  }
});

document.addEventListener(
  "click",
  (event) => {
    if (!event.target.closest?.("[data-settling]")) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
