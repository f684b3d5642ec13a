// What the pages do beyond forms: keys, saving while writing, and answers that outlive a lost connection.
// Without this script every button still works; a form is sent as forms are.
"use strict";

const form = document.querySelector("form[data-vote]");
const note = document.querySelector("textarea[data-autosave]");
const state = document.querySelector("[data-state]");
const STORE = "listgen-unsent";
const ARRIVING = "listgen-arriving";
const RETRY_MS = 3000;
const WRITING_MS = 1200;

function show(name) {
  if (!state) return;
  state.textContent = state.dataset[name] || "";
  state.classList.toggle("bad", ["waiting", "stale", "refused"].includes(name));
}

// ---- what has not reached the server yet, oldest first; each item's own key makes sending it twice harmless -------------

let waiting = load();
let inFlight = null;
let retry = 0;

function load() {
  try {
    return JSON.parse(localStorage.getItem(STORE)) || [];
  } catch {
    return [];
  }
}

function store() {
  try {
    if (waiting.length) localStorage.setItem(STORE, JSON.stringify(waiting));
    else localStorage.removeItem(STORE);
  } catch {
    // A browser that keeps nothing still sends what it can.
  }
}

function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function remember(answer) {
  const fields = [...new FormData(form)].filter(([name]) => !["csrfmiddlewaretoken", "answer", "key"].includes(name));
  const item = { path: location.pathname, key: newKey(), answer, fields };
  // A later text replaces one that was never sent: only the last one is meant.
  waiting = waiting.filter((other) => other === inFlight || other.path !== item.path || other.answer !== "keep");
  waiting.push(item);
  store();
}

function bodyOf(item) {
  const body = new URLSearchParams(item.fields);
  body.set("answer", item.answer);
  body.set("key", item.key);
  body.set("csrfmiddlewaretoken", document.querySelector("input[name=csrfmiddlewaretoken]").value);
  return body;
}

async function flush() {
  if (inFlight) return;
  clearTimeout(retry);
  while (waiting.length) {
    inFlight = waiting[0];
    show("saving");
    let answer = null;
    try {
      const headers = { Accept: "application/json" };
      const response = await fetch(inFlight.path, { method: "POST", body: bodyOf(inFlight), headers, credentials: "same-origin" });
      answer = { ...(await response.json()), status: response.status };
    } catch {
      // No connection, or an answer that is not the server's own.
    }
    const item = inFlight;
    inFlight = null;
    if (!settle(item, answer)) return;
  }
}

// Returns whether the next item may be sent.
function settle(item, answer) {
  if (answer === null || answer.status >= 500 || answer.status === 429) {
    show("waiting");
    retry = setTimeout(flush, RETRY_MS);
    return false;
  }
  if (answer.status === 403) {
    show("refused");
    return false;
  }
  const here = form !== null && item.path === location.pathname;
  if (answer.status !== 200 && !here) {
    location.assign(item.path);
    return false;
  }
  waiting = waiting.filter((other) => other !== item);
  if (answer.status !== 200) {
    store();
    sendPlainly(item);
    return false;
  }
  // What was written meanwhile was written in knowledge of what has just been saved.
  for (const other of waiting.filter((one) => one.path === item.path)) {
    other.fields = other.fields.map(([name, value]) => [name, name === "revision" ? String(answer.revision) : value]);
  }
  store();
  show("saved");
  if (here) form.elements.revision.value = answer.revision;
  if (here && item.answer !== "keep" && !waiting.length) follow(answer.next);
  return true;
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
    remember(event.submitter ? event.submitter.value : "keep");
    flush();
  });
}

if (form && note) {
  note.addEventListener("input", () => {
    clearTimeout(writing);
    writing = setTimeout(() => {
      writing = 0;
      remember("keep");
      flush();
    }, WRITING_MS);
  });
  addEventListener("pagehide", () => {
    if (writing) remember("keep");
    writing = 0;
  });
}

addEventListener("online", flush);
// A page brought back by the back button may be older than its ballot.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

for (const leave of document.querySelectorAll("form[data-leave]")) {
  leave.addEventListener("submit", () => {
    waiting = [];
    store();
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
flush();
