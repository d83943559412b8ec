"""Newton's method on Rosenbrock's function, by gradient and Hessian of a function."""

import numpy as np

from microgradnn import grad, hessian


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


x = np.array([-1.2, 1.0])
for _ in range(8):
    x = x - np.linalg.solve(hessian(rosenbrock)(x), grad(rosenbrock)(x))
assert np.allclose(x, 1)
