// Modes, keys, links, themes: what belongs to the page as a whole. The last file: it begins.

const root = document.documentElement,
  MODES = ["explore", "train", "steps", "quiz"];
const stored = {
  get: (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  put: (key, value) => {
    try {
      localStorage.setItem(key, value);
    } catch {
      /* in a notebook's frame */
    }
  },
};

function draw() {
  drawGraph();
  drawDerivation();
  if (state.mode === "explore") drawNudge();
  if (state.mode === "train") drawTrain();
  if (state.mode === "steps") drawSteps();
  if (state.mode === "quiz") drawQuiz();
  byId("undo").disabled = at === 0;
  byId("redo").disabled = at === moments.length - 1;
  const [id, place] = state.chosen,
    isKnown = shownNow().value(DATA.loss) && !state.hidden.has(`value,${DATA.loss},0`);
  put(
    byId("bar"),
    `${nodes[DATA.loss].name} = ${isKnown ? fixed(loss()) : "?"}${nodes[id].graded && state.mode !== "quiz" && hasCome(id, place) ? `    ${partialText(id, place)} = ${fixed(gradientOf(id).data[place])}` : ""}`,
  );
}

function setMode(mode) {
  if (mode === "train" && recording) mode = "explore";
  if (mode !== "train") training.playing = false;
  if (mode === "quiz" && state.mode !== "quiz") Object.assign(quiz, { asked: null, done: false });
  state.mode = root.dataset.mode = mode;
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const isOn = tab.id === `tab-${mode}`;
    set(tab, "aria-selected", isOn);
    tab.tabIndex = isOn ? 0 : -1;
    byId(tab.getAttribute("aria-controls")).hidden = !isOn;
  }
  [derivation, stepKey] = [null, null];
  linkNow();
  refresh();
}

// ---- Links: `#mode=steps&step=4&at=W.1&W=1:0.5` holds the situation: the chosen number is the first of W, which is 0.5 now.

// `step=4` is the fourth step backward, `step=0` where it begins; `value=3` the value of the third node, given ones counted.
const stepLink = () =>
  state.stepAt > forwardSteps
    ? ["step", state.stepAt - forwardSteps - 1]
    : ["value", state.stepAt ? DATA.steps[state.stepAt - 1].node + 1 : 0];
const stepOfValue = (number) => DATA.steps.filter((step) => step.kind === "forward" && step.node < number).length;
const TAKEN = ["network", "as", "mode", "step", "value", "at", "ask"]; // what else stands in an address
const linkName = (id) =>
  boxed.filter((other) => nodes[other].name === nodes[id].name).length > 1 || TAKEN.includes(nodes[id].name)
    ? `${nodes[id].name}~${id}`
    : nodes[id].name;
const numberName = ([id, place]) => `${linkName(id)}.${place + 1}`;
function numberNamed(text) {
  const [name, place] = text.split(/\.(?=\d+$)/),
    id = boxed.find((one) => linkName(one) === name);
  return id !== undefined && Number(place) >= 1 && Number(place) <= valueOf(id).data.length ? [id, Number(place) - 1] : null;
}
const LONGEST_LINK = 8000; // characters; the numbers of a larger network stay out of the address
function linkNow() {
  const as = [...CHANGES.filter(isChanged), ...(conventions.fromZero ? ["from0"] : [])];
  const parts = [
    ...(NETWORKS.length > 1 ? [["network", which + 1]] : []),
    ...(as.length ? [["as", as.join()]] : []),
    ["mode", state.mode],
    ...(state.mode === "steps" ? [stepLink()] : []),
    ["at", numberName(state.chosen)],
    ...(quiz.set.length ? [["ask", quiz.set.map(numberName).join()]] : []),
  ];
  for (const id of leafIds) {
    const changed = [...state.leaves[id].data].map((v, i) => [v, i]).filter(([v, i]) => v !== Number(nodes[id].start[i]));
    if (changed.length) parts.push([linkName(id), changed.map(([v, i]) => `${i + 1}:${v}`).join()]);
  }
  const written = parts.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join("&");
  try {
    history.replaceState(null, "", `#${written.length > LONGEST_LINK ? written.slice(0, written.indexOf("&at=")) : written}`);
  } catch {
    /* in a notebook's frame */
  }
}
function followLink() {
  const parts = Object.fromEntries(
    location.hash
      .slice(1)
      .split("&")
      .filter(Boolean)
      .map((part) =>
        part.split("=").map((text) => {
          try {
            return decodeURIComponent(text);
          } catch {
            return "";
          }
        }),
      ),
  );
  const number = Math.max(0, Math.min(NETWORKS.length, Number(parts.network) || 1) - 1),
    as = (parts.as ?? "").split(","),
    name = CHANGES.filter((one) => as.includes(one) && !(one in NETWORKS[number].refused)).join(" ");
  conventions.fromZero = as.includes("from0");
  if (!DATA || number !== which || name !== way) beginWith(number, name);
  for (const id of leafIds) {
    state.leaves[id].data.set(nodes[id].start.map(Number));
    for (const [place, value] of (parts[linkName(id)] ?? "").split(",").map((text) => text.split(":").map(Number)))
      if (state.leaves[id].data[place - 1] !== undefined && !Number.isNaN(value)) state.leaves[id].data[place - 1] = value;
  }
  compute();
  state.chosen = numberNamed(parts.at ?? "") ?? state.chosen;
  quiz.set = (parts.ask ?? "")
    .split(",")
    .map(numberNamed)
    .filter((one) => one && nodes[one[0]].graded);
  const step =
    parts.step !== undefined
      ? forwardSteps + 1 + Number(parts.step)
      : parts.value !== undefined
        ? stepOfValue(Number(parts.value))
        : null;
  if (step !== null && step >= 0) state.stepAt = Math.min(DATA.steps.length, step);
  return MODES.includes(parts.mode) ? parts.mode : step !== null ? "steps" : null;
}

// ---- What is said to those who do not see

function announceText(text) {
  put(byId("said"), "");
  requestAnimationFrame(() => put(byId("said"), text));
}
function announce() {
  const [id, place] = state.chosen;
  requestAnimationFrame(() =>
    announceText(
      `${nodes[DATA.loss].name} is ${fixed(loss())}${nodes[id].graded && !hidesWay() ? `; its slope in ${spoken(id, place)} is ${fixed(gradientOf(id).data[place])}` : ""}`,
    ),
  );
  linkNow();
}

// ---- Themes, sizes

const system = matchMedia("(prefers-color-scheme: dark)");
function setTheme(theme) {
  root.dataset.theme = theme;
  put(byId("theme"), theme === "dark" ? "Light" : "Dark");
}
const followSystem = () => setTheme(system.matches ? "dark" : "light");
function present() {
  const isOn = root.classList.toggle("present");
  set(byId("present"), "aria-pressed", isOn);
  drawEquations();
  derivation = null;
  refresh();
}

// One of the networks from the beginning: its numbers as they were recorded, and no history.
function beginWith(number, name) {
  openNetwork(number, name);
  Object.assign(state, { leaves: given(), chosen: firstChosen(), before: null, path: 0, stepAt: 0, hidden: new Set() });
  Object.assign(training, { memory: { t: 0 }, playing: false, run: 0, rules: [], samples: "all" });
  Object.assign(quiz, { asked: null, done: false, set: [] });
  windows.clear();
  runs.splice(0, Infinity, { start: "as recorded" });
  [goal, at] = [null, 0];
  compute();
  moments = [moment("start")];
  chooseBand();
}
// All that is made once for a network, as it is written now.
function buildAgain() {
  [derivation, stepKey, quizKey, range, slotsOnce] = [null, null, null, null, null];
  for (const id of ["tab-train", "undo", "redo", "reset", "how"]) byId(id).hidden = Boolean(recording);
  drawConventions();
  drawEquations();
  buildGraph();
  buildTrain();
  buildSamples();
  keepInView(drawn.boxes[state.chosen[0]]);
  refresh();
}

// The equations of the network: of many the last ones, which lead to the loss.
function drawEquations() {
  const title = byId("equations"),
    all = DATA.equations.map(built);
  title.replaceChildren(html("span", { class: "unseen" }, "The network: "), ...all);
  title.style.fontSize = "";
  const size = parseFloat(getComputedStyle(title).fontSize);
  for (let scale = 1; scale > 0.75 && title.scrollWidth > title.clientWidth; scale -= 0.05)
    title.style.fontSize = `${scale * size}px`;
  while (all.length > 1 && title.scrollWidth > title.clientWidth) {
    all.shift().remove();
    if (title.children[1].tagName === "math") title.firstChild.after(html("span", {}, "…"));
  }
}

// ---- Buttons and keys

function begin() {
  const theme = stored.get("theme");
  if (root.dataset.theme === "auto") {
    if (theme) setTheme(theme);
    else {
      followSystem();
      system.addEventListener("change", followSystem);
    }
  } else setTheme(root.dataset.theme);
  byId("theme").onclick = () => {
    system.removeEventListener("change", followSystem);
    setTheme(root.dataset.theme === "dark" ? "light" : "dark");
    stored.put("theme", root.dataset.theme);
  };
  byId("present").onclick = present;
  byId("undo").onclick = () => travel(at - 1);
  byId("redo").onclick = () => travel(at + 1);
  byId("reset").onclick = () => {
    state.leaves = given();
    training.memory = { t: 0 };
    beginRun("as recorded");
    compute();
    record("edit");
    linkNow();
    reveal();
  };
  byId("index").onclick = () => {
    conventions.fromZero = !conventions.fromZero;
    buildAgain();
    linkNow();
  };
  for (const name of CHANGES) byId(name).onclick = () => writeOtherwise(name);
  const tabs = [...document.querySelectorAll("[role=tab]")];
  tabs.forEach((tab) => {
    tab.onclick = (event) => {
      setMode(tab.id.slice(4));
      if (event.detail) tab.blur(); // of a pointer: the arrow keys are for the steps then, and not for the tabs
    };
    tab.onkeydown = (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      event.stopPropagation();
      const shown = tabs.filter((one) => !one.hidden),
        next = shown.at((shown.indexOf(tab) + by) % shown.length);
      next.focus();
      setMode(next.id.slice(4));
    };
  });
  byId("update").onclick = () => {
    update();
    linkNow();
    refresh();
    announce();
  };
  byId("play").onclick = play;
  byId("optimiser").replaceChildren(...Object.keys(OPTIMISERS).map((name) => html("option", {}, name)));
  byId("optimiser").onchange = (event) => setOptimiser(event.target.value);
  for (const how of ["equal", "nearly", "random"]) byId(how).onclick = () => setUnits(how);
  byId("time").oninput = (event) => {
    training.playing = false;
    travel(Number(event.target.value));
  };
  scrubbable(byId("rate"), {
    get: () => training.rate,
    set: (v) => {
      training.rate = v;
      refresh();
    },
    per: 1,
    change: (v, by) => Math.min(10, Math.max(1e-5, v * Math.exp(by * 0.01))),
    editor: (start) =>
      typeOver(byId("rate"), start, training.rate, (v) => {
        if (v > 0) training.rate = v;
        refresh();
      }),
  });
  byId("next").onclick = () => goToStep(state.stepAt + 1);
  byId("back").onclick = () => goToStep(state.stepAt - 1);
  byId("step-slider").oninput = (event) => goToStep(Number(event.target.value));
  byId("answer-form").onsubmit = (event) => {
    event.preventDefault();
    answer();
  };
  byId("another").onclick = () => {
    askAnother();
    byId("answer").focus();
  };
  byId("show-answer").onclick = showAnswer;
  byId("collect").onclick = collect;
  byId("goal").onclick = setGoal;
  byId("hiding").onclick = () => setHiding(!isHiding);
  byId("hide-all").onclick = hideAll;
  byId("reveal").onclick = reveal;
  document.addEventListener("keydown", pressedKey);
  addEventListener("resize", () => {
    drawEquations();
    if (drawn.direction !== (narrow() ? "TB" : "LR")) buildGraph();
    derivation = null;
    refresh();
  });
  addEventListener("hashchange", () => {
    const mode = followLink();
    byId("networks").value = which + 1;
    buildAgain();
    setMode(mode ?? state.mode);
  });
  const menu = byId("networks");
  menu.replaceChildren(...NETWORKS.map(({ title }, i) => html("option", { value: i + 1 }, title)));
  Object.assign(menu, {
    hidden: NETWORKS.length < 2,
    onchange: () => {
      beginWith(menu.value - 1, "");
      buildAgain();
      setMode(state.mode);
    },
  });
  buildNudge();
  const mode = followLink();
  menu.value = which + 1;
  moments = [moment("start")];
  chooseBand();
  buildAgain();
  setMode(mode ?? NETWORKS[which].mode);
  document.fonts.ready.then(() => {
    derivation = null; // whose type is as large as there is room for
    refresh();
  });
}

function pressedKey(event) {
  const { key, target } = event,
    typing = target.tagName === "INPUT" && target.type !== "range",
    isButton = /BUTTON|SELECT/.test(target.tagName);
  if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z" && !typing) travel(at + (event.shiftKey ? 1 : -1));
  else if (event.ctrlKey || event.metaKey || event.altKey || typing) return;
  else if (state.mode === "steps" && { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[key] && target.type !== "range")
    goToStep(state.stepAt + (/Right|Down/.test(key) ? 1 : -1));
  else if (state.mode === "steps" && (key === "Home" || key === "End")) goToStep(key === "Home" ? 0 : DATA.steps.length);
  else if (state.mode === "train" && key === " " && !isButton) play();
  else if (key === "p") present();
  else if (key === "d") byId("theme").click();
  else return;
  event.preventDefault();
}
begin();
