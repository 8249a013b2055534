// What a page hears: the shared worker's messages, or its own stream where there is no worker. Keeps lists up to date,
// and says loudly when what it shows is old.

import { merge } from "./lists.js";
import { follow, keepLease } from "./stream.js";
import { sayNow, texts } from "./say.js";
import { play } from "./sounds.js";

const STALE_MS = 5000;

const listeners = [];
const title = document.title;
const banner = document.getElementById("banner");
const linkText = document.getElementById("link-text");
let heardAt = performance.now();
let storeAge = 0;
let offset = Number(document.querySelector("meta[name=now]").content) - Date.now();
let ownLease = null;
let port = null;
export let leading = true;

// The station's time, in milliseconds since 1970.
export const stationTime = () => Date.now() + offset;

export function listen(listener) {
  listeners.push(listener);
}

// Keep the lease of an incident while this page lives.
export function holdLease(incident, fence) {
  const csrf = document.querySelector("meta[name=csrf]").content;
  if (port) port.postMessage({ about: "lease", incident, fence, csrf });
  else {
    ownLease?.();
    ownLease = keepLease({ incident, fence, csrf }, (said) => hear({ about: "lease", ...said }));
  }
}

export function releaseLease() {
  if (port) port.postMessage({ about: "release" });
  ownLease?.();
}

function hear(message) {
  switch (message.about) {
    case "tick":
      heardAt = performance.now();
      storeAge = message.age_s;
      offset = message.now - Date.now();
      if (!wasStale) linkText.textContent = texts.live;
      beat();
      break;
    case "section":
      for (const list of document.querySelectorAll(`[data-section=${message.name}]`)) merge(list, message.html);
      break;
    case "leader":
      leading = message.you;
      break;
    case "there?":
      port.postMessage({ about: "here" });
      break;
    case "signed_off":
      location.assign(`/sign-on?next=${encodeURIComponent(location.pathname)}`);
      return;
  }
  check();
  for (const listener of listeners) listener(message);
}

function beat() {
  const pulse = document.querySelector(".pulse");
  pulse.classList.remove("beat");
  void pulse.offsetWidth;
  pulse.classList.add("beat");
}

let wasStale = false;
let soundedAt = 0;

function check() {
  const silent = performance.now() - heardAt > STALE_MS;
  const stale = silent || storeAge > STALE_MS / 1000;
  if (stale) {
    banner.textContent = silent ? texts.lost : texts.store;
    if (leading && performance.now() - soundedAt > 4000) {
      soundedAt = performance.now();
      play("system");
    }
  }
  if (stale === wasStale) return;
  wasStale = stale;
  banner.hidden = !stale;
  document.documentElement.classList.toggle("old-data", stale);
  document.title = stale ? `⚠ ${texts.lostTitle} · ${title}` : title;
  linkText.textContent = stale ? texts.lostTitle : texts.live;
  if (!stale) sayNow(texts.back);
}

export function start() {
  document.getElementById("lifeless").remove();
  if (window.SharedWorker) {
    const reader = document.querySelector("meta[name=reader]").content;
    const worker = new SharedWorker(new URL("worker.js", import.meta.url), { type: "module", name: `sereno-${reader}` });
    port = worker.port;
    port.onmessage = ({ data }) => hear(data);
    addEventListener("focus", () => port.postMessage({ about: "lead" }));
    addEventListener("pagehide", () => port.postMessage({ about: "bye" }));
  } else {
    follow(hear);
  }
  setInterval(check, 500);
  // A page out of the browser's memory shows old alarms as new.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}
