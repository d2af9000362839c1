"""Golden transposed convolutions and both of their gradients."""

import itertools

import torch.nn.functional as F

from oracle import case, nchw, nhwc, normal, write


def transpose(x, w, stride, padding, outputPadding, dilation, groups):
    """The library's weights are [kh, kw, K / groups, C], PyTorch's [C, K / groups, kh, kw]."""
    weights = w.permute(3, 2, 0, 1)
    return nhwc(F.conv_transpose2d(nchw(x), weights, None, stride, padding, outputPadding, groups, dilation))


def transposed(x, w, stride=1, padding=0, outputPadding=0, dilation=1, groups=1):
    options = {"stride": stride, "padding": padding, "outputPadding": outputPadding, "dilation": dilation, "groups": groups}
    name = f"conv2dTranspose {x} {w} " + " ".join(f"{key} {value}" for key, value in options.items())
    return case(name, "conv2dTranspose", [normal(1, *x), normal(2, *w)], lambda x, w: transpose(x, w, **options), options)


cases = []
for kernel, stride, padding in itertools.product([1, 2, 3, 4, 5], [1, 2, 3], [0, 1, 2]):
    if 3 * (stride - 1) + kernel > 2 * padding:
        cases.append(transposed((1, 4, 5, 2), (kernel, kernel, 3, 2), stride, padding, (kernel + padding) % stride))
cases += [
    transposed((2, 4, 3, 3), (3, 2, 4, 3), (2, 1), (1, 0), (1, 0)),
    transposed((2, 4, 3, 3), (1, 5, 4, 3), (1, 3), (0, 2), (0, 2)),
    transposed((1, 3, 4, 2), (3, 3, 3, 2), 1, 2, 0, 2),
    transposed((1, 3, 4, 2), (3, 3, 3, 2), 1, 0, 1, 2),
    transposed((1, 3, 4, 2), (3, 2, 3, 2), 2, 1, (2, 1), (3, 2)),
    transposed((1, 3, 4, 2), (2, 2, 3, 2), 1, 1, 2, 3),
    transposed((1, 3, 4, 2), (1, 1, 3, 2), 3, 0, 2),
    transposed((2, 3, 3, 4), (3, 3, 3, 4), 2, 1, 1, 1, 2),
    transposed((2, 3, 3, 6), (4, 4, 1, 6), 2, 1, 0, 1, 3),
    transposed((2, 4, 4, 5), (3, 3, 1, 5), 2, 1, 1, 1, 5),
    transposed((1, 4, 4, 3), (3, 3, 2, 3), 1, 2, 1, 2, 3),
    transposed((2, 7, 7, 16), (4, 4, 8, 16), 2, 1),
    transposed((1, 1, 1, 20), (7, 7, 6, 20)),
]
write("conv-transpose", cases)
