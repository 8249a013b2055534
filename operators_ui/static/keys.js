// Keys: one letter does one thing, and none while somebody types.

const dialog = document.getElementById("keys");

const typing = (target) => target.closest?.("input:not([type=radio]), textarea, select, [contenteditable]");

// `actions` maps a key, as `KeyboardEvent.key` in lower case, to what it does.
export function bindKeys(actions) {
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || event.isComposing) return;
    if (event.key === "?") {
      event.preventDefault();
      dialog.open ? dialog.close() : dialog.showModal();
    }
    if (dialog.open) return;
    const key = event.key.toLowerCase();
    const onControl = event.target.closest?.("button, summary, a, input");
    // Space and Enter belong to whatever has the focus.
    if (onControl && (key === " " || (key === "enter" && !event.target.closest(".row")))) return;
    const action = actions[key];
    if (!action || event.repeat && !key.startsWith("arrow")) return;
    event.preventDefault();
    action(event);
  });
  document.getElementById("keys-open").addEventListener("click", () => dialog.showModal());
}
