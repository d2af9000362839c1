"""What the golden generators share: numbers that both languages can make, and the form of a golden file.

A case holds the call to make, its options, its inputs as recipes and what the oracle (float64) answers: the outputs,
and the gradients of sum(first output * noise(99)). Tensors have the library's own layout: NHWC, HWIO, weight [in, out].
Large answers are thinned: every n-th number is kept.
"""

import json
import pathlib

import numpy as np
import torch

torch.set_default_dtype(torch.float64)

UPSTREAM_SEED = 99
KEPT = 150


def words(seed, size):
    """16 random bits per element: the top half of murmur3's finalizer of the position."""
    h = (np.arange(size, dtype=np.uint64) + seed * 0x9E3779B1).astype(np.uint32)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return (h >> np.uint32(16)).astype(np.float64)


def noise(seed, shape):
    """Numbers in [-2, 2), exact in float32."""
    return (words(seed, int(np.prod(shape))) / 16384 - 2).reshape(shape)


def normal(seed, *shape):
    return {"shape": list(shape), "fill": "noise", "seed": seed}


def positive(seed, *shape):
    return {"shape": list(shape), "fill": "positive", "seed": seed}


def below(limit, seed, *shape):
    return {"shape": list(shape), "fill": "below", "limit": limit, "seed": seed}


def integers(limit, seed, *shape):
    """Whole numbers as floats."""
    return {"shape": list(shape), "fill": "whole", "limit": limit, "seed": seed}


def given(values):
    return {"shape": list(np.shape(values)), "fill": "given", "values": np.ravel(values).tolist()}


def make(recipe):
    """The tensor of a recipe."""
    shape, fill = recipe["shape"], recipe["fill"]
    if fill == "given":
        return torch.tensor(recipe["values"]).reshape(shape)
    drawn = words(recipe["seed"], int(np.prod(shape))).reshape(shape)
    if fill == "noise":
        return torch.tensor(drawn / 16384 - 2)
    if fill == "positive":
        return torch.tensor(drawn / 65536 * 1.5 + 0.5)
    whole = drawn % recipe["limit"]
    return torch.tensor(whole if fill == "whole" else whole.astype(np.int64))


def answer(tensor):
    """Shape and numbers, thinned to at most KEPT."""
    array = np.asarray(tensor.detach() if isinstance(tensor, torch.Tensor) else tensor)
    every = max(1, -(-array.size // KEPT))
    every += 1 - every % 2
    return {
        "shape": list(array.shape),
        "every": every,
        "values": [float(f"{float(value):.12g}") for value in array.ravel()[::every]],
    }


def case(name, call, inputs, compute, options=None, gradients=True):
    """Runs the oracle. `compute` takes the tensors and gives one or more outputs."""
    tensors = [make(recipe) for recipe in inputs]
    leaves = [tensor.requires_grad_() for tensor in tensors if tensor.is_floating_point()] if gradients else []
    outputs = compute(*tensors)
    outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
    made = {"name": name, "call": call, "options": options or {}, "inputs": inputs}
    made["outputs"] = [answer(output) for output in outputs]
    if leaves:
        upstream = torch.tensor(noise(UPSTREAM_SEED, tuple(outputs[0].shape)))
        found = torch.autograd.grad(outputs[0], leaves, upstream, allow_unused=True)
        slopes = iter(found)
        made["gradients"] = [
            answer(torch.zeros_like(tensor) if slope is None else slope) if tensor.is_floating_point() else None
            for tensor in tensors
            for slope in [next(slopes) if tensor.is_floating_point() else None]
        ]
    return made


def write(name, cases, oracle=None):
    """Writes `name`.json beside the generators, one case per line."""
    path = pathlib.Path(__file__).with_name(f"{name}.json")
    lines = ",\n".join(json.dumps(made, separators=(",", ":")) for made in cases)
    oracle = oracle or f"PyTorch {torch.__version__.split('+')[0]}"
    path.write_text(f'{{"oracle":"{oracle}","cases":[\n{lines}\n]}}\n')
    print(f"{path.name}: {len(cases)} cases, {path.stat().st_size // 1024} KB")


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)
