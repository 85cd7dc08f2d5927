"use strict";
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (prefersDark.matches ? "dark" : "light")) === "dark";
  const label = () => { button.textContent = isDark() ? "Light theme" : "Dark theme"; };
  button.hidden = false;
  button.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; label(); });
  prefersDark.addEventListener("change", label);
  label();

  // The first number of a cell is what it is sorted by: "0.91 (0.89 to 0.93)", ".04", "<.001", "12%".
  const number = (text) => {
    const found = text.replace(/[\u2212]/g, "-").match(/-?(\d[\d,]*\.?\d*|\.\d+)(e-?\d+)?/i);
    return found ? parseFloat(found[0].replace(/,/g, "")) : NaN;
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    const original = Array.from(body.rows);
    table.querySelectorAll("thead tr > *").forEach((head, column) => {
      if (head.tagName !== "TH") return;
      const sort = document.createElement("button");
      sort.type = "button";
      sort.append(...head.childNodes);
      head.append(sort);
      sort.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const next = before === "ascending" ? "descending" : before === "descending" ? null : "ascending";
        for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
        const rows = original.slice();
        if (next) {
          head.setAttribute("aria-sort", next);
          const sign = next === "ascending" ? 1 : -1;
          const text = (row) => row.cells[column].textContent.trim();
          const numeric = head.classList.contains("number");
          rows.sort((a, b) => {
            if (!numeric) return sign * text(a).localeCompare(text(b));
            const x = number(text(a)), y = number(text(b));
            if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
            return sign * (x - y);
          });
        }
        body.append(...rows);
      });
    });
  }
  for (const input of document.querySelectorAll(".filter input")) {
    input.closest(".filter").hidden = false;
    const rows = Array.from(document.getElementById(input.dataset.table).tBodies[0].rows);
    const told = input.parentElement.querySelector("output");
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let head = null, headText = "", headShown = false, shown = 0, all = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        if (row.classList.contains("head")) {
          if (head) head.hidden = !headShown;
          head = row; headText = text; headShown = false;
          continue;
        }
        const own = `${headText} ${text}`;
        row.hidden = !words.every((word) => own.includes(word));
        all += 1;
        if (!row.hidden) { shown += 1; headShown = true; }
      }
      if (head) head.hidden = !headShown;
      told.textContent = words.length ? `${shown} of ${all} rows` : "";
    });
  }
})();
