# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the voice that tests speak with: 256 samples of a 220 Hz tone a phoneme, as long as length_scale says.

It is committed, since CI needs no 63 MB then and the package onnx is no dependency: `pip install onnx==1.19.1 && python make.py` makes it anew.
"""

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

HERE = Path(__file__).parent


def constant(name: str, value: object, kind: type) -> object:
    return numpy_helper.from_array(np.array(value, dtype=kind), name)


graph = helper.make_graph(
    [
        helper.make_node("Size", ["input"], ["count"]),
        helper.make_node("Cast", ["count"], ["count_f"], to=TensorProto.FLOAT),
        helper.make_node("Gather", ["scales", "one"], ["length_scale"]),
        helper.make_node("Mul", ["count_f", "length_scale"], ["units"]),
        helper.make_node("Mul", ["units", "hop"], ["samples"]),
        helper.make_node("Range", ["zero_f", "samples", "one_f"], ["at"]),
        helper.make_node("Mul", ["at", "turn"], ["angle"]),
        helper.make_node("Sin", ["angle"], ["wave"]),
        helper.make_node("Mul", ["wave", "level"], ["quiet"]),
        helper.make_node("Reshape", ["quiet", "shape"], ["output"]),
    ],
    "tone",
    [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ],
    [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "time"])],
    [
        constant("one", 1, np.int64),
        constant("hop", 256.0, np.float32),
        constant("zero_f", 0.0, np.float32),
        constant("one_f", 1.0, np.float32),
        constant("turn", 2 * np.pi * 220 / 22050, np.float32),
        constant("level", 0.1, np.float32),
        constant("shape", [1, 1, 1, -1], np.int64),
    ],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
checker.check_model(model)
save(model, HERE / "tone.onnx")
(HERE / "tone.onnx.json").write_text(
    json.dumps(
        {
            "audio": {"sample_rate": 22050, "quality": "test"},
            "espeak": {"voice": "en-us"},
            "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
            "phoneme_type": "espeak",
            "phoneme_id_map": {},
            "num_symbols": 256,
            "num_speakers": 1,
            "language": {"code": "en_US"},
            "dataset": "tone",
        },
        indent=2,
    )
    + "\n"
)
