// Sending what an operator does. In: an address and fields. Out: goes where the answer says, or shows why not; what was
// typed stays.

import { showSaid, texts } from "./say.js";

let busy = false;

// True if it was done. While one is under way a second press does nothing.
export async function post(path, fields = {}, tell = () => {}) {
  if (busy) return false;
  busy = true;
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: {
        "X-CSRF": document.querySelector("meta[name=csrf]").content,
        "X-By": "person",
        "Content-Type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams(fields),
      signal: AbortSignal.timeout(15000),
    });
    const said = await answer.json();
    if (answer.status === 401) return void location.assign(`/sign-on?next=${encodeURIComponent(location.pathname)}`);
    showSaid(said.refused ?? "");
    if (answer.ok && said.say) tell(said);
    if (answer.ok && said.go && said.go !== location.pathname) location.assign(said.go);
    return answer.ok;
  } catch {
    showSaid(texts.notSent);
    return false;
  } finally {
    busy = false;
  }
}
