// Four sounds, made here and not loaded: each is told from the others within half a second, by rhythm as well as pitch.

// [start s, length s, Hz from, Hz to]
const TUNES = {
  life: [[0, 0.14, 880, 1320], [0.17, 0.14, 880, 1320], [0.34, 0.14, 880, 1320], [0.51, 0.14, 880, 1320]],
  intrusion: [[0, 0.2, 660, 660], [0.24, 0.3, 520, 520]],
  technical: [[0, 0.35, 392, 392]],
  system: [[0, 0.45, 330, 165], [0.55, 0.45, 330, 165]],
};

const button = document.getElementById("sound");
let context = null;

function ready() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
  button.hidden = context.state === "running";
  context.onstatechange = () => (button.hidden = context.state === "running");
  return context.state === "running";
}

export function play(name) {
  if (!ready()) return;
  for (const [start, length, from, to] of TUNES[name]) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const at = context.currentTime + start;
    tone.type = "triangle";
    tone.frequency.setValueAtTime(from, at);
    tone.frequency.exponentialRampToValueAtTime(to, at + length);
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.35, at + 0.01);
    volume.gain.setValueAtTime(0.35, at + length - 0.03);
    volume.gain.linearRampToValueAtTime(0, at + length);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + length);
  }
}

export function startSounds() {
  ready();
  button.addEventListener("click", ready);
  // Any key or click is leave enough for the browser.
  for (const gesture of ["keydown", "pointerdown"]) addEventListener(gesture, ready, { capture: true });
  for (const one of document.querySelectorAll("[data-try]")) one.addEventListener("click", () => play(one.dataset.try));
}
