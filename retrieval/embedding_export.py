"""Write the default embedding model as an OpenVINO model: `python -m retrieval.embedding_export MODEL_FOLDER TARGET_FOLDER`.

Runs once, in a process of its own, because it needs torch, and the processes that answer customers should not carry torch. The
pooling and the normalisation of the sentence-transformers pipeline become part of the model, so that its output is the vector.
"""

import contextlib
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

MODEL = "model.xml"
WEIGHTS = "model.bin"
TOKENIZER = "tokenizer.json"
SEAL = "seal.json"  # written last: the sizes and SHA-256 of the other files; without it, or with another one, nothing is used
LIBRARIES = ("openvino", "torch", "transformers")  # that have a say in what is written
SAMPLE = 65_536  # bytes
SAMPLED_EVERY = 524_288  # bytes: no part of a large file that a training would change lies between two samples


def fingerprint(model_folder: Path) -> str:
    """A name for what the model's files say: 16 hex digits. Large files are sampled all along, so that a start stays quick."""
    digest = hashlib.sha256()
    for path in sorted(model_folder.rglob("*")):
        if path.is_file() and path.suffix in (".json", ".txt", ".safetensors"):
            size = path.stat().st_size
            digest.update(f"{path.relative_to(model_folder)} {size}\n".encode())
            with path.open("rb", buffering=0) as file:
                for place in range(0, size, SAMPLED_EVERY):
                    file.seek(place)
                    digest.update(file.read(SAMPLED_EVERY if size <= 16 * SAMPLED_EVERY else SAMPLE))
    return digest.hexdigest()[:16]


def export_name(model_folder: Path) -> str:
    """The name of the model's export: another one when the model's files, the libraries or this module have changed since."""
    made_by = hashlib.sha256(Path(__file__).read_bytes())
    for library in LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            made_by.update(f"{library} {metadata.version(library)}\n".encode())
    return f"{fingerprint(model_folder)}-{made_by.hexdigest()[:12]}"


def exports(models: Path, *, of: str) -> Iterator[Path]:
    """The whole exports of the model with that fingerprint, in the folder for exports."""
    return (folder for folder in sorted(models.glob(f"{of}-*")) if of and is_whole(folder))


def is_whole(folder: Path) -> bool:
    """Whether an export stands in that folder with every byte it was sealed with."""
    try:
        sealed = json.loads((folder / SEAL).read_text())
        return bool(sealed) and all(_checksum(folder / name) == value for name, value in sealed.items())
    except (OSError, ValueError, AttributeError):
        return False


def export(model_folder: Path, target: Path) -> None:
    """Write the model to the folder target, whole or not at all; a whole one that another process wrote meanwhile stays.

    Raises ValueError for a pipeline other than BERT with mean pooling and normalisation.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".making-") as making:
        made = Path(making, "model")
        made.mkdir()
        _write(model_folder, made)
        seal = {name: _checksum(made / name) for name in (MODEL, WEIGHTS, TOKENIZER)}
        (made / SEAL).write_text(json.dumps(seal))
        for path in made.iterdir():
            _flush(path)
        if is_whole(target):
            return
        if target.exists():
            target.rename(Path(making, "torn"))
        try:
            made.rename(target)
        except OSError:
            if not is_whole(target):  # not another process that was quicker: a real failure
                raise


def pipeline(model_folder: Path) -> tuple[Any, dict[str, Any]]:
    """The model as a torch module from word pieces to unit vectors, (n, length) and its mask to (n, dimension), and an example.

    Raises ValueError for a pipeline other than BERT with mean pooling and normalisation.
    """
    import torch
    from transformers import AutoModel

    pooling = json.loads((model_folder / "1_Pooling" / "config.json").read_text())
    steps = [step["type"].rsplit(".", 1)[-1] for step in json.loads((model_folder / "modules.json").read_text())]
    if not pooling.get("pooling_mode_mean_tokens") or steps != ["Transformer", "Pooling", "Normalize"]:
        raise ValueError(f"cannot write this pipeline: {steps}, {pooling}")

    class Pipeline(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = AutoModel.from_pretrained(model_folder, attn_implementation="eager", dtype=torch.float32).eval()

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            words = self.model(input_ids=input_ids, attention_mask=attention_mask)[0]
            mask = attention_mask.unsqueeze(-1).to(words.dtype)
            mean = (words * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, p=2.0, dim=1)

    example = {"input_ids": torch.ones((2, 7), dtype=torch.int64), "attention_mask": torch.ones((2, 7), dtype=torch.int64)}
    return Pipeline().eval(), example


def _write(model_folder: Path, made: Path) -> None:
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # it reports to its maker; its absence is provided for
    import openvino
    import torch

    module, example = pipeline(model_folder)
    with torch.no_grad():
        model = openvino.convert_model(module, example_input=example)
    # weights in half precision, calculated with in full: 99.9 % of the same ten best passages, 60 MB less in every process
    openvino.save_model(model, made / MODEL, compress_to_fp16=True)
    shutil.copyfile(model_folder / "tokenizer.json", made / TOKENIZER)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


if __name__ == "__main__":
    export(Path(sys.argv[1]), Path(sys.argv[2]))
