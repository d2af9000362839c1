"""Golden NumPy pairs: 200 random shapes under every array op, generated once from a fixed seed."""

import numpy as np

from oracle import below, make, normal, positive, answer, write

random = np.random.default_rng(20)
cases = []


def shape(rank=None, largest=5):
    return [int(n) for n in random.integers(1, largest + 1, rank if rank is not None else random.integers(0, 5))]


def stretched(full):
    """A shape that broadcasts to `full`: some axes 1, some leading ones dropped."""
    kept = [n if random.random() < 0.6 else 1 for n in full]
    return kept[int(random.integers(0, len(kept) + 1)):] if random.random() < 0.4 else kept


def add(call, inputs, compute, options=None):
    arrays = [make(recipe).numpy() for recipe in inputs]
    outputs = compute(*arrays)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    cases.append({
        "name": f"{len(cases)}: {call} of {', '.join(str(recipe['shape']) for recipe in inputs)}",
        "call": call, "options": options or {}, "inputs": inputs, "outputs": [answer(output) for output in outputs],
    })


binary = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "pow": np.power, "maximum": np.maximum,
    "minimum": np.minimum, "mod": np.mod, "less": np.less, "equal": np.equal,
}
unary = {
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "sqrt": np.sqrt, "abs": np.abs, "sign": np.sign,
    "floor": np.floor, "round": np.round, "sin": np.sin, "cos": np.cos, "tanh": np.tanh, "reciprocal": np.reciprocal,
}
for _ in range(4):
    for name, f in binary.items():
        full, seed = shape(), int(random.integers(1000))
        fill = positive if name in ("pow", "div") else normal
        add(name, [fill(seed, *full), positive(seed + 1, *stretched(full)) if name in ("mod", "div") else normal(seed + 1, *stretched(full))], f)
for name, f in unary.items():
    for _ in range(2):
        fill = positive if name in ("log", "log1p", "sqrt", "reciprocal") else normal
        add(name, [fill(int(random.integers(1000)), *shape())], f)

log_sum_exp = lambda x, axis, keepdims: np.log(np.exp(x).sum(axis=axis, keepdims=keepdims))
folds = {
    "sum": np.sum, "mean": np.mean, "variance": np.var, "max": np.max, "min": np.min, "prod": np.prod, "logSumExp": log_sum_exp,
}
for _ in range(6):
    for name, f in folds.items():
        full = shape(int(random.integers(1, 5)))
        axes = sorted(int(a) for a in random.choice(len(full), random.integers(1, len(full) + 1), replace=False))
        keep = bool(random.random() < 0.5)
        add(name, [normal(int(random.integers(1000)), *full)], lambda x: f(x, axis=tuple(axes), keepdims=keep), {"axes": axes, "keepDims": keep})

for _ in range(7):
    seed = int(random.integers(1000))
    full = shape(int(random.integers(2, 5)))
    axis = int(random.integers(len(full)))
    add("argmax", [normal(seed, *full)], lambda x: np.argmax(x, axis), {"axis": axis})
    add("argmin", [normal(seed, *full)], lambda x: np.argmin(x, axis), {"axis": axis})
    order = [int(a) for a in random.permutation(len(full))]
    add("transpose", [normal(seed, *full)], lambda x: np.transpose(x, order), {"permutation": order})
    other = [int(random.integers(1, 5)) if i == axis else n for i, n in enumerate(full)]
    add("concat", [normal(seed, *full), normal(seed + 1, *other)], lambda x, y: np.concatenate([x, y], axis), {"axis": axis})
    add("stack", [normal(seed, *full), normal(seed + 1, *full)], lambda x, y: np.stack([x, y], axis), {"axis": axis})
    begin = [int(random.integers(n)) for n in full]
    size = [int(random.integers(1, n - b + 1)) for n, b in zip(full, begin)]
    add("slice", [normal(seed, *full)], lambda x: x[tuple(slice(b, b + s) for b, s in zip(begin, size))], {"begin": begin, "size": size})
    border = [[int(random.integers(0, n)) for n in full] for _ in range(2)]
    for mode, named in {"constant": "constant", "reflect": "reflect", "replicate": "edge"}.items():
        add("pad", [normal(seed, *full)], lambda x: np.pad(x, list(zip(*border)), mode=named), {"before": border[0], "after": border[1], "mode": mode})
    picked = shape(int(random.integers(0, 3)))
    add("gather", [normal(seed, *full), below(full[axis], seed + 1, *picked)], lambda x, i: np.take(x, i, axis), {"axis": axis})
    add("reshape", [normal(seed, *full)], lambda x: x.reshape(full[0], -1), {"shape": [full[0], -1]})
    rows = full[:-1] + [3]
    add("takeAlongAxis", [normal(seed, *full), below(full[-1], seed + 1, *rows)], lambda x, i: np.take_along_axis(x, i, -1))
    depth = int(random.integers(1, 6))
    add("oneHot", [below(depth, seed, *picked)], lambda i: np.eye(depth)[i], {"depth": depth})
    k = int(random.integers(1, full[-1] + 1))
    add("topK", [normal(seed, *full)], lambda x: [np.take_along_axis(x, np.argsort(-x, -1, kind="stable")[..., :k], -1), np.argsort(-x, -1, kind="stable")[..., :k]], {"k": k})

    def scatter(i, updates):
        sums = np.zeros([6, *updates.shape[1:]])
        np.add.at(sums, i, updates)
        return sums

    add("scatterAdd", [below(6, seed, full[0]), normal(seed, *full)], scatter, {"size": 6})

write("arrays", cases, f"NumPy {np.__version__}")
