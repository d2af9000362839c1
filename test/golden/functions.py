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

# Numbers that float32 holds exactly, so that the float64 reference meets no rounded constants.
logits, labels = normal(10, 7, 4), below(4, 11, 7)
weights = [0.5, 2.0, 1.0, 0.25]


def cross_entropy(x, y, reduction, weights=None, ignoreIndex=-100, labelSmoothing=0.0):
    weight = None if weights is None else torch.tensor(weights)
    return F.cross_entropy(x, y, weight, ignore_index=ignoreIndex, reduction=reduction, label_smoothing=labelSmoothing)


for options in [
    {}, {"labelSmoothing": 0.125}, {"ignoreIndex": 2}, {"weights": weights}, {"weights": weights, "labelSmoothing": 0.25},
    {"weights": weights, "ignoreIndex": 0, "labelSmoothing": 0.5},
]:
    for reduction in ["none", "mean", "sum"]:
        full = {**options, "reduction": reduction}
        label = ", ".join(f"{key} {value}" for key, value in full.items())
        compute = lambda x, y, full=full: cross_entropy(x, y, **full)
        cases.append(case(f"crossEntropy {label}", "crossEntropy", [logits, labels], compute, full))
cases.append(
    case(
        "crossEntropy with probabilities", "crossEntropy", [logits, positive(18, 7, 4)],
        lambda x, y: F.cross_entropy(x, y, reduction="none"), {"reduction": "none"},
    )
)
for reduction in ["none", "mean"]:
    cases.append(
        case(
            f"binary cross-entropy with logits, {reduction}", "binaryCrossEntropy",
            [normal(12, 8), given([0.0, 1.0, 1.0, 0.0, 0.25, 1.0, 0.0, 0.75])],
            lambda x, y, r=reduction: F.binary_cross_entropy_with_logits(x, y, reduction=r), {"reduction": reduction},
        )
    )
cases.append(
    case(
        "binary cross-entropy of large logits", "binaryCrossEntropy",
        [given([-800.0, 800.0, -30.0, 30.0]), given([0.0, 1.0, 1.0, 0.0])],
        lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction="none"), {"reduction": "none"},
    )
)
for call, loss in {"squaredError": F.mse_loss, "absoluteError": F.l1_loss}.items():
    for reduction in ["none", "mean", "sum"]:
        cases.append(
            case(
                f"{call}, {reduction}", call, [normal(19, 5, 3), normal(20, 5, 3)],
                lambda x, y, f=loss, r=reduction: f(x, y, reduction=r), {"reduction": reduction},
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
