"use strict";
// The theme is kept from page to page; report.js has the button.
(() => {
  const root = document.documentElement;
  try { const kept = localStorage.getItem("theme"); if (kept) root.dataset.theme = kept; } catch { /* not allowed */ }
  new MutationObserver(() => { try { localStorage.setItem("theme", root.dataset.theme); } catch { /* not allowed */ } })
    .observe(root, { attributes: true, attributeFilter: ["data-theme"] });
})();

document.addEventListener("DOMContentLoaded", () => {
  const id = (name) => document.getElementById(name);

  // Copy buttons.
  for (const button of document.querySelectorAll("button.copy")) {
    const before = button.textContent;
    button.addEventListener("click", async () => {
      const text = button.dataset.text ?? id(button.dataset.from).textContent;
      try { await navigator.clipboard.writeText(text); button.textContent = "Copied"; } catch { button.textContent = "Not allowed"; }
      setTimeout(() => { button.textContent = before; }, 1500);
    });
  }

  // Find a scenario by words.
  const search = id("search");
  if (search) {
    const offers = Array.from(document.querySelectorAll(".offers li"));
    search.addEventListener("input", () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const offer of offers) {
        const text = offer.dataset.words.toLowerCase();
        offer.hidden = !words.every((word) => text.includes(word));
        shown += !offer.hidden;
      }
      for (const section of document.querySelectorAll("section:has(.offers)")) section.hidden = !section.querySelector(".offers li:not([hidden])");
      id("found").textContent = words.length ? `${shown} of ${offers.length}` : "";
    });
  }

  // How far a run is; when that changes, the page is another one.
  const progress = id("progress");
  if (progress) {
    const bar = progress.querySelector("progress");
    let first = null;
    const look = async () => {
      try {
        const answer = await fetch(`/runs/${encodeURIComponent(progress.dataset.name)}/state`);
        const state = await answer.json();
        if (state.state !== progress.dataset.state) { location.reload(); return; }
        bar.value = state.kept;
        id("kept").textContent = state.kept.toLocaleString("en");
        const now = performance.now() / 1000;
        first ??= { kept: state.kept, at: now };
        if (state.kept > first.kept) {
          const left = (now - first.at) / (state.kept - first.kept) * (state.replicates - state.kept);
          id("left").textContent = left < 90 ? `About ${Math.ceil(left)} s left.` : `About ${Math.round(left / 60)} min left.`;
        }
      } catch { id("left").textContent = "The server does not answer: what is kept is not lost."; }
      setTimeout(look, 1000);
    };
    setTimeout(look, 500);
  }

  // Choose runs to compare.
  const choose = id("choose");
  if (choose) {
    const chosen = () => choose.querySelectorAll("input:checked").length;
    choose.addEventListener("change", () => { id("chosen").textContent = chosen() ? `${chosen()} chosen` : ""; });
    choose.addEventListener("submit", (event) => {
      if (chosen() >= 2 && chosen() <= 4) return;
      event.preventDefault();
      id("chosen").textContent = "Choose two to four runs.";
    });
  }

  // The form of a scenario.
  const form = id("scenario");
  if (!form) return;
  const knobs = Array.from(form.querySelectorAll(".knob"));
  const field = (knob) => knob.querySelector("[name]");
  const mark = (knob) => {
    const changed = field(knob).value.trim() !== knob.dataset.before;
    knob.classList.toggle("changed", changed);
    knob.querySelector(".undo").hidden = !changed;
  };
  const keyOf = (text) => text.split("=")[0].trim();
  const rowOf = (key) => Array.from(form.querySelectorAll("#typed .row")).find((row) => keyOf(row.querySelector("input").value) === key);
  let asked = 0, timer = 0;
  const show = (told) => {
    for (const knob of knobs) {
      const wrong = told.wrong[knob.dataset.key] ?? "";
      knob.querySelector(".problem").textContent = wrong;
      if (wrong) { field(knob).setAttribute("aria-invalid", "true"); const folded = knob.closest("details"); if (folded) folded.open = true; } else field(knob).removeAttribute("aria-invalid");
      knob.hidden = told.hidden.includes(knob.dataset.key);
    }
    for (const group of form.querySelectorAll(".group")) group.hidden = !group.querySelector(".knob:not([hidden])");
    const known = new Set(knobs.map((knob) => knob.dataset.key));
    const other = told.other.slice();
    for (const row of form.querySelectorAll("#typed .row")) row.querySelector(".problem").textContent = "";
    for (const [key, line] of Object.entries(told.wrong)) {
      if (known.has(key)) continue;
      const row = rowOf(key);
      if (row) row.querySelector(".problem").textContent = line; else other.push(line);
    }
    for (const fact of document.querySelectorAll("[data-fact]")) fact.textContent = told.facts[fact.dataset.fact];
    id("other").textContent = other.join(" ");
    id("replicates-wrong").textContent = told.replicates;
    id("name").placeholder = told.name;
    id("file-name").textContent = `${told.name}.toml`;
    const bad = Boolean(told.replicates || other.length || Object.keys(told.wrong).length);
    id("run").disabled = bad;
    id("same").classList.toggle("stale", !told.hash);
    if (told.hash) {
      id("command").textContent = told.command || told.file;
      id("toml").textContent = told.toml;
      id("file").textContent = told.file;
      id("hash").textContent = told.hash;
    }
    history.replaceState(null, "", told.address);
  };
  const check = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch("/check", { method: "POST", body: new URLSearchParams(new FormData(form)) });
      const told = await answer.json();
      if (mine === asked) { show(told); form.dataset.checked = String(mine); }
    } catch { id("other").textContent = "The server does not answer: start selfback explore again."; }
  };
  const soon = () => { clearTimeout(timer); delete form.dataset.checked; timer = setTimeout(check, 250); };
  for (const knob of knobs) {
    const slider = knob.querySelector("input[type=range]");
    slider?.addEventListener("input", () => { field(knob).value = Number(slider.value) === Number(knob.dataset.before) ? knob.dataset.before : slider.value; });
    field(knob).addEventListener("input", () => { if (slider && !Number.isNaN(Number(field(knob).value))) slider.value = field(knob).value; });
    knob.addEventListener("input", () => mark(knob));
    knob.querySelector(".undo").addEventListener("click", () => {
      field(knob).value = knob.dataset.before;
      if (slider) slider.value = knob.dataset.before;
      mark(knob);
      field(knob).focus();
      soon();
    });
    mark(knob);
  }
  form.addEventListener("input", soon);
  id("add").addEventListener("click", () => {
    const rows = form.querySelector(".rows");
    const row = rows.lastElementChild.cloneNode(true);
    row.querySelector("input").value = "";
    row.querySelector(".problem").textContent = "";
    rows.append(row);
    row.querySelector("input").focus();
  });
  form.querySelector(".rows").addEventListener("click", (event) => {
    if (!event.target.classList.contains("remove")) return;
    const rows = form.querySelector(".rows");
    if (rows.children.length > 1) event.target.closest(".row").remove(); else rows.querySelector("input").value = "";
    soon();
  });
  check();
});
