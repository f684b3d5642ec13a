(function () {
  "use strict";
  // Everything here is a convenience; the page can be read and its language switched without it.
  var root = document.documentElement;
  var form = document.getElementById("find");
  var text = document.getElementById("find-text");
  var domain = document.getElementById("find-domain");
  var status = document.getElementById("find-status");
  var count = document.getElementById("find-count");
  var cards = Array.prototype.slice.call(document.querySelectorAll("article.card"));
  var rows = {};
  document.querySelectorAll("tr[data-t]").forEach(function (row) { rows["tech-" + row.dataset.t] = row; });

  // The fragment carries place and view: #tech-quantum_computing&lang=ja&q=...&domain=...&status=...
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
  function fold(words) { return words.normalize("NFKC").toLowerCase().replace(/[\u30a1-\u30f6]/g, function (c) { return String.fromCharCode(c.charCodeAt(0) - 96); }); }

  function writeFragment(place) {
    var parts = [place || ""];
    parts.push("lang=" + language());
    if (text.value) { parts.push("q=" + encodeURIComponent(text.value)); }
    if (domain.value) { parts.push("domain=" + encodeURIComponent(domain.value)); }
    if (status.value) { parts.push("status=" + encodeURIComponent(status.value)); }
    try { history.replaceState(null, "", "#" + parts.join("&").replace(/^&/, "")); } catch (error) { /* some viewers forbid it */ }
  }
  function applyLanguage(chosen) {
    document.getElementById(chosen === "ja" ? "lang-ja" : "lang-en").checked = true;
    root.lang = chosen === "ja" ? "ja" : "en";
    document.querySelectorAll("option").forEach(function (option) { option.textContent = option.dataset[root.lang]; });
  }
  function applyFilter() {
    var words = fold(text.value).split(/\s+/).filter(Boolean);
    var shown = 0;
    cards.forEach(function (card) {
      var data = card.dataset;
      var fits = (!domain.value || data.d === domain.value) && (!status.value || data.s === status.value) &&
        words.every(function (word) { return data.f.indexOf(word) >= 0; });
      card.hidden = !fits;
      if (rows[card.id]) { rows[card.id].hidden = !fits; }
      shown += fits ? 1 : 0;
    });
    document.querySelectorAll("table.list tbody").forEach(function (body) { body.hidden = !body.querySelector("tr[data-t]:not([hidden])"); });
    document.querySelectorAll("a.s").forEach(function (mark) {
      var card = document.getElementById(mark.getAttribute("href").slice(1));
      mark.style.display = card && card.hidden ? "none" : "";
    });
    count.textContent = shown;
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
    if (first || "q" in view || "domain" in view || "status" in view) {
      text.value = view.q || "";
      domain.value = view.domain || "";
      status.value = view.status || "";
    }
    applyFilter();
    reveal(view.place);
    if (view.place || view.lang) { writeFragment(view.place); }
  }

  cards.forEach(function (card) {
    card.dataset.f = fold(card.firstElementChild.textContent + " " + card.id + " " + (card.querySelector(".def") || card).textContent);
  });
  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("input", function () { applyFilter(); writeFragment(readFragment().place); });
  form.addEventListener("reset", function () { setTimeout(function () { applyFilter(); writeFragment(readFragment().place); }, 0); });
  document.querySelectorAll("input[name=lang]").forEach(function (radio) {
    radio.addEventListener("change", function () { applyLanguage(language()); writeFragment(readFragment().place); });
  });
  window.addEventListener("hashchange", function () { applyFragment(false); });
  window.addEventListener("beforeprint", function () { document.querySelectorAll("details").forEach(function (box) { box.open = true; }); });
  applyFragment(true);
})();
