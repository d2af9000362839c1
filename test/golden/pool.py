"""Golden pooling: F.max_pool2d, F.avg_pool2d, F.adaptive_avg_pool2d and means over space."""

import torch.nn.functional as F

from oracle import case, nchw, nhwc, normal, write


def max_pool(x, window, stride, padding, ceil):
    y, indices = F.max_pool2d(nchw(x), window, stride, padding, ceil_mode=ceil, return_indices=True)
    return nhwc(y), nhwc(indices)


def average_pool(x, window, stride, padding, ceil, countIncludePad):
    return nhwc(F.avg_pool2d(nchw(x), window, stride, padding, ceil, countIncludePad))


cases = []
geometries = [
    ((1, 4, 4, 1), 2, 2, 0, False),
    ((2, 7, 6, 3), 2, 2, 0, False),
    ((2, 7, 6, 3), 2, 2, 0, True),
    ((2, 7, 6, 3), 3, 2, 0, False),
    ((2, 7, 6, 3), 3, 2, 0, True),
    ((2, 7, 6, 3), 3, 2, 1, False),
    ((2, 8, 6, 3), 3, 2, 1, True),
    ((1, 9, 7, 2), (3, 2), (1, 3), (1, 0), False),
    ((1, 9, 7, 2), (2, 3), (3, 2), (0, 1), True),
    ((1, 5, 5, 2), 2, 3, 1, True),
    ((1, 7, 7, 2), 5, 1, 2, False),
    ((2, 5, 5, 4), 5, 5, 0, False),
]
for shape, window, stride, padding, ceil in geometries:
    options = {"window": window, "stride": stride, "padding": padding, "ceil": ceil}
    label = f"{shape} " + " ".join(f"{key} {value}" for key, value in options.items())
    cases.append(case(f"max {label}", "maxPool", [normal(1, *shape)], lambda x, o=options: max_pool(x, **o), options))
    for counted in [True, False]:
        full = {**options, "countIncludePad": counted}
        cases.append(
            case(
                f"average {label} counted {counted}", "averagePool", [normal(2, *shape)],
                lambda x, o=full: average_pool(x, **o), full,
            )
        )
for height, width in [(8, 8), (13, 15), (15, 13), (7, 7), (5, 9)]:
    cases.append(
        case(
            f"adaptive ({height}, {width}) to 7 x 7", "adaptiveAveragePool", [normal(3, 2, height, width, 2)],
            lambda x: nhwc(F.adaptive_avg_pool2d(nchw(x), 7)), {"size": [7, 7]},
        )
    )
cases.append(case("adaptive to 2 x 3", "adaptiveAveragePool", [normal(4, 2, 5, 7, 3)], lambda x: nhwc(F.adaptive_avg_pool2d(nchw(x), (2, 3))), {"size": [2, 3]}))
cases.append(case("global average", "globalAveragePool", [normal(5, 2, 5, 7, 3)], lambda x: x.mean((1, 2))))
cases.append(case("global max", "globalMaxPool", [normal(6, 2, 5, 7, 3)], lambda x: x.amax((1, 2))))
write("pool", cases)
