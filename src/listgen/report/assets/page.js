// Everything here is a convenience; the pages can be read and their language switched without it.
var root = document.documentElement;
// The fragment carries place and view: #tech-quantum_computing&lang=ja&q=...&domain=...&status=...
var ownParts = function () { return []; };
var ownView = function () {};

function readFragment() {
  var view = { place: "" };
  location.hash.slice(1).split("&").forEach(function (part) {
    var cut = part.indexOf("=");
    if (cut < 0) { view.place = part || view.place; return; }
    try { view[part.slice(0, cut)] = decodeURIComponent(part.slice(cut + 1)); } catch (error) { /* a broken link opens the plain view */ }
  });
  return view;
}
function language() { return document.getElementById("lang-ja").checked ? "ja" : "en"; }
function writeFragment(place) {
  var parts = [place || "", "lang=" + language()].concat(ownParts());
  try { history.replaceState(null, "", "#" + parts.join("&").replace(/^&/, "")); } catch (error) { /* some viewers forbid it */ }
}
function applyLanguage(chosen) {
  document.getElementById(chosen === "ja" ? "lang-ja" : "lang-en").checked = true;
  root.lang = chosen === "ja" ? "ja" : "en";
  document.querySelectorAll("option").forEach(function (option) { option.textContent = option.dataset[root.lang]; });
  // The other pages open in the language chosen here.
  document.querySelectorAll("a[href*='.html']").forEach(function (link) {
    link.dataset.h = link.dataset.h || link.getAttribute("href");
    link.setAttribute("href", link.dataset.h + (link.dataset.h.indexOf("#") < 0 ? "#" : "&") + "lang=" + root.lang);
  });
}
function reveal(place) {
  var target = place && document.getElementById(place);
  if (!target) { return; }
  for (var box = target; box; box = box.parentElement) { if (box.tagName === "DETAILS") { box.open = true; } }
  target.scrollIntoView();
}
function applyFragment(first) {
  var view = readFragment();
  applyLanguage(view.lang || (first ? (navigator.language || "en").slice(0, 2) : language()));
  ownView(view, first);
  reveal(view.place);
  if (view.place || view.lang) { writeFragment(view.place); }
}
function start() {
  document.querySelectorAll("input[name=lang]").forEach(function (radio) {
    radio.addEventListener("change", function () { applyLanguage(language()); writeFragment(readFragment().place); });
  });
  window.addEventListener("hashchange", function () { applyFragment(false); });
  window.addEventListener("beforeprint", function () { document.querySelectorAll("details").forEach(function (box) { box.open = true; }); });
  applyFragment(true);
}
