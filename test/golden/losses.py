"""Golden losses: those that PyTorch has, and others written from their papers with angles instead of polynomials."""

import math

import torch
import torch.nn.functional as F

from oracle import below, case, make, normal, positive, write

N, K, FEATURES = 7, 5, 4
scores, labels = normal(30, N, K), below(K, 31, N)
predictions, targets = normal(32, N, 3), normal(33, N, 3)
features, weight = normal(34, N, FEATURES), normal(35, FEATURES, K)
cases = []

for reduction in ["none", "mean", "sum"]:
    for beta in [1.0, 0.5]:
        cases.append(
            case(
                f"smooth l1, beta {beta}, {reduction}", "smoothL1", [predictions, targets],
                lambda x, y, r=reduction, b=beta: F.smooth_l1_loss(x, y, beta=b, reduction=r),
                {"beta": beta, "reduction": reduction},
            )
        )
    cases.append(
        case(
            f"multi-margin, {reduction}", "hinge", [scores, labels],
            lambda x, y, r=reduction: F.multi_margin_loss(x, y, reduction=r),
            {"form": "westonWatkins", "perClass": True, "reduction": reduction},
        )
    )
cases.append(
    case(
        "multi-margin, squared", "hinge", [scores, labels], lambda x, y: F.multi_margin_loss(x, y, p=2, reduction="none"),
        {"form": "westonWatkins", "perClass": True, "squared": True, "reduction": "none"},
    )
)


def rival_margin(x, y):
    own = x.gather(1, y[:, None])[:, 0]
    return own - x.scatter(1, y[:, None], -math.inf).amax(1)


cases.append(
    case("hinge of the best rival", "hinge", [scores, labels], lambda x, y: (1 - rival_margin(x, y)).clamp(min=0))
)
cases.append(
    case(
        "ramp", "ramp", [scores, labels], lambda x, y: (1 - rival_margin(x, y)).clamp(0, 1.5), {"s": -0.5, "warmUp": 0},
    )
)
log_probabilities = {"shape": [N, K], "fill": "noise", "seed": 36}
cases.append(
    case(
        "Kullback-Leibler of log probabilities", "klDivergence", [log_probabilities, positive(37, N, K)],
        lambda x, y: F.kl_div(x, y, reduction="none").sum(1),
    )
)
cases.append(
    case(
        "Kullback-Leibler of logits", "klDivergence", [scores, positive(37, N, K)],
        lambda x, y: F.kl_div(F.log_softmax(x, 1), y, reduction="none").sum(1), {"form": "logits"},
    )
)


def psi(cosine, m):
    angle = torch.acos(cosine.clamp(-1 + 1e-12, 1 - 1e-12))
    k = torch.floor(angle.detach() * m / math.pi)
    return (-1.0) ** k * torch.cos(m * angle) - 2 * k


def angular_margin(x, w, y, m, lam, unit):
    w = F.normalize(w, dim=0) if unit else w
    logits = x @ w
    own = logits.gather(1, y[:, None])
    length = x.norm(dim=1, keepdim=True) * w.norm(dim=0)[y][:, None]
    shifted = (lam * own + length * psi(own / length, m)) / (1 + lam)
    return F.cross_entropy(logits.scatter(1, y[:, None], shifted), y, reduction="none")


for m in [1, 2, 3, 4]:
    for name, unit in [("lSoftmax", False), ("aSoftmax", True)]:
        cases.append(
            case(
                f"{name}, margin {m}", name, [features, weight, labels],
                lambda x, w, y, m=m, u=unit: angular_margin(x, w, y, m, 0.5, u), {"margin": m, "lambda": 0.5},
            )
        )


def am_softmax(x, w, y):
    cosines = F.normalize(x, dim=1) @ F.normalize(w, dim=0)
    return F.cross_entropy(30 * (cosines - 0.25 * F.one_hot(y, K)), y, reduction="none")


cases.append(case("amSoftmax", "amSoftmax", [features, weight, labels], am_softmax, {"margin": 0.25}))
cases.append(
    case(
        "contrastive", "contrastive", [features, normal(38, N, FEATURES), below(2, 39, N)],
        lambda a, b, y: 0.5 * (y * (a - b).norm(dim=1) ** 2 + (1 - y) * (4 - (a - b).norm(dim=1)).clamp(min=0) ** 2),
        {"margin": 4},
    )
)


def tukey(x, y):
    r = x - y
    mad = (r - r.median(0).values).abs().median(0).values.detach()  # N is odd: PyTorch's lower median is the median
    scaled = r / (1.4826 * mad)
    rho = 4.6851**2 / 6 * (1 - (1 - (scaled / 4.6851).pow(2).clamp(max=1)) ** 3)
    return rho.mean(1)


cases.append(case("Tukey's biweight", "tukeyBiweight", [predictions, targets], tukey))
assert N % 2 == 1 and make(labels).max() < K
write("losses", cases)
