"""Our readers beside kreuzberg and markitdown: what of a document comes out, at what cost. `make bench-reading`.

`python -m benchmarks.bench_reading [--rivals PYTHON] [--more FOLDER]`: PYTHON has kreuzberg and markitdown installed; FOLDER holds
further PDFs, of which only time is measured (default ../shared/data/pdf, if it is there).
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from benchmarks import measuring
from benchmarks.reading_cases import Case, cases

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "benchmarks.md"
_ITEM = re.compile(r"\s*(?:[-*+•]|\d+[.)])\s+")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rivals", type=Path, default=ROOT / ".venv-bench-reading/bin/python")
    options.add_argument("--more", type=Path, default=ROOT.parent / "shared/data/pdf")
    given = options.parse_args()
    load = measuring.load()
    made = cases()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "files"
        folder.mkdir()
        for case in made:
            (folder / case.name).write_bytes(case.data)
        found = {tool: _run(tool, folder, given.rivals) for tool in ("ours", "kreuzberg", "markitdown")}
        large = {tool: _large(tool, Path(place), given) for tool in found}
    body = _report(made, found, large, load)
    print(body)
    RESULTS.write_text(measuring.replace_section(RESULTS.read_text("utf-8"), "reading", body), "utf-8")
    return 0


def _run(tool: str, folder: Path, rivals: Path) -> dict:
    target = folder.parent / f"{tool}.json"
    python = sys.executable if tool == "ours" else str(rivals)
    subprocess.run([python, str(ROOT / "benchmarks/reading_runner.py"), tool, str(folder), str(target)], check=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(folder.parent)}, capture_output=True)  # fmt: skip
    return json.loads(target.read_text("utf-8"))


def _large(tool: str, place: Path, given: argparse.Namespace) -> dict | None:
    """The largest of the further PDFs alone in a process, for time and memory."""
    files = sorted(given.more.glob("*.pdf"), key=lambda path: path.stat().st_size) if given.more.is_dir() else []
    if not files:
        return None
    folder = place / "large"
    folder.mkdir(exist_ok=True)
    shutil.copy(files[-1], folder)
    return _run(tool, folder, given.rivals)


def _share(kept: int, of: int) -> str:
    return f"{kept} of {of}" if of else "–"


def _said(text: str) -> str:
    return " ".join(text.replace("\\", "").replace("**", "").split())


def _counts(case: Case, text: str) -> list[tuple[int, int]]:
    """Of headings, rows, items, sentences and unwanted words: how many are there, of how many."""
    lines = [line for line in text.splitlines() if line.strip()]
    titles = {_said(line.lstrip("#")) for line in lines if line.lstrip().startswith("#")}
    heads = [_said(line) for line in lines]
    items = [_said(_ITEM.sub("", line)) for line in lines if _ITEM.match(line)]
    whole = _said(text)
    rows = sum(any(all(cell in line for cell in row) for line in _with_head(heads)) for row in case.rows)
    return [
        (sum(heading in titles for heading in case.headings), len(case.headings)),
        (rows, len(case.rows)),
        (sum(item in items for item in case.items), len(case.items)),
        (sum(sentence in whole for sentence in case.sentences), len(case.sentences)),
        (sum(words in whole for words in case.unwanted), len(case.unwanted)),
    ]


def _with_head(lines: list[str]) -> list[str]:
    """The lines, rows of a table with its first row before them: either way of writing a row keeps the names of its columns."""
    found, head = [], ""
    for line in lines:
        if not line.startswith("|"):
            head = ""
        elif not head:
            head = line
        found.append(f"{head} {line}")
    return found


def _report(made: list[Case], found: dict[str, dict], large: dict[str, dict | None], load: str) -> str:
    kinds = sorted({case.name.rpartition(".")[2] for case in made})
    rows = []
    for kind in kinds:
        for tool, result in found.items():
            of_kind = [case for case in made if case.name.endswith(f".{kind}")]
            sums = [[0, 0] for _ in range(5)]
            for case in of_kind:
                for total, (kept, of) in zip(sums, _counts(case, result["files"][case.name]["text"]), strict=True):
                    total[0] += kept
                    total[1] += of
            spent = sum(result["files"][case.name]["seconds"] for case in of_kind) / len(of_kind)
            if any(result["files"][case.name]["error"] for case in of_kind):
                rows.append([f".{kind}", tool, *["not opened"] * 5, "–"])
            else:
                rows.append([f".{kind}", tool, *(_share(*total) for total in sums), f"{spent * 1000:.0f} ms"])
    costs = []
    for tool, result in found.items():
        big = large[tool]
        name, file = next(iter(big["files"].items())) if big else ("", {"seconds": 0.0})
        cost = [f"{file['seconds']:.1f} s", f"{big['memory_mb']:.0f} MB", name] if big else ["–", "–", "–"]
        costs.append([tool, f"{result['memory_mb']:.0f} MB", *cost])
    today = date.today()
    return f"""## Reading

{today.day} {today:%B %Y} · {measuring.machine()} · {load} · `make bench-reading`

Documents whose content is known, made by `benchmarks/reading_cases.py`: how much of it comes out as what it is. A row counts if all its
cells (in sheets: with the names of their columns; also those that it shares with other rows) stand together; to a heading, clause or
item that Word numbers belongs its number; *unwanted* are menus, running headers and hidden text. Processor
time a file, the quickest of three. Sheets, slides and OpenDocument files are the smallest valid ones, written by hand; a reader that
does not know the format, or wants more of it, has *not opened* them.

{measuring.table(["", "reader", "headings", "rows", "items", "sentences", "unwanted", "time"], rows)}

{measuring.table(["reader", "memory, all these", "time, largest PDF", "memory", "which"], costs)}
"""


if __name__ == "__main__":
    sys.exit(main())
