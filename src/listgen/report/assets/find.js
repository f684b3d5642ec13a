// The search of the overview: rows, names and marks on the map of the technologies that fit.
var form = document.getElementById("find");
var text = document.getElementById("find-text");
var domain = document.getElementById("find-domain");
var status = document.getElementById("find-status");
var items = Array.prototype.slice.call(document.querySelectorAll("[data-t]"));
var words = new Map();

function fold(said) { return said.normalize("NFKC").toLowerCase().replace(/[\u30a1-\u30f6]/g, function (c) { return String.fromCharCode(c.charCodeAt(0) - 96); }); }
// "AI" is not the middle of "training": Latin words this short are found whole. Reasons and counts beside a name are not searched.
function finder(word) { return new RegExp(/^[a-z0-9]{1,2}$/.test(word) ? "(^|[^a-z0-9])" + word + "($|[^a-z0-9])" : word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")); }
function applyFilter() {
  var wanted = fold(text.value).split(/\s+/).filter(Boolean).map(finder);
  var fitting = new Set();
  items.forEach(function (item) {
    var data = item.dataset;
    if (wanted.length && !words.has(item)) { words.set(item, fold(item.querySelector("a").textContent + " " + data.t + " " + data.f)); }
    var fits = (!domain.value || data.d === domain.value) && (!status.value || data.s === status.value) &&
      wanted.every(function (word) { return word.test(words.get(item)); });
    item.hidden = !fits;
    if (fits) { fitting.add("technologies/" + data.t + ".html"); }
  });
  document.querySelectorAll("table.list tbody").forEach(function (body) { body.hidden = !body.querySelector("[data-t]:not([hidden])"); });
  document.querySelectorAll("a.s").forEach(function (mark) { mark.style.display = fitting.has(mark.getAttribute("href").split("#")[0]) ? "" : "none"; });
  var box = document.querySelector("details.blank");
  if (box && (wanted.length || status.value)) { box.open = !!box.querySelector("[data-t]:not([hidden])"); }
  document.getElementById("find-count").textContent = fitting.size;
}
ownParts = function () {
  return [["q", text], ["domain", domain], ["status", status]].filter(function (pair) { return pair[1].value; })
    .map(function (pair) { return pair[0] + "=" + encodeURIComponent(pair[1].value); });
};
ownView = function (view, first) {
  if (first || "q" in view || "domain" in view || "status" in view) {
    text.value = view.q || "";
    domain.value = view.domain || "";
    status.value = view.status || "";
  }
  applyFilter();
};
function search() { applyFilter(); writeFragment(readFragment().place); }

form.hidden = false;
form.addEventListener("submit", function (event) { event.preventDefault(); });
form.addEventListener("input", search);
form.addEventListener("reset", function () { setTimeout(search, 0); });
