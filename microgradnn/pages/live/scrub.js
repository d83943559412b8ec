// The number is the control: drag it sideways, press ↑ ↓, or type. A click that does not move chooses it.

const FINE = 0.1; // with Shift
const FREE = 3; // pixels that a click may move

// `control`: get, set, and perhaps: per (a pixel), change (how a number moves), chosen, done, typed.
function scrubbable(
  element,
  { get, set: put, per = 0.01, change = (v, by) => v + by, chosen = () => {}, done = () => {}, editor = null },
) {
  let from = null,
    start = 0,
    moved = false,
    pressed = 0;
  element.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    [from, start, moved] = [event.clientX, get(), false];
    document.documentElement.classList.add("scrubbing");
    element.setPointerCapture(event.pointerId);
    element.focus({ preventScroll: true });
  });
  element.addEventListener("pointermove", (event) => {
    if (from === null || (!moved && Math.abs(event.clientX - from) < FREE)) return;
    moved = true;
    put(change(start, (event.clientX - from) * per * (event.shiftKey ? FINE : 1)));
  });
  const end = (isClick) => () => {
    if (from === null) return;
    from = null;
    document.documentElement.classList.remove("scrubbing");
    if (moved) {
      forgetPartials(); // paths are in the order of their strength again
      done();
      announce();
    } else if (isClick) chosen();
  };
  element.addEventListener("pointerup", end(true));
  for (const lost of ["pointercancel", "lostpointercapture"]) element.addEventListener(lost, end(false));
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (steps && !(state.mode === "steps" && event.key.startsWith("Page"))) {
      put(change(get(), steps * 10 * per * (event.shiftKey ? FINE : 1)));
      clearTimeout(pressed);
      pressed = setTimeout(() => {
        done();
        announce();
      }, 400); // one edit in the history, not one a key
    } else if (event.key === "Enter" || event.key === " ") chosen();
    else if (/^[-−+.\d]$/.test(event.key) && editor) editor(event.key.replace("−", "-"));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  if (editor) element.addEventListener("dblclick", () => editor(""));
}

// A computed number cannot be changed: who drags it, or types over it, is told what to change instead.
const MOST_LEAVES = 5;
function leavesOf(id) {
  const before = new Set([id]); // which grows while it is gone through
  for (const one of before) for (const from of nodes[one].from) if (typeof from === "number") before.add(from);
  return [...before].filter((one) => isMovable(one) && nodes[one].grid).sort((a, b) => a - b);
}
function computedText(id) {
  const names = leavesOf(id).map(plainName),
    isShort = names.length && names.length <= MOST_LEAVES;
  if (!isShort) return `${plainName(id)} is computed: change the numbers that it is made from`;
  const all = [names.slice(0, -1).join(", "), names.at(-1)].filter(Boolean).join(" and ");
  return `${plainName(id)} is computed from ${all}: change ${names.length > 1 ? "those" : "that"}`;
}
let untilHidden = 0;
function tellComputed(id, element) {
  const { left, bottom } = element.getBoundingClientRect(),
    text = computedText(id),
    hint = byId("computed");
  if (!hint.hidden && hint.textContent === text) return;
  put(hint, text);
  hint.hidden = false;
  hint.style.top = `${bottom + scrollY + 4}px`;
  hint.style.left = `${Math.max(4, Math.min(left, root.clientWidth - hint.offsetWidth - 4)) + scrollX}px`;
  announceText(text);
  const hide = () => (hint.hidden = true);
  clearTimeout(untilHidden);
  untilHidden = setTimeout(hide, 4000);
  addEventListener("pointerdown", hide, { once: true });
}
function explainsItself(element, id) {
  let from = null;
  const tell = () => tellComputed(id, element);
  element.addEventListener("pointerdown", (event) => {
    from = event.button || event.pointerType === "touch" ? null : event.clientX; // a finger may scroll
    if (from !== null) element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    if (from !== null && Math.abs(event.clientX - from) >= FREE) tell();
  });
  for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => (from = null));
  element.addEventListener("dblclick", tell);
  element.addEventListener("keydown", (event) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isPlain && (/^[-−+.\d]$/.test(event.key) || ["ArrowUp", "ArrowDown"].includes(event.key))) tell();
  });
}

// A field over a number, to type another one.
function typeOver(element, start, current, take) {
  const place = element.getBoundingClientRect(),
    field = byId("typed");
  Object.assign(field.style, {
    left: `${place.left + scrollX}px`,
    top: `${place.top + scrollY}px`,
    width: `${place.width}px`,
    display: "block",
  });
  field.value = start || String(current);
  field.focus();
  if (!start) field.select();
  const close = (isTaken) => {
    if (field.style.display === "none") return;
    const x = numberOf(field.value);
    field.style.display = "none";
    field.onblur = field.onkeydown = null;
    if (isTaken && Number.isFinite(x)) take(x);
    element.focus({ preventScroll: true });
  };
  field.onkeydown = (event) => {
    event.stopPropagation();
    if (event.key === "Enter" || event.key === "Escape") {
      event.preventDefault();
      close(event.key === "Enter");
    }
  };
  field.onblur = () => close(true);
}

// What people type as a number: −0.5, 0,5, 1/3, 3·10⁻².
function numberOf(text) {
  const plain = text
    .trim()
    .replaceAll(/[−–]/g, "-")
    .replace(",", ".")
    .replace(/[·*x×]\s*10\^?/, "e")
    .replace(/e([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/, (_, sup) => "e" + [...sup].map((c) => (c === "⁻" ? "-" : SUPERSCRIPT.indexOf(c))).join(""));
  const [above, below = "1", ...more] = plain.split("/").map((part) => (part.trim() ? Number(part) : NaN));
  return more.length ? NaN : above / below;
}
