"""Golden convolutions and both of their gradients, and F.unfold and F.fold."""

import itertools

import torch.nn.functional as F

from oracle import case, integers, make, nchw, nhwc, normal, write


def convolve(x, w, stride, padding, dilation, groups):
    return nhwc(F.conv2d(nchw(x), w.permute(3, 2, 0, 1), None, stride, padding, dilation, groups))


def conv(x, w, stride=1, padding=0, dilation=1, groups=1):
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    name = f"conv2d {x} {w} " + " ".join(f"{key} {value}" for key, value in options.items())
    return case(name, "conv2d", [normal(1, *x), normal(2, *w)], lambda x, w: convolve(x, w, **options), options)


cases = []
for kernel, stride, padding in itertools.product([1, 2, 3, 5, 7], [1, 2, 3], [0, 1, 2, 3]):
    if (kernel + stride + padding) % 2 == 0 or kernel == 3:
        cases.append(conv((1, 8, 9, 2), (kernel, kernel, 2, 2), stride, padding))
cases += [
    conv((2, 7, 6, 3), (3, 2, 3, 4), (2, 1), (1, 0)),
    conv((2, 7, 6, 3), (1, 5, 3, 4), (1, 2), (0, 2)),
    conv((2, 9, 9, 2), (3, 3, 2, 3), 1, 2, 2),
    conv((2, 9, 9, 2), (3, 3, 2, 3), 2, 3, 3),
    conv((1, 9, 8, 2), (2, 3, 2, 3), 1, (0, 2), (3, 2)),
    conv((2, 6, 6, 4), (3, 3, 2, 6), 1, 1, 1, 2),
    conv((2, 6, 6, 6), (3, 3, 2, 3), 2, 1, 1, 3),
    conv((2, 6, 6, 5), (3, 3, 1, 5), 1, 1, 1, 5),
    conv((2, 6, 6, 3), (3, 3, 1, 6), 2, 1, 1, 3),
    conv((1, 8, 8, 4), (3, 3, 1, 4), 1, 2, 2, 4),
    conv((2, 7, 5, 3), (3, 3, 3, 4), 1, "same"),
    conv((2, 7, 5, 3), (2, 4, 3, 4), 1, "same"),
    conv((1, 9, 9, 2), (3, 2, 2, 3), 1, "same", 2),
    conv((2, 14, 14, 8), (5, 5, 8, 20), 1, 2),
]


def columns(x, window, stride, padding, dilation):
    """F.unfold orders columns by channel first; the library by window position first."""
    n, h, w, c = x.shape
    found = F.unfold(nchw(x), window, dilation, padding, stride)
    height = (h + 2 * padding[0] - dilation[0] * (window[0] - 1) - 1) // stride[0] + 1
    found = found.reshape(n, c, window[0] * window[1], -1).permute(0, 3, 2, 1)
    return found.reshape(n, height, -1, window[0] * window[1] * c)


def folded(y, size, window, stride, padding, dilation):
    n, c = y.shape[0], y.shape[3] // (window[0] * window[1])
    rows = y.reshape(n, -1, window[0] * window[1], c).permute(0, 3, 2, 1)
    return nhwc(F.fold(rows.reshape(n, c * window[0] * window[1], -1), size, window, dilation, padding, stride))


for window, stride, padding, dilation in [((2, 2), (1, 1), (0, 0), (1, 1)), ((3, 3), (2, 2), (1, 1), (2, 2)), ((3, 2), (1, 2), (2, 0), (1, 3))]:
    options = {"window": window, "stride": stride, "padding": padding, "dilation": dilation}
    x = integers(19, 3, 2, 7, 8, 3)
    cases.append(case(f"unfold {options}", "im2col", [x], lambda x, o=options: columns(x, **o), options))
    shape = list(columns(make(x), **options).shape)
    cases.append(
        case(
            f"fold {options}", "col2im", [integers(19, 4, *shape)], lambda y, o=options: folded(y, (7, 8), **o),
            {**options, "inputShape": [2, 7, 8, 3]},
        )
    )
write("conv", cases)
