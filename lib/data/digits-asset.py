"""Writes digits-asset.ts from scikit-learn's copy of the UCI digits: python digits-asset.py (scikit-learn, brotli)."""

import base64
import pathlib

import brotli
import numpy
from sklearn.datasets import load_digits

digits = load_digits()
pixels = digits.images.reshape(len(digits.target), 64).astype(numpy.uint8)
# Pixel by pixel instead of image by image: neighbours are alike and pack better.
content = pixels.T.tobytes() + digits.target.astype(numpy.uint8).tobytes()
packed = base64.b64encode(brotli.compress(content, quality=11, lgwin=18)).decode()
source = f"""/**
 * The test part of "Optical Recognition of Handwritten Digits" by E. Alpaydin and C. Kaynak, UCI Machine Learning
 * Repository, doi:10.24432/C50P49, licence CC BY 4.0. Written by digits-asset.py: base64 of brotli of the 64 pixels
 * (0 to 16) of all 1797 images, pixel by pixel, then the 1797 labels.
 */
export const packedDigits =
  '{packed}';
"""
pathlib.Path(__file__).with_suffix(".ts").write_text(source)
