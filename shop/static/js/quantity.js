/* Minus and plus beside a number field. Without the script there is only the field.
 *
 *   <div class="quantity" data-quantity data-less="Less" data-more="More"><input type="number" min="1" max="9" …></div>
 *
 * A change by a button dispatches "change" on the field, as typing does.
 */
const SIGNS = { less: "M5 12h14", more: "M12 5v14M5 12h14" };

function button(kind, label, field, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "icon-button";
  made.setAttribute("aria-label", `${label}: ${field.labels?.[0]?.textContent.trim() || field.getAttribute("aria-label") || ""}`);
  made.innerHTML = `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="${SIGNS[kind]}"/></svg>`;
  made.addEventListener("click", () => {
    act.call(field);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  return made;
}

function enhance(root) {
  for (const place of root.querySelectorAll("[data-quantity]:not(:has(button))")) {
    const field = place.querySelector("input");
    field.before(button("less", place.dataset.less, field, field.stepDown));
    field.after(button("more", place.dataset.more, field, field.stepUp));
  }
}

enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.target));
