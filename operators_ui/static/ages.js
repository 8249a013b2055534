// Ages that count up, the clock on the wall, and clocks at the premises; all by the station's time.

import { stationTime } from "./feed.js";

const language = document.documentElement.lang;
const clocks = new Map();

function clock(zone) {
  if (!clocks.has(zone)) {
    const options = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
    if (zone) options.timeZone = zone;
    clocks.set(zone, new Intl.DateTimeFormat(language, options));
  }
  return clocks.get(zone);
}

const two = (n) => String(n).padStart(2, "0");

export function spell(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  if (hours >= 24) return `${Math.floor(hours / 24)} d ${two(hours % 24)} h`;
  return hours ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

export function showAges() {
  const now = stationTime();
  for (const one of document.querySelectorAll("[data-since]")) {
    const age = (now - Number(one.dataset.since)) / 1000;
    const shown = one.querySelector(".age-text");
    const text = spell(age);
    if (shown.textContent !== text) shown.textContent = text;
    const cell = shown.parentElement;
    const late = age >= Number(one.dataset.late ?? Infinity);
    cell.classList.toggle("late", late);
    cell.classList.toggle("warn", !late && age >= Number(one.dataset.warn ?? Infinity));
  }
}

function showClocks() {
  for (const one of document.querySelectorAll("time[data-zone]")) {
    try {
      one.textContent = clock(one.dataset.zone).format(stationTime());
    } catch {
      one.removeAttribute("data-zone"); // a zone that this browser does not know: the server's text stays
    }
  }
}

export function startAges(stationZoneMinutes) {
  const wall = document.getElementById("wall");
  setInterval(() => {
    showAges();
    showClocks();
    const there = new Date(stationTime() + stationZoneMinutes * 60000);
    wall.textContent = `${two(there.getUTCHours())}:${two(there.getUTCMinutes())}:${two(there.getUTCSeconds())}`;
  }, 500);
  showAges();
}
