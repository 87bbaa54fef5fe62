// What pages do beyond what they say without it: the theme, suggestions, copying.
"use strict";
const root = document.documentElement;
try {
  const chosen = localStorage.getItem("theme");
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
} catch { /* a browser that keeps nothing */ }

const PAGES = ["zones", "industries", "indicators", "documents"];
const zh = root.lang.startsWith("zh");

/** The page of a hit, or a search for its name. */
function pageOf(hit) {
  const tail = zh ? "lang=zh" : "";
  if (PAGES.includes(hit.resource))
    return `/${hit.resource}/${encodeURIComponent(hit.id)}${tail && "?" + tail}`;
  return `/search?q=${encodeURIComponent(labelOf(hit))}${tail && "&" + tail}`;
}

function labelOf(hit) {
  return (zh ? hit.label_zh || hit.label_en : hit.label_en || hit.label_zh) || hit.id;
}

/** This form sent with the zone of a hit, where it chooses zones. */
function chosenBy(form, hit) {
  const pairs = new URLSearchParams(new FormData(form));
  pairs.delete("q");
  pairs.append("zone", hit.id);
  return `${form.getAttribute("action")}?${pairs}`;
}

/** A combobox over /v1/suggest: arrows move, Enter opens, Escape closes. */
function suggest(input, number) {
  const only = input.dataset.suggest;
  const list = document.createElement("ul");
  list.id = `suggestions-${number}`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.getAttribute("aria-label"));
  input.after(list);
  const said = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" };
  for (const [name, value] of Object.entries(said)) input.setAttribute(name, value);
  const kinds = JSON.parse(input.dataset.kinds);
  let at = -1, latest = 0, timer = 0;

  function show(open) {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) move(-1);
  }
  function move(to) {
    at = to;
    for (const [i, one] of [...list.children].entries())
      one.setAttribute("aria-selected", String(i === at));
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[at].id);
  }
  async function ask() {
    const asked = ++latest, words = input.value.trim();
    if (!words) return show(false);
    try {
      const answer = await fetch(`/v1/suggest?q=${encodeURIComponent(words)}${only && "&resource=" + only}`);
      if (asked !== latest || !answer.ok) return;
      const hits = (await answer.json()).data;
      list.replaceChildren(...hits.map((hit, i) => {
        const option = document.createElement("li");
        const kind = document.createElement("span");
        const other = document.createElement("span");
        option.id = `${list.id}-${i}`;
        option.setAttribute("role", "option");
        option.dataset.href = only ? chosenBy(input.form, hit) : pageOf(hit);
        other.lang = zh ? "en" : "zh";
        other.className = "soft";
        other.textContent = (zh ? hit.label_zh && hit.label_en : hit.label_en && hit.label_zh) || "";
        kind.className = "kind";
        kind.textContent = kinds[hit.resource] || hit.resource;
        const name = document.createElement("span");
        name.append(labelOf(hit), " ", other);
        option.append(name, kind);
        return option;
      }));
      show(hits.length > 0);
      move(-1);
    } catch { show(false); }
  }
  function forget() { clearTimeout(timer); latest++; }  // whatever is asked, or on its way
  input.addEventListener("input", () => { forget(); timer = setTimeout(ask, 120); });
  input.addEventListener("keydown", event => {
    const last = list.children.length - 1;
    if (event.key === "Escape") { forget(); if (!list.hidden) { show(false); event.preventDefault(); } }
    else if (list.hidden) return;
    else if (event.key === "ArrowDown") { move(at < last ? at + 1 : 0); event.preventDefault(); }
    else if (event.key === "ArrowUp") { move(at > 0 ? at - 1 : last); event.preventDefault(); }
    else if (event.key === "Enter" && at >= 0) { event.preventDefault(); location.assign(list.children[at].dataset.href); }
  });
  input.addEventListener("blur", () => setTimeout(() => show(false), 150));
  list.addEventListener("mousedown", event => {
    const option = event.target.closest("[role=option]");
    if (option) { event.preventDefault(); location.assign(option.dataset.href); }
  });
}

/** A button that copies what stands beside it. */
function copyable(holder) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = holder.dataset.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(holder.querySelector("code").textContent);
    button.textContent = holder.dataset.copied;
  });
  holder.append(button);
}

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-theme-button]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const dark = root.dataset.theme ? root.dataset.theme === "dark"
        : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      try { localStorage.setItem("theme", root.dataset.theme); } catch { /* not kept */ }
    });
  }
  [...document.querySelectorAll("[data-suggest]")].forEach(suggest);
  document.querySelectorAll(".copy").forEach(copyable);
});
