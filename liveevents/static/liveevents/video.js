/* The stream of a platform, loaded when the viewer asks for it: until then the platform learns nothing, the page stays
 * light, and the tap is the one that browsers want before they play sound.
 *
 * data-embed   on a link to the platform's own page: the frame that takes the place of .room-video's content
 * data-title   the frame's name for screen readers
 */
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-embed]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const frame = document.createElement("iframe");
  const address = new URL(link.dataset.embed);
  address.searchParams.set("autoplay", "1");
  frame.src = address;
  frame.title = link.dataset.title;
  frame.allow = "autoplay; encrypted-media; fullscreen; picture-in-picture";
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  link.closest(".room-video").replaceChildren(frame);
  frame.focus();
});
