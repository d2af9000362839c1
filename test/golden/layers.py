"""Golden activations with parameters, pooling by norms, unpooling, resizing, shuffling, and normalisation of channels."""

import torch
import torch.nn.functional as F

from oracle import case, given, nchw, nhwc, normal, positive, write

corners = given([[-800.0, -20.0, -2.0, -0.5, 0.0], [0.5, 2.0, 6.0, 7.0, 800.0]])
cases = []
for label, recipe in {"noise": normal(1, 6, 11), "corners": corners}.items():
    cases.append(case(f"leakyRelu of {label}", "leakyRelu", [recipe], F.leaky_relu))
    cases.append(case(f"elu of {label}", "elu", [recipe], F.elu))
    cases.append(case(f"randomizedRelu of {label}", "randomizedRelu", [recipe], lambda x: F.rrelu(x, training=False)))
cases.append(case("leakyRelu, slope 0.25", "leakyRelu", [normal(2, 3, 4)], lambda x: F.leaky_relu(x, 0.25), {"slope": 0.25}))
cases.append(case("elu, alpha 0.5", "elu", [normal(3, 3, 4)], lambda x: F.elu(x, 0.5), {"alpha": 0.5}))
cases.append(case("prelu, one slope", "prelu", [normal(4, 2, 3, 3, 4), given([0.25])], F.prelu))
cases.append(
    case("prelu, a slope per channel", "prelu", [normal(5, 2, 3, 3, 4), normal(6, 4)], lambda x, a: nhwc(F.prelu(nchw(x), a)))
)
for shape, window, stride in [((2, 6, 6, 3), 2, 2), ((1, 7, 8, 2), 3, 2), ((1, 5, 6, 2), (2, 3), (1, 2))]:
    options = {"window": window, "stride": stride}
    # The oracle gives NaN gradients where a root is taken of 0, so inputs are positive or of one power.
    cases.append(
        case(f"lpPool {shape} {options}", "lpPool", [normal(7, *shape)], lambda x, o=options: nhwc(F.lp_pool2d(nchw(x), 2, o["window"], o["stride"])), {**options, "p": 2})
    )
    cases.append(
        case(f"lpPool of power 3 {shape} {options}", "lpPool", [positive(8, *shape)], lambda x, o=options: nhwc(F.lp_pool2d(nchw(x), 3, o["window"], o["stride"])), {**options, "p": 3})
    )


def unpooled(x, window, stride, padding):
    y, indices = F.max_pool2d(nchw(x), window, stride, padding, return_indices=True)
    return nhwc(F.max_unpool2d(y, indices, window, stride, padding, output_size=x.shape[1:3]))


for shape, window, stride, padding in [((2, 6, 6, 3), 2, 2, 0), ((1, 7, 9, 2), 3, 3, 1), ((1, 8, 8, 2), 2, 3, 0)]:
    options = {"window": window, "stride": stride, "padding": padding}
    cases.append(case(f"maxUnpool {shape} {options}", "maxUnpool", [normal(9, *shape)], lambda x, o=options: unpooled(x, **o), options))

# Sizes whose ratios float32 holds exactly.
for before, size in [((2, 2), (4, 4)), ((3, 4), (6, 8)), ((8, 6), (4, 3)), ((3, 6), (4, 8)), ((5, 5), (4, 4)), ((4, 3), (7, 12)), ((6, 4), (1, 8))]:
    for method, mode in {"nearest": "nearest-exact", "bilinear": "bilinear"}.items():
        if method == "bilinear" and size[0] == 7:
            continue
        cases.append(
            case(
                f"resize {method} {before} to {size}", "resize", [normal(10, 2, *before, 3)],
                lambda x, s=size, m=mode: nhwc(F.interpolate(nchw(x), s, mode=m)), {"size": size, "method": method},
            )
        )
cases.append(
    case("resize nearest, twice as large", "resize", [normal(11, 2, 3, 4, 2)], lambda x: nhwc(F.interpolate(nchw(x), scale_factor=2, mode="nearest")), {"size": [6, 8], "method": "nearest"})
)
for groups in [2, 3, 4]:
    cases.append(
        case(f"channelShuffle {groups}", "channelShuffle", [normal(12, 2, 3, 2, 12)], lambda x, g=groups: nhwc(F.channel_shuffle(nchw(x), g)), {"groups": groups})
    )
for size, channels in [(5, 7), (3, 4), (1, 3), (9, 4), (4, 6)]:
    for beta in [0.75, 0.5, 1.25]:
        # PyTorch divides alpha by the size; ours does not, so it is multiplied here.
        options = {"size": size, "alpha": 0.125, "beta": beta, "k": 2}
        cases.append(
            case(
                f"localResponseNorm {options} of {channels}", "localResponseNorm", [normal(13, 2, 3, 2, channels)],
                lambda x, s=size, b=beta: nhwc(F.local_response_norm(nchw(x), s, 0.125 * s, b, 2.0)), options,
            )
        )
cases.append(
    case("localResponseNorm per n", "localResponseNorm", [normal(14, 2, 3, 2, 7)], lambda x: nhwc(F.local_response_norm(nchw(x), 5, 0.625, 0.75, 1.0)), {"alpha": 0.625, "k": 1, "alphaMode": "perN"})
)
cases.append(case("l2Normalize", "l2Normalize", [normal(15, 2, 3, 2, 5)], lambda x: F.normalize(x, dim=-1)))
cases.append(case("l2Normalize along axis 1", "l2Normalize", [normal(16, 4, 3, 2)], lambda x: F.normalize(x, dim=1), {"axis": 1}))
write("layers", cases)

norm = torch.nn.BatchNorm2d(2)


def running(x):
    """Running statistics after 50 batches of 4, and what the first batch then becomes."""
    with torch.no_grad():
        norm.train()
        for batch in nchw(x).split(4):
            norm(batch)
        norm.eval()
        return norm.running_mean, norm.running_var, nhwc(norm(nchw(x)[:4]))


write("running-statistics", [case("50 batches of nn.BatchNorm2d", "running", [normal(17, 200, 3, 3, 2)], running, gradients=False)])
