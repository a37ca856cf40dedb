// Pages are whole without this: it copies commands, and looks again at what is still running.
"use strict";
for (const code of document.querySelectorAll(".copy")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "copy";
  button.setAttribute("aria-label", "copy the command");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.dataset.copy);
    button.textContent = "copied";
  });
  code.after(" ", button);
}
const refresh = document.querySelector('meta[name="refresh-every"]');
if (refresh) {
  setTimeout(() => {
    const busy = document.activeElement && /^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (!busy && !document.hidden) location.reload();
  }, 1000 * Number(refresh.content));
}
