/* <button data-print hidden>: shown when there is a script to print with, prints the page. */
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
