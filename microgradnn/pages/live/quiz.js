// The quiz: gradients are hidden, one is asked for. A wrong answer is compared with what likely mistakes would give.

// A set of questions stands in the address (`ask=W.1,V.2`): who opens it gets these, in this order.

const quiz = { asked: null, done: false, tries: 0, right: 0, total: 0, set: [] };
function askable() {
  const graded = drawn.cells.filter(({ id }) => nodes[id].graded && id !== DATA.loss),
    some = graded.filter(({ id }) => !nodes[id].op);
  return (some.length ? some : graded).map(({ id, place }) => [id, place]);
}
const hidesWay = () =>
  (state.mode === "quiz" && quiz.asked !== null && !quiz.done) || state.hidden.has(`gradient,${state.chosen}`);
const isAsked = () => state.mode === "quiz" && !quiz.done;

function askAbout(id, place) {
  if (!nodes[id].graded || id === DATA.loss) return;
  Object.assign(quiz, { asked: [id, place], done: false, tries: 0 });
  Object.assign(state, { chosen: [id, place], path: coneOf(id, place).source?.count > 1 ? -1 : 0 });
  range = null;
  byId("answer").value = "";
  hint("The numbers in the graph are all you need; the derivation keeps its symbols.", "");
  linkNow();
  refresh();
}
// Of a gradient that is a sum over paths, one term is asked for, or the sum.
function askPath() {
  Object.assign(quiz, { done: false, tries: 0 });
  byId("answer").value = "";
  hint(state.path < 0 ? "The sum over all paths." : "This path alone: the product of its factors.", "");
  [derivation, quizKey] = [null, null];
}
const asksPath = () => state.path >= 0 && coneOf(...quiz.asked).source?.count > 1;
const rightAnswer = () =>
  asksPath() ? coneOf(...quiz.asked).paths[state.path].value : gradientOf(quiz.asked[0]).data[quiz.asked[1]];

function collect() {
  const isThere = quiz.set.some((one) => String(one) === String(quiz.asked));
  quiz.set = isThere ? quiz.set.filter((one) => String(one) !== String(quiz.asked)) : [...quiz.set, quiz.asked];
  linkNow();
  refresh();
}
function askAnother() {
  if (quiz.set.length) {
    askAbout(...quiz.set[(quiz.set.findIndex((one) => String(one) === String(quiz.asked)) + 1) % quiz.set.length]);
    return;
  }
  const all = askable(),
    others = all.filter(([id, place]) => !quiz.asked || id !== quiz.asked[0] || place !== quiz.asked[1]);
  askAbout(...(others.length ? others : all)[Math.floor(Math.random() * Math.max(1, others.length))]);
}
function hint(text, kind) {
  put(byId("hint"), text);
  set(byId("hint"), "class", kind);
}

// What else one could have computed, and what to say about it. Each is worked out from this derivation's own factors.
function mistakes(id, place) {
  const found = coneOf(id, place),
    right = gradientOf(id).data[place],
    list = [],
    add = (value, text) => list.push([value, text]);
  if (asksPath()) {
    add(-rightAnswer(), "The size is right, the sign is not. Follow the minus signs: count the negative factors.");
    add(right, "That is the sum over all paths; asked is this one alone.");
    found.paths.slice(0, 8).forEach((one) => add(one.value, `That is another path: ${wayText(one)}.`));
    return list;
  }
  add(-right, "The size is right, the sign is not. Follow the minus signs: count the negative factors.");
  const { shape } = nodes[id],
    index = indexOf(id, place);
  if (shape.length === 2 && index[0] !== index[1] && index[1] < shape[0] && index[0] < shape[1]) {
    const other = index[1] * shape[1] + index[0];
    add(
      gradientOf(id).data[other],
      `That is the gradient of ${nameOf(id, other)}: transposed. The first subscript is the row.`,
    );
  }
  if (found.paths?.length > 1) {
    found.paths.slice(0, 8).forEach((one) => {
      add(
        right - one.value,
        `A path is forgotten: ${wayText(one)}. The gradient is the sum over all ${found.source.count} paths.`,
      );
      add(one.value, `That is one path alone, ${wayText(one)}. Add the others: there are ${found.source.count}.`);
    });
    found.paths.slice(0, 8).forEach((one) => add(right - 2 * one.value, `The sign of one path is wrong: ${wayText(one)}.`));
  }
  if (!found.tooLarge) mistakenFactors(found, right, add);
  for (const [other, k] of askable())
    if (other !== id || k !== place)
      add(gradientOf(other).data[k], `That is the gradient of ${nameOf(other, k)}. Which number is asked for?`);
  if (!nodes[id].op)
    add(
      state.leaves[id].data[place],
      `That is ${nameOf(id, place)} itself; asked is how fast ${nodes[DATA.loss].name} changes with it.`,
    );
  return [...list, ...list.slice(1).map(([value, text]) => [-value, `${text} And look at the sign.`])];
}
// Of a product, a factor that is not there, or taken for the whole.
function mistakenFactors(found, right, add) {
  const called = ({ of, to }) => `∂${nameOf(of.id, of.place)}/∂${nameOf(to.id, to.place)}`;
  const path = found.paths[0],
    values = path.factors.map((factor) => factor.value),
    product = values.reduce((a, b) => a * b, 1);
  const scale = product ? right / product : 1; // of several paths, the same mistake in all of them
  if (values.length > 1) {
    add(right / values[0], `You forgot to multiply by what comes from upstream: ${called(path.factors[0])}.`);
    add(
      values.at(-1) * (found.paths.length > 1 ? scale : 1),
      `That is ${called(path.factors.at(-1))} alone. You forgot to multiply by what comes from upstream.`,
    );
    add(values[0], `That is ${called(path.factors[0])}: pass it on, through ${path.factors.slice(1).map(called).join(" · ")}.`);
  }
  path.factors.forEach((factor, i) => {
    const tree = formulaOf(factor);
    if (values[i] && values.length > 2)
      add(right / values[i], `One factor is missing: ${called(factor)}${tree ? ` = ${told(tree)}` : ""}.`);
    if (tree?.[0] === "product") {
      const [, coefficient, above] = tree,
        where = `${called(factor)} = ${told(tree)}`;
      if (Math.abs(coefficient) !== 1)
        add(right / Math.abs(coefficient), `A number is missing: the ${short(Math.abs(coefficient))} in ${where}.`);
      for (const x of above) {
        const value = worked(x);
        if (value) add(right / value, `One factor is missing: ${told(x)}, in ${where}.`);
        for (const [text, other] of squares(x)) add((right / value) * other, `${text} That is in ${where}.`);
      }
    }
  });
}
// 1 − h² with something else in the place of h: the square forgotten, or z, what h was made of.
function squares(tree) {
  if (tree[0] !== "sum") return [];
  const found = [];
  for (const part of tree.slice(2))
    if (part[0] === "power" && part[1][0] === "name" && part[2][1] === 2) {
      const [, id, place] = part[1],
        h = valueOf(id).data[place],
        rest = worked(tree) + h * h,
        z = nodes[id].from[0];
      found.push([`The square is missing: ${told(tree)} has ${nameOf(id, place)}².`, rest - h]);
      if (typeof z === "number" && String(nodes[z].shape) === String(nodes[id].shape))
        found.push([
          `The derivative of ${nodes[id].op} is taken of its result: ${told(tree)}, with ${nameOf(id, place)} and not what went in.`,
          rest - valueOf(z).data[place] ** 2,
        ]);
    }
  return found;
}

const isNear = (a, b, tolerance) => Math.abs(a - b) <= tolerance;
function grade(text) {
  const said = numberOf(text),
    [id, place] = quiz.asked,
    right = rightAnswer(),
    decimals = (text.split(/[.,]/)[1] ?? "").trim().length,
    half = 0.51 * 10 ** -Math.max(decimals, 2);
  if (!text.trim() || !Number.isFinite(said)) return [null, "Type a number, such as −0.25 or 1/3."];
  if (isNear(said, right, Math.max(0.01 * Math.abs(right), half)) && !(said === 0 && Math.abs(right) > half))
    return [true, `Yes: ${fixed(right)}.`];
  const found = mistakes(id, place).find(
    ([value]) => Number.isFinite(value) && isNear(said, value, Math.max(0.006 * Math.abs(value), half)),
  );
  return [false, found ? found[1] : "Not yet. Put numbers into the formulas on the left, one factor after the other."];
}
function answer() {
  if (!quiz.asked || quiz.done) return;
  const text = byId("answer").value,
    [isRight, said] = grade(text);
  hint(said, isRight ? "right" : isRight === null ? "" : "wrong");
  if (isRight === null) return;
  quiz.tries++;
  byId("tries").prepend(
    html(
      "li",
      {},
      html("b", { class: isRight ? "right" : "wrong" }, `${minus(text.trim())} ${isRight ? "✓" : "✗"}`),
      html("span", {}, `${partialText(...quiz.asked)}: ${said}`),
    ),
  );
  if (isRight) {
    quiz.done = true;
    quiz.right++;
    quiz.total++;
  }
  derivation = null;
  refresh();
}
function showAnswer() {
  if (!quiz.asked || quiz.done) return;
  Object.assign(quiz, { done: true, total: quiz.total + 1 });
  hint(`It is ${fixed(rightAnswer())}: the derivation shows how.`, "");
  derivation = null;
  refresh();
}
// ---- To ask the class: numbers that are hidden by a click, or all that are computed; each comes back by a click too.

let isHiding = false;
function setHiding(isOn) {
  isHiding = isOn;
  set(byId("hiding"), "aria-pressed", isOn);
}
function hideAll() {
  for (const { id, place } of drawn.cells) {
    if (nodes[id].graded) state.hidden.add(`gradient,${id},${place}`);
    if (nodes[id].op) state.hidden.add(`value,${id},${place}`);
  }
  setHiding(true);
  refresh();
}
function reveal() {
  state.hidden.clear();
  setHiding(false);
  refresh();
}
// What is hidden is revealed, value first; what is not is hidden, its gradient and, of what was computed, its value.
function hideOrReveal(id, place) {
  const [value, gradient] = ["value", "gradient"].map((what) => `${what},${id},${place}`);
  if (!state.hidden.delete(value) && !state.hidden.delete(gradient)) {
    if (nodes[id].graded) state.hidden.add(gradient);
    if (nodes[id].op || !nodes[id].graded) state.hidden.add(value);
  }
  refresh();
}

// ---- A goal: make the gradient 0 by changing one number, in different ways. Each is seen when it happens.

let goal = null; // { asked, leaves, ways }: for which number, from where, and what was found
function setGoal() {
  goal = { asked: quiz.asked, leaves: copied(state.leaves), ways: new Map() };
  quiz.done = true; // what it is must be seen
  hint("", "");
  derivation = null;
  refresh();
}
function watchGoal() {
  if (!goal || String(goal.asked) !== String(quiz.asked)) {
    put(byId("goal-text"), "");
    return;
  }
  const [id, place] = goal.asked,
    changed = leafIds.flatMap((leaf) =>
      [...state.leaves[leaf].data].map((v, i) => [leaf, i, v]).filter(([, i, v]) => v !== goal.leaves[leaf].data[i]),
    );
  const isZero = Math.abs(gradientOf(id).data[place]) < 5e-4; // as it is shown: 0.000
  if (isZero && changed.length === 1)
    goal.ways.set(changed[0].slice(0, 2).join(), `${nameOf(changed[0][0], changed[0][1])} = ${fixed(changed[0][2])}`);
  const found = goal.ways.size ? `Found ${goal.ways.size}: ${[...goal.ways.values()].join(", ")}. Undo, and find another.` : "";
  put(
    byId("goal-text"),
    `Make ${partialText(id, place)} zero by dragging one number, in as many ways as you can. ${isZero && changed.length > 1 ? `It is 0, but ${changed.length} numbers have changed.` : found}`,
  );
}

let quizKey = null;
function drawQuiz() {
  if (!quiz.asked && quiz.set.length) askAbout(...quiz.set[0]);
  if (!quiz.asked) askAbout(...(nodes[state.chosen[0]].graded && state.chosen[0] !== DATA.loss ? state.chosen : askable()[0]));
  const [id, place] = quiz.asked,
    key = `${quiz.asked},${conventions.fromZero},${asksPath()},${state.path}`;
  if (key !== quizKey) {
    quizKey = key;
    if (asksPath())
      byId("question").replaceChildren(`What does this path give: ${wayText(coneOf(id, place).paths[state.path])}?`);
    else
      byId("question").replaceChildren(
        `How fast does ${nodes[DATA.loss].name} change with `,
        math(symbol(id, place)),
        "? Two decimals will do.",
      );
    set(byId("answer"), "aria-label", asksPath() ? "what this path gives" : partialText(id, place));
    byId("answer-label").replaceChildren(asksPath() ? "= " : math(partial([DATA.loss, null], [id, place]), ml("mo", "=")));
  }
  byId("goal").hidden = Boolean(recording);
  put(
    byId("collect"),
    quiz.set.some((one) => String(one) === String(quiz.asked))
      ? "Out of the set"
      : `Into the set${quiz.set.length ? ` of ${quiz.set.length}` : ""}`,
  );
  watchGoal();
  put(
    byId("score"),
    quiz.total ? `${quiz.right} of ${quiz.total} right` : "Click any number with a gradient to be asked for it.",
  );
}
