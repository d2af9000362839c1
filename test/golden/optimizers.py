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
adagrad, adadelta, rmsprop = torch.optim.Adagrad, torch.optim.Adadelta, torch.optim.RMSprop
optimizers = {
    "descent": run(lambda p: sgd(p, lr=0.125)),
    "descent with decay": run(lambda p: sgd(p, lr=0.125, weight_decay=0.25)),
    "momentum": run(lambda p: sgd(p, lr=0.125, momentum=0.75)),
    "momentum with decay": run(lambda p: sgd(p, lr=0.125, momentum=0.75, weight_decay=0.25)),
    "Nesterov": run(lambda p: sgd(p, lr=0.125, momentum=0.75, nesterov=True)),
    "Adam": run(lambda p: adam(p, lr=0.125, betas=(0.875, 0.96875), eps=2.0**-20)),
    "Adam with decay": run(lambda p: adam(p, lr=0.125, betas=(0.875, 0.96875), eps=2.0**-20, weight_decay=0.25)),
    "AdamW": run(lambda p: adamw(p, lr=0.125, betas=(0.875, 0.96875), eps=2.0**-20, weight_decay=0.25)),
    "Adagrad": run(lambda p: adagrad(p, lr=0.125, eps=1e-10)),
    "Adagrad from a start": run(lambda p: adagrad(p, lr=0.125, eps=2.0**-10, initial_accumulator_value=0.25)),
    "Adadelta": run(lambda p: adadelta(p, lr=1, rho=0.95, eps=1e-6)),
    "Adadelta with a rate and decay": run(lambda p: adadelta(p, lr=4, rho=0.75, eps=2.0**-4, weight_decay=0.25)),
    "RMSProp": run(lambda p: rmsprop(p, lr=0.125, alpha=0.875, eps=2.0**-20)),
    "RMSProp with momentum": run(lambda p: rmsprop(p, lr=0.125, alpha=0.75, eps=2.0**-10, momentum=0.5)),
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



def rates(make_schedule, steps, metrics=None):
    """The rate of each step; a plateau schedule is told the metrics one by one."""
    optimizer = sgd(parameters(), lr=0.1)
    schedule = make_schedule(optimizer)
    found = []
    for step in range(steps):
        optimizer.step()
        found.append(number(optimizer.param_groups[0]["lr"]))
        schedule.step() if metrics is None else schedule.step(metrics[step])
    return found


schedulers = torch.optim.lr_scheduler
METRICS = [2.0, 1.5, 1.5, 1.49999, 1.4999, 1.6, 1.4, 1.4, 1.4, 1.4, 1.4, 1.39, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5]
schedules = {
    "stepwise": rates(lambda o: schedulers.StepLR(o, 5, 0.5), 24),
    "exponential": rates(lambda o: schedulers.ExponentialLR(o, 0.90483741803595957), 24),
    "change points": rates(lambda o: schedulers.MultiStepLR(o, [6, 11, 20], 0.1), 24),
}
plateaus = {
    "by default": {},
    "patience 2": {"patience": 2},
    "patience 2, absolute threshold": {"patience": 2, "threshold": 0.05, "threshold_mode": "abs"},
    "patience 1, cooldown 2, a least rate": {"patience": 1, "cooldown": 2, "factor": 0.5, "min_lr": 0.02},
    "the greatest": {"patience": 2, "mode": "max"},
}
metrics = METRICS + METRICS[4:]
on_plateau = {
    name: {"options": options, "rates": rates(lambda o: schedulers.ReduceLROnPlateau(o, **options), len(metrics), metrics)}
    for name, options in plateaus.items()
}



def bent(w):
    """A smooth function of five numbers."""
    return torch.nn.functional.softplus(make(normal(7, 4, 5)) @ w).sum() + (w**4).sum()


hvp = flat([torch.autograd.functional.hvp(bent, make(normal(8, 5)), make(normal(9, 5)))[1]])

path = pathlib.Path(__file__).with_suffix(".json")
made = {"oracle": f"PyTorch {torch.__version__.split('+')[0]}", "count": COUNT, "statistics": statistics}
made |= {"schedules": schedules, "metrics": metrics, "plateaus": on_plateau, "hvp": hvp}
lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(values, separators=(',', ':'))}" for name, values in optimizers.items())
path.write_text(json.dumps(made, separators=(",", ":"))[:-1] + f',"optimizers":{{\n{lines}\n}}}}\n')
