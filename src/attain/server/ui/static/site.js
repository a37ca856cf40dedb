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
for (const brush of document.querySelectorAll("rect.brush")) {
  const { key, low, high, kind } = brush.dataset;
  const form = brush.closest("form");
  if (!form) continue;
  brush.firstElementChild.textContent = "draw along the axis to ask for a part of it";
  const box = () => brush.getBoundingClientRect();
  const share = (event) => Math.min(1, Math.max(0, (box().bottom - event.clientY) / box().height));
  const value = (part) => kind === "log"
    ? Math.exp(Math.log(low) + part * (Math.log(high) - Math.log(low)))
    : Number(low) + part * (high - low);
  let from = null;
  brush.addEventListener("pointerdown", (event) => {
    from = share(event);
    brush.setPointerCapture(event.pointerId);
  });
  brush.addEventListener("pointerup", (event) => {
    if (from === null) return;
    const ends = [from, share(event)].sort((a, b) => a - b);
    const whole = ends[1] - ends[0] < 0.01;
    ["from", "to"].forEach((end, at) => {
      const open = whole || (at ? ends[1] > 0.97 : ends[0] < 0.03);
      form.elements[`${end}.${key}`].value = open ? "" : String(Number(value(ends[at]).toPrecision(4)));
    });
    form.requestSubmit();
  });
}
