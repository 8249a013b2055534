// Pages of lists and forms beside the alarm queue: alive, and loud when an alarm comes.

import { startAges } from "./ages.js";
import { silence, startAlarms } from "./alarms.js";
import { start } from "./feed.js";
import { bindKeys } from "./keys.js";
import { startSounds } from "./sounds.js";

bindKeys({ q: () => location.assign("/"), s: silence });
start();
startSounds();
startAges(Number(document.querySelector("meta[name=zone-minutes]").content));
const waiting = () => [...document.querySelectorAll("#queue .row")];
startAlarms(() => waiting().map(({ dataset }) => ({ id: dataset.incident, sound: dataset.sound, say: dataset.say })), {
  busy: true,
});
