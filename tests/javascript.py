"""Running JavaScript that was written from a program, in Chromium, and comparing what it computes with Python's."""

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings

from microgradnn.programs.javascript_writer import runtime

# Each job: a function's text, what it is called with, and what it must return. For each, the largest difference, or the error.
COMPARE = """
const decoded = ({shape, data}) => np.make(shape, Float64Array.from(data, Number));
const same = (v, w) => v === w || (v !== v && w !== w);
return arguments[0].map(({source, given, expected}) => {
  try {
    const f = eval(`(${source})`), arrays = Object.entries(given).map(([name, x]) => [name, decoded(x)]);
    const received = Object.values(f(Object.fromEntries(arrays))).map(np.asarray), wanted = expected.map(decoded);
    const scale = Math.max(1, ...wanted.flatMap(({data}) => [...data]).filter(Number.isFinite).map(Math.abs));
    let worst = 0;
    for (const [i, {shape, data}] of wanted.entries()) {
      if (String(received[i].shape) !== String(shape)) return `shape (${received[i].shape}) for (${shape})`;
      data.forEach((w, k) => {
        const v = received[i].data[k];
        if (!same(v, w)) worst = Math.max(worst, Number.isFinite(v - w) ? Math.abs(v - w) / scale : 1e9);
      });
    }
    return worst;
  } catch (error) { return String(error); }
});
"""


def encoded(x):
    """An array for `decoded` above; JSON has no NaN."""
    x = np.asarray(x)
    return {"shape": list(x.shape), "data": [v if np.isfinite(v) else str(v).replace("inf", "Infinity") for v in flat(x)]}


def flat(x):
    return [float(v) for v in x.astype(float).ravel()]


def job_of(source, parameters, arrays, expected):
    """A function, called with the arrays of its parameters, is to return these arrays."""
    given_ = {name: encoded(arrays[parameter]) for name, parameter in parameters.items()}
    return {"source": source, "given": given_, "expected": [encoded(x) for x in expected]}


def differences(browser, jobs):
    """For each job how far what it returns is from what it must, relative to the largest number; or what it raised."""
    browser.driver.get("about:blank")
    return browser.run(runtime() + COMPARE, jobs)


def cases_of(row, count):
    """Some cases of a row of the table of operations."""
    found = []

    @settings(
        max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
    )
    @given(row.cases)
    def collect(case):
        found.append(case)

    collect()
    return found
