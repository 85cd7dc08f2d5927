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
