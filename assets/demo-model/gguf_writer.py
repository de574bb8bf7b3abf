"""Writes GGUF version 3 files: metadata, then tensors as F32, F16 or Q8_0."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Union

import numpy as np
from numpy.typing import NDArray

Value = Union[bool, int, float, str, "list[str]", "list[int]"]

ALIGNMENT = 32
TYPE_UINT32, TYPE_INT32, TYPE_FLOAT32, TYPE_BOOL, TYPE_STRING, TYPE_ARRAY = 4, 5, 6, 7, 8, 9
TENSOR_TYPES = {"F32": 0, "F16": 1, "Q8_0": 8}
FILE_TYPES = {"F32": 0, "F16": 1, "Q8_0": 7}
Q8_BLOCK = 32


def pack_string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def pack_value(value: Value) -> bytes:
    """One metadata value with its type in front; integers are uint32, integer lists int32."""
    if isinstance(value, bool):
        return struct.pack("<IB", TYPE_BOOL, value)
    if isinstance(value, int):
        return struct.pack("<II", TYPE_UINT32, value)
    if isinstance(value, float):
        return struct.pack("<If", TYPE_FLOAT32, value)
    if isinstance(value, str):
        return struct.pack("<I", TYPE_STRING) + pack_string(value)
    head = struct.pack("<I", TYPE_ARRAY)
    if isinstance(value[0], str):
        return head + struct.pack("<IQ", TYPE_STRING, len(value)) + b"".join(pack_string(str(item)) for item in value)
    return head + struct.pack(f"<IQ{len(value)}i", TYPE_INT32, len(value), *(int(item) for item in value))


def quantize_q8_0(matrix: NDArray[np.float32]) -> bytes:
    """Blocks of 32 signed bytes with one half-precision scale each."""
    blocks = matrix.reshape(-1, Q8_BLOCK)
    scale = np.abs(blocks).max(axis=1, keepdims=True) / 127.0
    steps = np.round(blocks / np.where(scale == 0, 1.0, scale)).astype(np.int8)
    packed = np.empty((len(blocks), Q8_BLOCK + 2), dtype=np.uint8)
    packed[:, :2] = scale.astype("<f2").view(np.uint8)
    packed[:, 2:] = steps.view(np.uint8)
    return packed.tobytes()


def encode_tensor(tensor: NDArray[np.float32], kind: str) -> bytes:
    if kind == "Q8_0":
        return quantize_q8_0(tensor)
    return tensor.astype("<f2" if kind == "F16" else "<f4").tobytes()


def padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % ALIGNMENT)


def write_gguf(
    path: Path, metadata: dict[str, Value], tensors: dict[str, NDArray[np.float32]], matrix_type: str
) -> None:
    """Writes the file under a temporary name and renames it, so that readers never see half of it."""
    infos: list[bytes] = []
    payload = bytearray()
    for name, tensor in tensors.items():
        kind = matrix_type if tensor.ndim == 2 else "F32"
        dimensions = tensor.shape[::-1]
        infos.append(
            pack_string(name)
            + struct.pack(f"<I{len(dimensions)}Q", len(dimensions), *dimensions)
            + struct.pack("<IQ", TENSOR_TYPES[kind], len(payload))
        )
        payload += padded(encode_tensor(tensor, kind))
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    head += b"".join(pack_string(key) + pack_value(value) for key, value in metadata.items())
    temporary = path.with_suffix(".partial")
    temporary.write_bytes(padded(head + b"".join(infos)) + bytes(payload))
    temporary.replace(path)
