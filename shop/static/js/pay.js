/* Waits until the payment page is there, then goes to it.
 *
 *   <div class="pay-wait" data-pay="/orders/SD-1042/payment.json"> … </div>
 *
 * data-pay        JSON with `url` (null until it is known), `message` and `before_you`, how many are served first
 * data-pay-text   inside it: where `message` is written
 * data-pay-slow   inside it: shown after 10 s at the head of the queue without an address
 * A `message` with `is_final: true` ends the waiting. Without the script the page refreshes itself (<noscript>).
 */
const SLOW_MS = 10_000;
const LONGEST_WAIT_MS = 5_000;

async function ask(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(8_000) });
    return answer.ok ? await answer.json() : {};
  } catch {
    return {}; // no network: the next question may find it back
  }
}

async function waitToPay(place) {
  let startedAt = performance.now();
  for (let pause = 400; place.isConnected; pause = Math.min(pause * 1.4, LONGEST_WAIT_MS)) {
    const { url, message, is_final: isFinal, before_you: beforeYou = 0 } = await ask(place.dataset.pay);
    if (url) {
      location.replace(url); // the back button then leads to the order, not to this page
      return;
    }
    const text = place.querySelector("[data-pay-text]");
    if (message && text) text.textContent = message;
    if (isFinal) break;
    if (beforeYou > 0) startedAt = performance.now(); // a queue that moves is not slow
    if (performance.now() - startedAt > SLOW_MS) place.querySelector("[data-pay-slow]")?.removeAttribute("hidden");
    await new Promise((resolve) => setTimeout(resolve, pause * (0.9 + Math.random() * 0.2)));
  }
  place.querySelectorAll(".busy").forEach((busy) => busy.toggleAttribute("hidden", true));
}

document.querySelectorAll("[data-pay]").forEach(waitToPay);
