"""Golden activations, softmax, batch normalisation, embedding, padding, losses, concatenation."""

import torch
import torch.nn.functional as F

from oracle import below, case, given, nchw, nhwc, normal, positive, write

corners = given([[-800.0, -20.0, -2.0, -0.5, 0.0], [0.5, 2.0, 6.0, 7.0, 800.0]])
cases = []
for call, apply in {
    "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": F.relu, "relu6": F.relu6, "softmax": lambda x: F.softmax(x, -1),
    "logSoftmax": lambda x: F.log_softmax(x, -1), "logSumExp": lambda x: torch.logsumexp(x, -1),
}.items():
    cases.append(case(f"{call} of noise", call, [normal(1, 6, 11)], apply))
    cases.append(case(f"{call} of corners", call, [corners], apply))
cases.append(case("softmax along axis 1", "softmax", [normal(2, 3, 4, 5)], lambda x: F.softmax(x, 1), {"axis": 1}))
cases.append(case("logSoftmax along axis 0", "logSoftmax", [normal(3, 3, 4)], lambda x: F.log_softmax(x, 0), {"axis": 0}))


def batch_norm(x, gamma, beta):
    axes = tuple(range(x.ndim - 1))
    channels_first = nchw(x) if x.ndim == 4 else x
    y = F.batch_norm(channels_first, None, None, gamma, beta, True, 0.1, 1e-5)
    return (nhwc(y) if x.ndim == 4 else y), x.mean(axes), x.var(axes, unbiased=False)


for shape in [(7, 5), (4, 1), (3, 4, 5, 6), (2, 1, 3, 2)]:
    channels = shape[-1]
    cases.append(
        case(
            f"batchNorm {shape}", "batchNorm", [normal(4, *shape), positive(5, channels), normal(6, channels)], batch_norm,
        )
    )

cases.append(case("embedding", "embedding", [normal(7, 6, 4), below(6, 8, 3, 5)], lambda table, i: F.embedding(i, table)))
for mode, torch_mode in {"constant": "constant", "reflect": "reflect", "replicate": "replicate"}.items():
    cases.append(
        case(
            f"pad {mode}", "pad", [normal(9, 2, 5, 6, 3)],
            lambda x, m=torch_mode: nhwc(F.pad(nchw(x), (1, 3, 2, 0), m)),
            {"before": [0, 2, 1, 0], "after": [0, 0, 3, 0], "mode": mode},
        )
    )

logits, labels = normal(10, 7, 5), below(5, 11, 7)
cross = lambda **o: lambda x, y: F.cross_entropy(x, y, reduction="none", **o)
weights = [0.5, 2.0, 1.0, 0.25, 3.0]
cases.append(case("crossEntropy", "crossEntropy", [logits, labels], cross()))
cases.append(case("crossEntropy smoothed", "crossEntropy", [logits, labels], cross(label_smoothing=0.1), {"smoothing": 0.1}))
cases.append(case("crossEntropy ignoring class 2", "crossEntropy", [logits, labels], cross(ignore_index=2), {"ignore": 2}))
cases.append(case("crossEntropy weighted", "crossEntropy", [logits, labels], cross(weight=torch.tensor(weights)), {"weights": weights}))
cases.append(
    case(
        "crossEntropy weighted and smoothed", "crossEntropy", [logits, labels],
        cross(weight=torch.tensor(weights), label_smoothing=0.2), {"weights": weights, "smoothing": 0.2},
    )
)
cases.append(
    case(
        "binary cross-entropy with logits", "binaryCrossEntropy", [normal(12, 8), given([0, 1, 1, 0, 0.25, 1, 0, 0.75])],
        lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction="none"), gradients=True,
    )
)
cases.append(case("concat", "concat", [normal(13, 2, 3, 4), normal(14, 2, 2, 4)], lambda a, b: torch.cat([a, b], 1), {"axis": 1}))
cases.append(
    case("split", "split", [normal(15, 2, 6)], lambda x: torch.split(x, [1, 3, 2], 1), {"sizes": [1, 3, 2], "axis": 1})
)


def diamond(a, b):
    e = (a + b) * (b + 1)
    return e * torch.exp(-e / 10) + torch.tanh(a * e)


cases.append(case("diamond with reuse", "diamond", [normal(16, 9), normal(17, 9)], diamond))
write("functions", cases)
