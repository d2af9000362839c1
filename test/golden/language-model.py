"""Golden losses of a character language model: embedding, two LSTM layers and a dense one, trained by Adam on windows of
a text, each of which goes on where the one before it ended (truncated back-propagation through time).

Without arguments it writes language-model.json, in float64. For a comparison at full size it prints the losses of
float32 training as one JSON line: language-model.py THREADS CONFIGURATION, a JSON object as main() has it, with `file`
in the place of `text`.
"""

import json
import pathlib
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from oracle import noise, write


class LanguageModel(nn.Module):
    def __init__(self, vocabulary, features, units):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, features)
        self.lstm = nn.LSTM(features, units, 2, batch_first=True)
        self.dense = nn.Linear(units, vocabulary)

    def forward(self, x, state):
        outputs, state = self.lstm(self.embedding(x), state)
        return self.dense(outputs), state


def fill(model, scale):
    """Parameter number i, in the order of module and layer, is noise(100 + i) in the library's layout, times a scale."""
    layers = [[f"lstm.{name}_l{i}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")] for i in (0, 1)]
    names = ["embedding.weight", *layers[0], *layers[1], "dense.weight", "dense.bias"]
    parameters = dict(model.named_parameters())
    for i, name in enumerate(names):
        parameter = parameters[name]
        shape = tuple(parameter.shape)
        if name == "embedding.weight":
            numbers = noise(100 + i, shape)
        else:
            numbers = scale * noise(100 + i, shape[::-1]).T
        parameter.data.copy_(torch.tensor(numbers))


def windows(tokens, batch, length):
    """[steps, batch, length + 1]: every row of a batch goes on where it ended."""
    per_lane = (len(tokens) - 1) // batch // length
    starts = np.arange(per_lane)[:, None] * length + np.arange(batch)[None] * per_lane * length
    return tokens[starts[..., None] + np.arange(length + 1)]


def train(text, features, units, batch, length, steps, rate, scale):
    known = sorted(set(text))
    tokens = np.array([known.index(c) for c in text]) if len(text) < 10000 else np.searchsorted(known, list(text))
    cut = torch.tensor(windows(tokens, batch, length))
    model = LanguageModel(len(known), features, units)
    fill(model, scale)
    optimizer = torch.optim.Adam(model.parameters(), rate)
    losses = []
    for step in range(steps):
        part = cut[step % len(cut)]
        state = None if step % len(cut) == 0 else tuple(s.detach() for s in state)
        logits, state = model(part[:, :-1], state)
        loss = F.cross_entropy(logits.flatten(0, 1), part[:, 1:].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(float(f"{loss.item():.9g}"))
    return losses


def main():
    text = "she sells sea shells by the sea shore; the shells she sells are surely sea shells. " * 3
    options = {"text": text, "features": 6, "units": 8, "batch": 3, "length": 9, "steps": 40, "rate": 0.02, "scale": 0.125}
    write("language-model", [{"name": "two layers", "options": options, "losses": train(**options)}])


if len(sys.argv) > 1:
    torch.set_num_threads(int(sys.argv[1]))
    torch.set_default_dtype(torch.float32)
    configuration = json.loads(sys.argv[2])
    configuration["text"] = pathlib.Path(configuration.pop("file")).read_text()
    print(json.dumps(train(**configuration)))
else:
    main()
