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
    element.setPointerCapture(event.pointerId);
    element.focus({ preventScroll: true });
  });
  element.addEventListener("pointermove", (event) => {
    if (from === null || (!moved && Math.abs(event.clientX - from) < FREE)) return;
    moved = true;
    document.documentElement.classList.add("scrubbing");
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
