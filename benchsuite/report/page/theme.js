"use strict";
// Light and dark: the system's choice until the reader makes another, kept where the browser keeps anything.

const theme = {
  root: document.documentElement,
  button: document.getElementById("theme"),
  system: matchMedia("(prefers-color-scheme: dark)"),

  isDark() {
    return this.root.dataset.theme ? this.root.dataset.theme === "dark" : this.system.matches;
  },
  set(name) {
    if (name) this.root.dataset.theme = name;
    else delete this.root.dataset.theme;
    this.label();
  },
  label() {
    this.button.textContent = this.isDark() ? "Light" : "Dark";
    this.button.setAttribute("aria-label", `${this.button.textContent} theme`);
  },
  // A page opened from disk may have no storage at all.
  stored() {
    try { return localStorage.getItem("benchsuite-theme"); } catch { return null; }
  },
  store(name) {
    try { localStorage.setItem("benchsuite-theme", name); } catch { /* Then it lasts as long as the page. */ }
  },
};
theme.set(["light", "dark"].includes(theme.stored()) ? theme.stored() : null);
theme.system.addEventListener("change", () => theme.label());
theme.button.addEventListener("click", () => {
  const name = theme.isDark() ? "light" : "dark";
  theme.set(name);
  theme.store(name);
});
