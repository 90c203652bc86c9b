/**
 * The page's only script: the filter, and everything opened for paper. Without it the page can be read whole.
 */

/** Runs at the end of the page; it reads nothing but what the page holds. */
export const SCRIPT = `"use strict";
(() => {
  const form = document.getElementById("filter");
  const told = document.getElementById("shown");
  const cases = [...document.querySelectorAll("details.case")].map((element) => ({
    element,
    verdict: element.dataset.verdict,
    profile: element.dataset.profile,
    text: element.querySelector("summary").textContent.toLowerCase() + " " +
      [...element.querySelectorAll(".about, .failure")].map((one) => one.textContent.toLowerCase()).join(" "),
  }));
  const groups = [...document.querySelectorAll("section.profile")];
  const apply = () => {
    const data = new FormData(form);
    const verdicts = new Set(data.getAll("verdict"));
    const words = data.get("text").toLowerCase().split(/\\s+/).filter((word) => word !== "");
    let count = 0;
    for (const { element, verdict, profile, text } of cases) {
      const isShown = verdicts.has(verdict) && (data.get("profile") === "" || data.get("profile") === profile) &&
        words.every((word) => text.includes(word));
      element.hidden = !isShown;
      if (isShown) count++;
    }
    for (const group of groups) group.hidden = group.querySelector("details.case:not([hidden])") === null;
    told.textContent = count === cases.length ? "" : count + " of " + cases.length + " shown";
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
  const openTarget = () => {
    const target = /^#case-\\d+$/.test(location.hash) ? document.querySelector(location.hash) : null;
    if (target === null) return;
    if (target.hidden) form.reset();
    target.hidden = false;
    target.open = true;
    target.scrollIntoView();
    target.querySelector("summary").focus({ preventScroll: true });
  };
  addEventListener("hashchange", openTarget);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#case-']");
    if (link !== null && link.hash === location.hash) openTarget();
  });
  openTarget();
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = cases.map(({ element }) => element).filter((element) => !element.open);
    for (const element of opened) element.open = true;
  });
  addEventListener("afterprint", () => {
    for (const element of opened) element.open = false;
  });
})();
`;

/** Of `SCRIPT`, for the page's Content-Security-Policy; a test computes it anew. */
export const SCRIPT_HASH = "sha256-Cr9dvazEtMJGdtcTkhiqsg4lDjhGhsB+F+foJa2zSYw=";
