// The page of one incident: brought up to date as signals and colleagues write to it; its verbs; its lease.

import { showAges, startAges } from "./ages.js";
import { silence, startAlarms } from "./alarms.js";
import { holdLease, listen, releaseLease, start } from "./feed.js";
import { bindKeys } from "./keys.js";
import { merge } from "./lists.js";
import { post } from "./post.js";
import { sayNow, showSaid, texts } from "./say.js";
import { play, startSounds } from "./sounds.js";

const page = document.getElementById("incident");
const number = page.dataset.incident;
const verbs = document.getElementById("verbs");
const news = document.getElementById("new-signals");
const lease = document.getElementById("lease");
let mine = page.dataset.mine === "yes";
let version = page.dataset.version;
let signals = Number(page.dataset.signals);
// Signals that came while the operator worked: until he has been told, closing is refused.
let unread = false;
let latest = page.querySelector("[name=seen_n]").value;
let reading = null;
let again = false;

// Drafts: what was typed outlives a refusal, a lost lease and a reload.

const draftKey = (box) => `sereno-draft-${number}-${box.dataset.draft}`;
function restoreDrafts(root) {
  for (const box of root.querySelectorAll("[data-draft]")) box.value ||= sessionStorage.getItem(draftKey(box)) ?? "";
}
restoreDrafts(document);
document.addEventListener("input", ({ target }) => {
  if (target.dataset.draft) sessionStorage.setItem(draftKey(target), target.value);
});
function dropDraft(form) {
  for (const box of form.querySelectorAll("[data-draft]")) {
    box.value = "";
    sessionStorage.removeItem(draftKey(box));
  }
}

// What the server knows now.

// Done when what the server knew at the time of the call, or later, is shown.
function refresh() {
  again = true;
  reading ??= read().finally(() => (reading = null));
  return reading;
}

async function read() {
  try {
    while (again) {
      again = false;
      const answer = await fetch(`/incidents/${number}/parts`, { headers: { "X-By": "page" } });
      if (answer.ok) show(await answer.json());
    }
  } catch {
    // The banner says that the data is old; the next change or the slow round tries again.
  }
}

function show(now) {
  if (now.version === version) return;
  version = now.version;
  for (const [name, html] of Object.entries(now.parts)) {
    const part = page.querySelector(`[data-part=${name}]`);
    if (!part) continue;
    if (part.tagName === "OL") merge(part, html);
    else replace(part, html);
  }
  if (now.signals > signals) {
    announce(now.signals - signals);
    unread = true;
  }
  signals = now.signals;
  latest = now.seen_n;
  if (!unread) seen();
  for (const field of page.querySelectorAll("[name=fence]")) field.value = now.fence;
  become(now.mine, now.fence);
  showAges();
}

// What somebody types or has opened in a part stays while the part is renewed around it.
function replace(part, html) {
  const typed = new Map([...part.querySelectorAll("input[id], textarea[id]")].map((box) => [box.id, box.value]));
  const open = new Set([...part.querySelectorAll("details[open]")].map((sheet) => sheet.dataset.sheet));
  const focus = part.contains(document.activeElement) ? document.activeElement.id : "";
  part.innerHTML = html;
  for (const [id, value] of typed) if (part.querySelector(`#${id}`)) part.querySelector(`#${id}`).value ||= value;
  for (const sheet of part.querySelectorAll("details")) sheet.open ||= open.has(sheet.dataset.sheet);
  if (focus) document.getElementById(focus)?.focus();
  restoreDrafts(part);
}

// For the operator's eyes alone, and only for a while.
function tell(said) {
  const told = document.getElementById("told");
  told.textContent = said.say;
  told.hidden = false;
  setTimeout(() => (told.hidden = true), (said.seconds || 30) * 1000);
}

function seen() {
  unread = false;
  page.querySelector("[name=seen_n]").value = latest;
}

function announce(count) {
  const first = [...page.querySelectorAll(".signal")].slice(0, count);
  for (const one of first) one.classList.add("unread");
  news.textContent = texts.newSignals;
  news.hidden = false;
  play("technical");
  setTimeout(() => {
    news.hidden = true;
    for (const one of first) one.classList.remove("unread");
  }, 15000);
}

function become(holder, fence) {
  const was = mine;
  mine = holder;
  verbs.disabled = !holder;
  // What was typed is never hidden: a holder who lost the incident must still be able to read it.
  document.body.classList.toggle("reading", !holder && !was && !page.dataset.lost);
  if (holder) {
    delete page.dataset.lost;
    lease.hidden = true;
    holdLease(number, fence);
  } else if (was) {
    lost();
  }
}

function lost() {
  releaseLease();
  mine = false;
  verbs.disabled = true;
  page.dataset.lost = "yes";
  lease.textContent = texts.leaseLost;
  lease.hidden = false;
  sayNow(texts.leaseLost);
}

listen((message) => {
  if (message.about === "versions" && message.versions[number] !== version && !closed()) refresh();
  if (message.about === "lease" && mine) {
    if (message.kept === false) {
      lost();
      refresh();
    } else {
      lease.textContent = texts.leaseUnsure;
      lease.hidden = !message.unsure;
    }
  }
});

const closed = () => version.endsWith(".closed");

// The verbs.

async function send(form, submitter) {
  const from = form.dataset.borrows && document.getElementById(form.dataset.borrows);
  if (from) {
    if (!from.reportValidity()) return;
    form.querySelector("[name=reason]").value = from.value;
  }
  const fields = new FormData(form, submitter);
  // A verb that ends the work on this incident must not raise the alarm that its lease is gone.
  const ends = ["close", "hold", "hand-over"].includes(form.dataset.verb);
  const before = mine;
  if (ends) mine = false;
  // Pressed again before the answer is on the screen, it would be refused again.
  if (submitter) submitter.disabled = true;
  try {
    if (!(await post(form.getAttribute("action"), fields, tell))) {
      mine = before;
      await refresh();
      // The refusal has said that signals came; the next try is made knowing it.
      if (form.dataset.verb === "close") seen();
      return;
    }
    dropDraft(form);
    if (from) dropDraft(from.form);
    if (ends) releaseLease();
    else {
      document.activeElement?.blur?.();
      await refresh();
    }
  } finally {
    if (submitter) submitter.disabled = false;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id === "take") {
    event.preventDefault();
    take();
  } else if (form.dataset.verb) {
    event.preventDefault();
    send(form, event.submitter);
  }
});

async function take() {
  if (await post(`/incidents/${number}/take`)) {
    showSaid("");
    await refresh();
  }
}

// Keys.

function open(name, focus) {
  if (verbs.disabled) return;
  for (const sheet of page.querySelectorAll("[data-sheet]")) sheet.open = sheet.dataset.sheet === name;
  page.querySelector(`[data-sheet=${name}] ${focus}`).focus();
}

function digit(event) {
  const choices = page.querySelector("[data-sheet=close]");
  if (choices.open) choices.querySelectorAll("[name=disposition]")[event.key - 1]?.click();
  else page.querySelector(`[data-call="${event.key}"]`)?.focus();
}

const digits = Object.fromEntries([..."123456789"].map((key) => [key, digit]));
bindKeys({
  n: () => document.getElementById("take")?.requestSubmit(),
  t: () => !verbs.disabled && document.getElementById("note-text").focus(),
  c: () => open("close", "[name=disposition]"),
  h: () => open("hold", "[name=reason]"),
  o: () => open("hand-over", "select"),
  r: () => {
    const folds = [...page.querySelectorAll(".raw")];
    const unfold = folds.some((fold) => !fold.open);
    for (const fold of folds) fold.open = unfold;
  },
  s: silence,
  q: () => location.assign("/"),
  escape: () => page.querySelectorAll("[data-sheet]").forEach((sheet) => (sheet.open = false)),
  ...digits,
});
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.closest("form[data-verb]")?.requestSubmit();
});

start();
startSounds();
startAges(Number(document.querySelector("meta[name=zone-minutes]").content));
if (mine) holdLease(number, page.dataset.fence);
setInterval(refresh, 10000);
const waiting = () => [...document.querySelectorAll("#queue .row")];
startAlarms(() => waiting().map(({ dataset }) => ({ id: dataset.incident, sound: dataset.sound, say: dataset.say })), {
  busy: true,
});
// Keys mean something from here on; before, the browser takes them for its own.
document.body.dataset.ready = "yes";
