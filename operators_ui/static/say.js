// Words for screen readers, and this page's texts in the operator's language.

export const texts = JSON.parse(document.getElementById("texts").textContent);

const soon = document.getElementById("say-soon");
let soonAt = 0;
let waiting = null;

// Interrupts: for danger to life and for what can't wait.
export function sayNow(text) {
  document.getElementById("say-now").textContent = text;
}

// Waits its turn; in a storm only the newest is said, once in five seconds.
export function saySoon(text) {
  clearTimeout(waiting);
  const wait = Math.max(0, soonAt + 5000 - performance.now());
  waiting = setTimeout(() => {
    soonAt = performance.now();
    soon.textContent = text;
  }, wait);
}

// A refusal, where the operator looks.
export function showSaid(text) {
  const said = document.getElementById("said");
  said.textContent = text;
  said.hidden = !text;
}
