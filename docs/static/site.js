// What scrolls sideways can be reached and moved by the keyboard.
function markScrollable() {
  for (const region of document.querySelectorAll("pre, .table-wrapper, div.math")) {
    if (region.scrollWidth > region.clientWidth) {
      region.tabIndex = 0;
    } else {
      region.removeAttribute("tabindex");
    }
  }
}

document.addEventListener("DOMContentLoaded", markScrollable);
window.addEventListener("resize", markScrollable);

// Captions of the contents are said to be headings, without the level that such a role needs.
function giveLevels() {
  for (const caption of document.querySelectorAll("[role=heading]:not([aria-level])")) {
    caption.setAttribute("aria-level", "2");
  }
}

document.addEventListener("DOMContentLoaded", giveLevels);
