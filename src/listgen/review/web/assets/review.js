// What the pages do beyond forms: keys, saving while writing, and answers that outlive a lost connection.
// Without this script every button still works; a form is sent as forms are.
"use strict";

const form = document.querySelector("form[data-vote]");
const note = document.querySelector("textarea[data-autosave]");
const state = document.querySelector("[data-state]");
const page = document.body.dataset;
const UNSENT = "listgen-unsent:";
const ARRIVING = "listgen-arriving";
const RETRY_MS = 3000;
const WRITING_MS = 1200;

function show(name) {
  if (!state) return;
  state.textContent = state.dataset[name] || "";
  state.classList.toggle("bad", ["waiting", "unavailable", "stale", "refused", "another"].includes(name));
}

// ---- what has not reached the server yet ---------------------------------------------------------------------------------
// Each item has an entry of its own, so that two tabs never overwrite each other, and carries the mark of the seat and round it
// was written in: it is sent only from a page with that mark. Its own key makes sending it twice harmless.

const unstored = new Map();
let sending = null;
let inFlight = null;
let retry = 0;

function parse(text) {
  try {
    return JSON.parse(text) || {};
  } catch {
    return {};
  }
}

function all() {
  const found = [...unstored.values()];
  try {
    localStorage.removeItem("listgen-unsent"); // an older form that did not say whose it was
    for (const name of Object.keys(localStorage)) if (name.startsWith(UNSENT)) found.push(parse(localStorage.getItem(name)));
  } catch {
    // A browser that stores nothing still sends what it can.
  }
  return found.filter((item) => item.key).sort((one, other) => one.at - other.at);
}

function waiting() {
  return all().filter((item) => page.mark && item.mark === page.mark && !item.isRefused);
}

function mine() {
  return all().filter((item) => page.owner && item.owner === page.owner);
}

function keep(item) {
  try {
    localStorage.setItem(UNSENT + item.key, JSON.stringify(item));
  } catch {
    unstored.set(item.key, item);
  }
}

function drop(key) {
  unstored.delete(key);
  try {
    localStorage.removeItem(UNSENT + key);
  } catch {
    // As above.
  }
}

function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function remember(button) {
  const answer = button ? button.value : "keep";
  const fields = [...new FormData(form)].filter(([name]) => !["csrfmiddlewaretoken", "answer", "key", "mark"].includes(name));
  // A later text replaces one that was never sent: only the last one is meant.
  for (const other of waiting()) {
    if (other.path === location.pathname && other.answer === "keep" && other.key !== (inFlight && inFlight.key)) drop(other.key);
  }
  keep({
    ...{ owner: page.owner, mark: page.mark, round: page.round, path: location.pathname, key: newKey(), at: Date.now(), answer, fields },
    said: button && answer !== "keep" ? button.firstChild.textContent.trim() : "",
    title: document.querySelector("h1").firstChild.textContent.trim(),
  });
}

function bodyOf(item) {
  const body = new URLSearchParams(item.fields);
  for (const name of ["answer", "key", "mark"]) body.set(name, item[name]);
  body.set("csrfmiddlewaretoken", document.querySelector("input[name=csrfmiddlewaretoken]").value);
  return body;
}

async function send(item) {
  try {
    const headers = { Accept: "application/json" };
    const response = await fetch(item.path, { method: "POST", body: bodyOf(item), headers, credentials: "same-origin" });
    return { ...(await response.json()), code: response.status };
  } catch {
    return null; // no connection, or an answer that is not the server's own
  }
}

function flush() {
  if (!sending) sending = sendAll().finally(() => (sending = null));
  return sending;
}

async function sendAll() {
  clearTimeout(retry);
  for (let item = waiting()[0]; item; item = waiting()[0]) {
    inFlight = item;
    show("saving");
    const answer = await send(item);
    inFlight = null;
    if (!settle(item, answer)) return;
  }
  // Another tab sent what waited here: the server knows what became of it.
  if (state && state.classList.contains("bad")) location.reload();
}

// Returns whether the next item may be sent.
function settle(item, answer) {
  if (answer === null || answer.code >= 500 || answer.code === 429) {
    show(answer === null ? "waiting" : "unavailable");
    retry = setTimeout(flush, RETRY_MS);
    return false;
  }
  if (answer.code === 403 || answer.status === "another_seat") {
    show(answer.code === 403 ? "refused" : "another");
    return false;
  }
  const isHere = item.path === location.pathname;
  if (answer.code !== 200) {
    // Kept until the page that gives it back has arrived; on another page it is listed, and nobody is led away from what they read.
    keep({ ...item, isRefused: true });
    if (isHere && form) {
      sendPlainly(item);
      return false;
    }
    list();
    return true;
  }
  drop(item.key);
  // What was written meanwhile was written in knowledge of what has just been saved.
  for (const other of waiting().filter((one) => one.path === item.path)) {
    const fields = other.fields.map(([name, value]) => [name, name === "revision" ? String(answer.revision) : value]);
    keep({ ...other, fields });
  }
  show("saved");
  if (isHere && form) form.elements.revision.value = answer.revision;
  if (isHere && form && item.answer !== "keep" && !waiting().length) follow(answer.next);
  return true;
}

// ---- what its author wrote earlier and no page sends any more: another round's, or refused -----------------------------------

function list() {
  const place = document.getElementById("unsent");
  if (!place) return;
  const left = mine().filter((item) => item.mark !== page.mark || item.isRefused);
  place.hidden = !left.length;
  place.querySelector("ul").replaceChildren(...left.map((item) => entry(place.querySelector("template"), item)));
}

function entry(template, item) {
  const made = template.content.cloneNode(true);
  const fill = (name, value) => {
    const spot = made.querySelector(`[data-fill=${name}]`);
    if (!value) spot.remove();
    else if (name === "reason") spot.querySelector("textarea").value = value;
    else spot.textContent = (spot.dataset.text || "%n").replace("%n", () => value);
  };
  const reason = Object.fromEntries(item.fields).reason;
  for (const [name, value] of Object.entries({ title: item.title, round: item.round, said: item.said, reason })) fill(name, value);
  const copy = made.querySelector("[data-copy]");
  made.querySelector("[data-open]").href = item.path;
  made.querySelector("[data-discard]").addEventListener("click", () => {
    drop(item.key);
    list();
  });
  if (!reason) copy.remove();
  else copy.addEventListener("click", (event) => copyText(event.target, event.target.closest("li").querySelector("textarea")));
  return made;
}

async function copyText(button, text) {
  text.select();
  try {
    await navigator.clipboard.writeText(text.value);
    button.textContent = button.dataset.copied;
  } catch {
    // It is selected: the keyboard copies it.
  }
}

function follow(address) {
  const target = new URL(address, location.href);
  if (target.pathname + target.search === location.pathname + location.search) {
    // A page that is read again stays where it was; `arrive` takes the reader to what is new on it.
    try {
      sessionStorage.setItem(ARRIVING, target.hash);
    } catch {
      // Without a store the reader scrolls.
    }
    location.hash = target.hash;
    location.reload();
  } else location.assign(target);
}

function arrive() {
  let hash = "";
  try {
    hash = sessionStorage.getItem(ARRIVING) || "";
    sessionStorage.removeItem(ARRIVING);
  } catch {
    // As above.
  }
  const place = hash && document.getElementById(hash.slice(1));
  if (!place) return;
  history.scrollRestoration = "manual";
  place.scrollIntoView();
  place.focus({ preventScroll: true });
}

// Lets the server's own page explain, and give the text back.
function sendPlainly(item) {
  const given = Object.fromEntries(item.fields);
  if (note) note.value = given.reason ?? note.value;
  form.elements.revision.value = given.revision;
  form.elements.key.value = item.key;
  const answer = document.createElement("input");
  answer.type = "hidden";
  answer.name = "answer";
  answer.value = item.answer;
  form.append(answer);
  form.submit();
}

// ---- one technology -----------------------------------------------------------------------------------------------------

let writing = 0;

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(writing);
    writing = 0;
    remember(event.submitter);
    // Shown at once: without a connection nothing else would say which answer waits.
    if (event.submitter && event.submitter.hasAttribute("aria-pressed")) {
      for (const one of form.querySelectorAll("[aria-pressed]")) one.setAttribute("aria-pressed", String(one === event.submitter));
    }
    flush();
  });
}

if (form && note) {
  note.addEventListener("input", () => {
    clearTimeout(writing);
    writing = setTimeout(() => {
      writing = 0;
      remember();
      flush();
    }, WRITING_MS);
  });
  addEventListener("pagehide", () => {
    if (writing) remember();
    writing = 0;
  });
}

addEventListener("online", flush);
// A page brought back by the back button may be older than its ballot.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// Whoever leaves takes along what is theirs; what another person did not get sent stays for them.
for (const leave of document.querySelectorAll("form[data-leave]")) {
  leave.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (writing) remember();
    clearTimeout(writing);
    writing = 0;
    await flush();
    const left = mine();
    if (left.length && !confirm(leave.dataset.unsent.replace("%n", String(left.length)))) return;
    for (const item of left) drop(item.key);
    leave.submit();
  });
}
for (const select of document.querySelectorAll("select[data-go]")) {
  select.addEventListener("change", () => select.form.submit());
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.target.closest("input, textarea, select")) return;
  const target = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key.toLowerCase());
  if (!target) return;
  event.preventDefault();
  target.click();
});

addEventListener("load", arrive);
if (page.givenBack) drop(page.givenBack);
list();
flush();
