// One stream for all tabs of a browser, since a browser opens only six connections to a server; and the leases of the
// incidents that they work on, since browsers slow the timers of hidden tabs down until a lease would be lost.

import { follow, keepLease } from "./stream.js";

const FORGOTTEN_MS = 60000;

const tabs = new Map(); // port -> { heardAt, stop }
const latest = new Map(); // section name -> message, for tabs that come later
let leader = null; // the one tab that makes sounds

function tell(message) {
  for (const port of tabs.keys()) port.postMessage(message);
}

follow((message) => {
  if (message.about === "section") latest.set(message.name, message);
  if (message.about === "versions") latest.set("versions", message);
  tell(message);
});

function lead(port) {
  leader = port;
  for (const other of tabs.keys()) other.postMessage({ about: "leader", you: other === leader });
}

function leave(port) {
  tabs.get(port)?.stop?.();
  tabs.delete(port);
  if (leader === port && tabs.size) lead([...tabs.keys()].at(-1));
}

onconnect = (event) => {
  const [port] = event.ports;
  const tab = { heardAt: Date.now(), stop: null };
  tabs.set(port, tab);
  port.onmessage = ({ data }) => {
    tab.heardAt = Date.now();
    if (data.about === "lead") lead(port);
    if (data.about === "bye") leave(port);
    if (data.about === "lease") {
      tab.stop?.();
      tab.stop = keepLease(data, (said) => port.postMessage({ about: "lease", ...said }));
    }
    if (data.about === "release") tab.stop?.();
  };
  for (const message of latest.values()) port.postMessage(message);
  lead(port);
};

// A tab that crashed says no farewell; what it held must go back to the queue.
setInterval(() => {
  for (const [port, tab] of tabs) {
    if (Date.now() - tab.heardAt > FORGOTTEN_MS) leave(port);
    else port.postMessage({ about: "there?" });
  }
}, 5000);
