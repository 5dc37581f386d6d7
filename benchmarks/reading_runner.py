"""Read the files of a folder with one reader, in the environment that has it, and write what came out: `TOOL FOLDER OUT.json`.

Imports nothing of ours but for "ours", so that it runs in the environments of the others too.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

TIMES = 3  # each file; the quickest counts


def reader(tool: str) -> Callable[[Path], str]:
    if tool == "ours":
        from retrieval.readers.__main__ import read

        return lambda path: read(path.read_bytes(), path.name).markdown
    if tool == "kreuzberg":
        import kreuzberg

        config = kreuzberg.ExtractionConfig(output_format="markdown")
        return lambda path: kreuzberg.extract_file_sync(str(path), config=config).content
    if tool == "markitdown":
        from markitdown import MarkItDown

        converter = MarkItDown()
        return lambda path: converter.convert(str(path)).text_content
    raise ValueError(tool)


def main() -> None:
    tool, folder, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    started = time.process_time()
    read = reader(tool)
    found: dict[str, dict[str, object]] = {}
    for path in sorted(folder.iterdir()):
        seconds, text, error = [], "", ""
        for _ in range(TIMES):
            before = time.process_time()
            try:
                text = read(path)
            except Exception as failure:
                error = f"{type(failure).__name__}: {failure}"[:200]
            seconds.append(time.process_time() - before)
        found[path.name] = {"text": text, "seconds": min(seconds), "error": error}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    target.write_text(json.dumps({"files": found, "memory_mb": peak, "seconds": time.process_time() - started}), "utf-8")


if __name__ == "__main__":
    main()
