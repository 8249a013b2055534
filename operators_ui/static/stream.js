// The live stream and the leases, wherever they run: in the worker that all tabs of a browser share, or in the page
// itself where there is no such worker. In: `heard(message)` is called with what the server says. Nothing here
// touches a document.

const SILENCE_MS = 5000;
const RETRY_MS = 1000;
const RENEW_MS = 8000;

// Follow the stream for ever; a broken one is opened again.
export function follow(heard) {
  let source = null;
  let lastHeard = 0;
  let ended = false;

  function open() {
    if (ended) return;
    lastHeard = Date.now();
    source = new EventSource("/stream");
    for (const name of ["tick", "section", "versions"]) {
      source.addEventListener(name, (event) => {
        lastHeard = Date.now();
        heard({ about: name, ...(name === "versions" ? { versions: JSON.parse(event.data) } : JSON.parse(event.data)) });
      });
    }
    source.addEventListener("signed_off", () => {
      ended = true;
      source.close();
      heard({ about: "signed_off" });
    });
    source.onerror = again;
  }

  function again() {
    source.close();
    source.onerror = null;
    heard({ about: "lost" });
    setTimeout(open, RETRY_MS);
  }

  open();
  // A connection may die without a word: then only the silence tells.
  setInterval(() => {
    if (!ended && source.readyState !== EventSource.CLOSED && Date.now() - lastHeard > SILENCE_MS) again();
  }, 1000);
}

// Keep one lease alive until `stop`; `said({kept})` after each answer, `said({unsure: true})` when none comes.
export function keepLease({ incident, fence, csrf }, said) {
  async function renew() {
    try {
      const answer = await fetch(`/incidents/${incident}/renew`, {
        method: "POST",
        headers: { "X-CSRF": csrf, "X-By": "page", "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ fence }),
        signal: AbortSignal.timeout(RENEW_MS - 1000),
      });
      said(answer.ok ? await answer.json() : { unsure: true });
    } catch {
      said({ unsure: true });
    }
  }
  renew();
  const timer = setInterval(renew, RENEW_MS);
  return () => clearInterval(timer);
}
