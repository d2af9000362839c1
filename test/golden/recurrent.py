"""Golden cases of recurrent layers: PyTorch's, with weights transposed to [in, out] and scaled down to a quarter.

Inputs of a case: x, the initial states if any, the lengths if any, then all parameters in the order of `paths`.
"""

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from oracle import case, normal, write

SCALE = 0.25
cases = []


def recurrent(name, kind, features, units, count, steps, layers=1, bidirectional=False, states=False, lengths=None, **more):
    module = getattr(nn, kind.upper())(features, units, layers, batch_first=True, bidirectional=bidirectional, **more)
    names = [parameter for parameter, _ in module.named_parameters()]
    ours = {"weight_ih": "weight", "weight_hh": "recurrent.weight", "bias_ih": "bias", "bias_hh": "recurrent.bias"}

    def path(parameter):
        stem, layer = parameter.removesuffix("_reverse").rsplit("_l", 1)
        parts = [f"layer{int(layer) + 1}"] if layers > 1 else []
        if bidirectional:
            parts.append("backward" if parameter.endswith("_reverse") else "forward")
        return ".".join([*parts, ours[stem]])

    sides = layers * (2 if bidirectional else 1)
    kept = ["hidden", "cell"] if kind == "lstm" else ["hidden"]
    shapes = [tuple(p.shape[::-1]) for _, p in module.named_parameters()]
    inputs = [normal(1, count, steps, features)]
    inputs += [normal(2 + i, sides, count, units) for i in range(len(kept))] if states else []
    inputs += [normal(10 + i, *shape) for i, shape in enumerate(shapes)]

    def compute(x, *rest):
        initial, parameters = (rest[: len(kept)], rest[len(kept) :]) if states else ((), rest)
        filled = {n: (p.mT if p.ndim == 2 else p) * SCALE for n, p in zip(names, parameters)}
        packed = x if lengths is None else pack_padded_sequence(x, torch.tensor(lengths), True, enforce_sorted=False)
        state = () if not states else (tuple(initial),) if kind == "lstm" else tuple(initial)
        output, last = torch.func.functional_call(module, filled, (packed, *state))
        if lengths is not None:
            output, _ = pad_packed_sequence(output, True, total_length=steps)
        return [output, *(last if kind == "lstm" else [last])]

    options = {
        "kind": kind, "states": states, "scale": SCALE, "paths": [path(n) for n in names], "lengths": lengths,
        "layer": {"units": units, "layers": layers, "bidirectional": bidirectional, "bias": "double",
                  **({"activation": more["nonlinearity"]} if "nonlinearity" in more else {})},
    }
    cases.append(case(name, "recurrent", inputs, compute, options))


recurrent("RNN", "rnn", 3, 5, 4, 6, states=True)
recurrent("RNN with ReLU, two bidirectional layers", "rnn", 3, 4, 3, 5, layers=2, bidirectional=True, nonlinearity="relu")
recurrent("LSTM", "lstm", 3, 5, 4, 6, states=True)
recurrent("LSTM of one step", "lstm", 3, 5, 1, 1)
recurrent("LSTM(num_layers=3)", "lstm", 4, 6, 3, 7, layers=3, states=True)
recurrent("bidirectional LSTM, packed", "lstm", 3, 5, 4, 6, bidirectional=True, lengths=[6, 1, 4, 3], states=True)
recurrent("two bidirectional LSTM layers, packed", "lstm", 3, 4, 3, 5, layers=2, bidirectional=True, lengths=[2, 5, 1])
recurrent("GRU", "gru", 3, 5, 4, 6, states=True)
recurrent("bidirectional GRU", "gru", 3, 5, 4, 6, bidirectional=True)
recurrent("two bidirectional GRU layers, packed", "gru", 3, 5, 4, 6, layers=2, bidirectional=True, lengths=[3, 6, 1, 5])
write("recurrent", cases)
