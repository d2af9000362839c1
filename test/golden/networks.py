"""Golden networks: small ones of torchvision's blocks with weights made by formula, so that only answers are stored.

Per case: the shapes of all parameters in the library's layout and order, the logits in inference mode, logits and loss
while training, the norm of every parameter's gradient, and the logits in inference mode after one step of SGD.
"""

import json

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from oracle import answer, below, make, nchw, noise, normal, words, write

library = torch.library.Library("torchvision", "DEF")  # model definitions alone: its operators are not needed
for operator in ("nms", "qnms", "roi_align", "_roi_align_backward", "roi_pool", "_roi_pool_backward", "ps_roi_align",
                 "_ps_roi_align_backward", "ps_roi_pool", "_ps_roi_pool_backward", "deform_conv2d",
                 "_deform_conv2d_backward"):
    library.define(f"{operator}(Tensor a) -> Tensor")

import torchvision  # noqa: E402
from torchvision.models.mobilenetv2 import MobileNetV2  # noqa: E402
from torchvision.models.resnet import BasicBlock, Bottleneck  # noqa: E402
from torchvision.models.squeezenet import SqueezeNet  # noqa: E402
from torchvision.models.vgg import make_layers  # noqa: E402

RATE = 0.001
CLASSES = 10


def resnet(block, stages, filters, cifar):
    first = nn.Conv2d(3, filters, 3, 1, 1, bias=False) if cifar else nn.Conv2d(3, filters, 7, 2, 3, bias=False)
    layers, channels = [first, nn.BatchNorm2d(filters), nn.ReLU()], filters
    if not cifar:
        layers.append(nn.MaxPool2d(3, 2, 1))
    for i, count in enumerate(stages):
        planes = filters * 2**i
        for j in range(count):
            stride, wide, down = 2 if i and not j else 1, planes * block.expansion, None
            if stride != 1 or channels != wide:
                down = nn.Sequential(nn.Conv2d(channels, wide, 1, stride, bias=False), nn.BatchNorm2d(wide))
            layers.append(block(channels, planes, stride, down))
            channels = wide
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES))


def vgg(stages, filters, batch_norm, hidden):
    plan = []
    for count, factor in zip(stages, [1, 2, 4, 8, 8]):
        plan += [filters * factor] * count + ["M"]
    features, channels = make_layers(plan, batch_norm), filters * 8
    if hidden is None:
        return nn.Sequential(features, nn.Flatten(), nn.Linear(channels, CLASSES))
    first = nn.Linear(channels * 49, hidden)
    first.image = (7, 7, channels)
    head = [first, nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, CLASSES)]
    return nn.Sequential(features, nn.AdaptiveAvgPool2d(7), nn.Flatten(), *head)


def mobilenet(width, cifar):
    early = 1 if cifar else 2
    settings = [[1, 16, 1, 1], [6, 24, 2, early], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]]
    network = MobileNetV2(CLASSES, width, settings, dropout=0.0)
    network.features[0][0].stride = (early, early)
    return network


def ours(parameter, module):
    """The shape of a parameter in the library's layout, and the way back to torch's."""
    if parameter.ndim == 4:
        k, c, height, width = parameter.shape
        return (height, width, c, k), lambda w: w.permute(3, 2, 0, 1)
    if parameter.ndim == 2:
        units, inputs = parameter.shape
        if not hasattr(module, "image"):
            return (inputs, units), lambda w: w.T
        return (inputs, units), lambda w: w.reshape(*module.image, units).permute(3, 2, 0, 1).reshape(units, inputs)
    return tuple(parameter.shape), lambda w: w


def single(numbers):
    return torch.tensor(numbers.astype(np.float32).astype(np.float64))


def positive(seed, shape):
    return words(seed, int(np.prod(shape))).reshape(shape) / 65536 * 1.5 + 0.5


def fill(network):
    """Gives every parameter and running statistic its numbers by position; returns the parameters' shapes."""
    shapes, norms = [], 0
    gain = 1 if any(isinstance(module, nn.BatchNorm2d) for module in network.modules()) else 1.5
    for module in network.modules():
        normalises = isinstance(module, nn.BatchNorm2d)
        for name, parameter in module.named_parameters(recurse=False):
            shape, back = ours(parameter, module)
            seed = 1000 + len(shapes)
            if parameter.ndim > 1:
                numbers = noise(seed, shape) * (gain / np.prod(shape[:-1])) ** 0.5
            else:
                numbers = positive(seed, shape) if normalises and name == "weight" else noise(seed, shape) / 8
            parameter.data.copy_(back(single(numbers)))
            shapes.append(list(shape))
        if normalises:
            module.running_mean.copy_(single(noise(5000 + 2 * norms, tuple(module.running_mean.shape)) / 8))
            module.running_var.copy_(single(positive(5001 + 2 * norms, tuple(module.running_var.shape))))
            norms += 1
    return shapes


def margin(network, image, seed):
    """The least distance of an activation from its threshold: where it is tiny, rounding decides on the gradients."""
    least = []

    def measure(module, inputs):
        thresholds = (0, 6) if isinstance(module, nn.ReLU6) else (0,)
        least.extend((inputs[0] - threshold).abs().min().item() for threshold in thresholds)

    hooks = [m.register_forward_pre_hook(measure) for m in network.modules() if isinstance(m, (nn.ReLU, nn.ReLU6))]
    fill(network)
    network.train()
    network(nchw(make(normal(seed, *image))))
    for hook in hooks:
        hook.remove()
    return min(least)


def network_case(name, network, call, options, image):
    seed = max(range(1, 65), key=lambda seed: margin(network, image, seed))
    print(f"{name}: seed {seed}, activations {margin(network, image, seed):.1e} from their thresholds")
    shapes = fill(network)
    inputs = [normal(seed, *image), below(CLASSES, 2, image[0])]
    x, labels = nchw(make(inputs[0])), make(inputs[1])
    made = {"name": name, "call": call, "options": options, "inputs": inputs, "parameters": shapes}
    network.eval()
    made["inference"] = answer(network(x))
    network.train()
    logits = network(x)
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    made["training"], made["loss"], made["rate"] = answer(logits), loss.item(), RATE
    made["gradientNorms"] = [float(f"{p.grad.norm().item():.9g}") for p in network.parameters()]
    with torch.no_grad():
        for parameter in network.parameters():
            parameter -= RATE * parameter.grad
        network.eval()
        made["afterStep"] = answer(network(x))
    return made


write(
    "networks",
    [
        network_case(
            "residual network of basic blocks", resnet(BasicBlock, [1, 2, 1], 8, True), "resnet",
            {"stages": [1, 2, 1], "filters": 8, "form": "cifar", "classes": CLASSES}, [4, 16, 16, 3],
        ),
        network_case(
            "residual network of bottleneck blocks", resnet(Bottleneck, [1, 2, 1], 8, False), "bottleneckResnet",
            {"stages": [1, 2, 1], "filters": 8, "classes": CLASSES}, [3, 45, 39, 3],
        ),
        network_case(
            "vgg11 with batch normalisation", vgg([1, 1, 2, 2, 2], 8, True, None), "vgg11",
            {"form": "cifar", "batchNorm": True, "filters": 8, "classes": CLASSES}, [8, 32, 32, 3],
        ),
        network_case(
            "vgg16 with hidden layers", vgg([2, 2, 3, 3, 3], 4, False, 16), "vgg16",
            {"filters": 4, "hidden": 16, "dropout": 0, "classes": CLASSES}, [3, 64, 96, 3],
        ),
        network_case(
            "mobilenetV2 for small images", mobilenet(0.25, True), "mobilenetV2",
            {"form": "cifar", "width": 0.25, "classes": CLASSES}, [4, 16, 16, 3],
        ),
        network_case(
            "mobilenetV2", mobilenet(0.25, False), "mobilenetV2",
            {"width": 0.25, "dropout": 0, "classes": CLASSES}, [4, 64, 64, 3],
        ),
        network_case(
            "squeezenet", SqueezeNet("1_1", CLASSES, dropout=0.0), "squeezenet",
            {"dropout": 0, "classes": CLASSES}, [3, 48, 40, 3],
        ),
    ],
    f"PyTorch {torch.__version__.split('+')[0]} and torchvision {torchvision.__version__.split('+')[0]}",
)
