// The page of the alarm queue.

import { startAges, showAges } from "./ages.js";
import { silence, startAlarms } from "./alarms.js";
import { listen, start } from "./feed.js";
import { bindKeys } from "./keys.js";
import { post } from "./post.js";
import { startSounds } from "./sounds.js";

const queue = document.getElementById("queue");
const rows = () => [...queue.querySelectorAll(".row")];
const chosen = () => queue.querySelector(".row.chosen");

// The first row is where work goes on, unless the operator chose another.
function choose(row, { byHand = false } = {}) {
  chosen()?.classList.remove("chosen");
  row?.classList.add("chosen");
  if (byHand) row?.querySelector("a").focus({ preventScroll: false });
}

function move(step) {
  const all = rows();
  const at = all.indexOf(chosen());
  choose(all[Math.min(all.length - 1, Math.max(0, at + step))], { byHand: true });
}

const take = (row) => row && post(`/incidents/${row.dataset.incident}/take`);
const takeNext = () => post("/take-next");

function keepChosen() {
  if (!chosen()) choose(rows()[0]);
  showAges();
}

// Rows move as alarms come: what counts is the row under the finger when it went down.
let pressed = null;
queue.addEventListener("pointerdown", (event) => (pressed = event.target.closest(".row")));
queue.addEventListener("click", (event) => {
  const row = event.target.closest(".row");
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  if (event.detail === 0 || row === pressed) take(row);
});
queue.addEventListener("focusin", (event) => choose(event.target.closest(".row")));
document.getElementById("take-next").addEventListener("submit", (event) => {
  event.preventDefault();
  takeNext();
});

bindKeys({
  n: takeNext,
  " ": takeNext,
  arrowdown: () => move(1),
  arrowup: () => move(-1),
  enter: () => take(chosen()),
  v: () => chosen() && location.assign(chosen().querySelector("a").href),
  m: () => document.querySelector("[data-held=mine]")?.click(),
  s: silence,
});
document.getElementById("silence").addEventListener("click", silence);

start();
startSounds();
startAges(Number(document.querySelector("meta[name=zone-minutes]").content));
listen((message) => message.about === "section" && message.name === "queue" && keepChosen());
keepChosen();
startAlarms(() => rows().map((row) => ({ id: row.dataset.incident, sound: row.dataset.sound, say: row.dataset.say })), {
  changed: (loud) => (document.getElementById("silence").hidden = !loud),
});
