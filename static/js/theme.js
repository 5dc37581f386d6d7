// Loaded before the first paint, so that a page chosen dark does not flash light. The choice is the only thing kept in the browser.
(function () {
  "use strict";
  const root = document.documentElement;
  const key = "theme";

  function stored() {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is switched off: the system decides
    }
  }

  function shown() {
    return root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }

  function label(button) {
    button.setAttribute("aria-pressed", String(shown() === "dark"));
  }

  const chosen = stored();
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  root.classList.add("js");

  document.addEventListener("DOMContentLoaded", function () {
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.hidden = false;
      label(button);
      button.addEventListener("click", function () {
        root.dataset.theme = shown() === "dark" ? "light" : "dark";
        label(button);
        try {
          localStorage.setItem(key, root.dataset.theme);
        } catch {
          // the choice then lasts as long as the page
        }
      });
    }
  });
})();
