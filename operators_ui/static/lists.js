// Bring a list up to date without rebuilding it: rows keep their place in the keyboard's and the reader's attention.

const sources = new WeakMap(); // element -> the HTML that it was made of

// Make the children of `list` those of `html`. Children with the same `data-key` and the same HTML stay as they are.
export function merge(list, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const fresh = [...template.content.children];
  const before = new Map([...list.children].map((child) => [child.dataset.key, child]));
  const focused = document.activeElement?.closest?.("[data-key]")?.dataset.key;
  let place = list.firstElementChild;
  for (const child of fresh) {
    const source = child.outerHTML;
    const old = before.get(child.dataset.key);
    before.delete(child.dataset.key);
    const kept = old && sources.get(old) === source ? old : child;
    sources.set(kept, source);
    if (old && kept !== old) {
      if (old === place) place = old.nextElementSibling;
      old.classList.contains("chosen") && kept.classList.add("chosen");
      keepOpen(old, kept);
      old.replaceWith(kept);
    }
    if (!old) kept.classList.add("fresh");
    if (kept !== place) list.insertBefore(kept, place);
    else place = place.nextElementSibling;
  }
  for (const gone of before.values()) gone.remove();
  if (focused && !document.activeElement?.closest?.("[data-key]")) {
    list.querySelector(`[data-key="${CSS.escape(focused)}"] a`)?.focus();
  }
}

// What a reader unfolded stays unfolded.
function keepOpen(old, kept) {
  const folds = [...kept.querySelectorAll("details")];
  [...old.querySelectorAll("details")].forEach((fold, i) => folds[i] && (folds[i].open = fold.open));
}
