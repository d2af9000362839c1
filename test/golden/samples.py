"""Small data sets of scikit-learn as files, with what it says of them: nearest neighbours and eigenvalues."""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.datasets import load_diabetes, load_iris
from sklearn.preprocessing import StandardScaler

folder = pathlib.Path(__file__).parent


def write(name, content):
    content = {"oracle": f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}", **content}
    (folder / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


iris = load_iris().data.astype(np.float32)
wide = iris.astype(np.float64)
difference = wide[:, None] - wide[None]
products = sum(wide[:, None, f] * wide[None, :, f] for f in range(wide.shape[1]))
lengths = np.sqrt(np.diag(products))
distances = {
    "l2": np.sqrt((difference**2).sum(-1)),
    "l1": np.abs(difference).sum(-1),
    "cosine": 1 - products / (lengths[:, None] * lengths[None]),
}
# Ties fall to the lower index; a point is its own nearest neighbour or ties with an earlier copy of it.
neighbours = {name: np.argsort(d, axis=1, kind="stable")[:, :5].tolist() for name, d in distances.items()}
eigenvalues = np.linalg.eigh(np.cov(wide.T, bias=True))[0][::-1].tolist()
write("iris", {"data": [round(float(x), 1) for x in iris.ravel()], "neighbours": neighbours, "eigenvalues": eigenvalues})

diabetes = load_diabetes(scaled=False)
inputs = StandardScaler().fit_transform(diabetes.data)
targets = StandardScaler().fit_transform(diabetes.target[:, None])[:, 0]
write("diabetes", {"inputs": [round(float(x), 5) for x in inputs.ravel()], "targets": [round(float(x), 5) for x in targets]})
