"""Golden optimizer steps and running statistics: training that PyTorch (float64) does, step by step.

Parameters, gradients and batches are made by the recipes of oracle.py, seeds as stated in each case.
"""

import json
import pathlib

import torch

from oracle import make, normal

COUNT = 5
STEPS = 6


def number(value):
    return float(f"{float(value):.12g}")


def flat(tensors):
    return [number(value) for tensor in tensors for value in tensor.detach().ravel()]


def parameters():
    """`body.weight` of seed 1, `head.weight` of seed 2, `head.bias` of seed 3."""
    return [make(normal(seed, COUNT)).requires_grad_() for seed in (1, 2, 3)]


def gradient(step, position):
    """The gradient of parameter `position` in step `step`, from 0."""
    return make(normal(10 * (step + 1) + position, COUNT))


def run(make_optimizer, before=lambda tensors: None):
    tensors = parameters()
    optimizer = make_optimizer(tensors)
    path = []
    for step in range(STEPS):
        for position, tensor in enumerate(tensors):
            tensor.grad = gradient(step, position)
        before(tensors)
        optimizer.step()
        path.append(flat(tensors))
    return path


sgd, adam, adamw = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
optimizers = {
    "descent": run(lambda p: sgd(p, lr=0.125)),
    "descent with decay": run(lambda p: sgd(p, lr=0.125, weight_decay=0.25)),
    "momentum": run(lambda p: sgd(p, lr=0.125, momentum=0.75)),
    "momentum with decay": run(lambda p: sgd(p, lr=0.125, momentum=0.75, weight_decay=0.25)),
    "Nesterov": run(lambda p: sgd(p, lr=0.125, momentum=0.75, nesterov=True)),
    "Adam": run(lambda p: adam(p, lr=0.125, betas=(0.875, 0.96875), eps=2.0**-20)),
    "Adam with decay": run(lambda p: adam(p, lr=0.125, betas=(0.875, 0.96875), eps=2.0**-20, weight_decay=0.25)),
    "AdamW": run(lambda p: adamw(p, lr=0.125, betas=(0.875, 0.96875), eps=2.0**-20, weight_decay=0.25)),
    "groups": run(
        lambda p: sgd(
            [
                {"params": [p[0]], "lr": 0.125, "weight_decay": 0.25},
                {"params": [p[1]], "lr": 0.0625, "momentum": 0.75},
                {"params": [p[2]], "lr": 0.25},
            ]
        )
    ),
    "groups, one frozen": run(lambda p: sgd([{"params": [p[1]], "lr": 0.125}, {"params": [p[2]], "lr": 0.25}])),
    "clipped by global norm": run(
        lambda p: sgd(p, lr=0.125), lambda p: torch.nn.utils.clip_grad_norm_(p, 2.0)
    ),
    "clipped by a norm that is not reached": run(
        lambda p: sgd(p, lr=0.125), lambda p: torch.nn.utils.clip_grad_norm_(p, 64.0)
    ),
    "clipped by value": run(lambda p: sgd(p, lr=0.125), lambda p: torch.nn.utils.clip_grad_value_(p, 0.5)),
}

norm = torch.nn.BatchNorm2d(4)
average = torch.nn.BatchNorm2d(4, momentum=None)
for batch in range(50):
    x = make(normal(batch, 3, 5, 6, 4)).permute(0, 3, 1, 2) * (1 + batch / 64) + batch / 16
    norm(x)
    average(x)
statistics = {
    "running": flat([norm.running_mean, norm.running_var]),
    "average": flat([average.running_mean, average.running_var]),
    "evaluated": flat([norm.eval()(torch.ones(1, 4, 1, 1))]),
}

path = pathlib.Path(__file__).with_suffix(".json")
made = {"oracle": f"PyTorch {torch.__version__.split('+')[0]}", "count": COUNT, "statistics": statistics}
lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(values, separators=(',', ':'))}" for name, values in optimizers.items())
path.write_text(json.dumps(made, separators=(",", ":"))[:-1] + f',"optimizers":{{\n{lines}\n}}}}\n')
