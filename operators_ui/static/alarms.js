// What a new alarm does to the ears: the most urgent sound, again and again until it is taken or silenced.

import { leading, listen } from "./feed.js";
import { sayNow, saySoon, texts } from "./say.js";
import { play } from "./sounds.js";

const ORDER = ["life", "intrusion", "technical"];
const EVERY_MS = { life: 2500, intrusion: 5000, technical: 15000 };

let known = null; // incidents that were waiting when last heard
let silenced = new Set();
let soundedAt = 0;

// `waiting` gives what waits now: [{id, sound, say}]. `busy`: the operator works on something; then an alarm that does
// not threaten life sounds once.
export function startAlarms(waiting, { busy = false, changed = () => {} } = {}) {
  function look() {
    const now = waiting();
    const fresh = known ? now.filter((one) => !known.has(one.id)) : [];
    known = new Set(now.map((one) => one.id));
    for (const one of fresh) (one.sound === "life" ? sayNow : saySoon)(`${texts.newAlarm} ${one.say}`);
    if (fresh.length) soundedAt = 0;
    const loud = now.filter((one) => !silenced.has(one.id) && (!busy || one.sound === "life" || fresh.includes(one)));
    const sound = ORDER.find((name) => loud.some((one) => one.sound === name));
    changed(Boolean(sound));
    if (!sound || !leading || performance.now() - soundedAt < EVERY_MS[sound]) return;
    soundedAt = performance.now();
    play(sound);
  }
  listen((message) => message.about === "section" && message.name === "queue" && look());
  setInterval(look, 1000);
  look();
}

export function silence() {
  silenced = new Set(known);
  saySoon(texts.silenced);
}
