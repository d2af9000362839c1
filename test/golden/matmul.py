"""Golden products: torch.addmm and torch.matmul over all transposes, and torch.nn.functional.linear."""

import itertools

import torch
import torch.nn.functional as F

from oracle import case, given, normal, write

sizes = [(1, 1, 1), (1, 2, 7), (2, 7, 1), (7, 1, 2), (7, 7, 7), (2, 64, 7), (64, 2, 64), (7, 129, 64), (64, 64, 129), (129, 129, 129), (129, 1, 129), (1, 129, 1)]
cases = []
for (m, k, n), ta, tb in itertools.product(sizes, [False, True], [False, True]):
    a = normal(1, *((k, m) if ta else (m, k)))
    b = normal(2, *((n, k) if tb else (k, n)))
    c = normal(3, m, n)
    cases.append(
        case(
            f"addmm {m} x {k} x {n}{' A^T' if ta else ''}{' B^T' if tb else ''}", "addmm", [c, a, b],
            lambda c, a, b, ta=ta, tb=tb: torch.addmm(c, a.T if ta else a, b.T if tb else b),
            {"transposeA": ta, "transposeB": tb}, gradients=m * k * n < 10000,
        )
    )
for shape_a, shape_b in [((3, 2, 4), (3, 4, 5)), ((2, 3, 2, 4), (2, 3, 4, 5)), ((3, 2, 4), (4, 5)), ((2, 3, 5, 4), (4, 1))]:
    cases.append(case(f"matmul {shape_a} x {shape_b}", "matmul", [normal(4, *shape_a), normal(5, *shape_b)], torch.matmul))
cases.append(
    case("linear", "linear", [normal(6, 5, 7), normal(7, 7, 3), normal(8, 3)], lambda x, w, b: F.linear(x, w.T, b))
)
write("matmul", cases)
