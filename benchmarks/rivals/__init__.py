"""Other retrieval systems, each as its own documentation shows it, on the same weights: what `make bench-retrieval` compares with.

Each module is a program of its own in an environment of its own (requirements-bench.txt), and none imports the product:

    python -m benchmarks.rivals.NAME WORK

WORK is a folder with documents.jsonl {source, title, text}, questions.jsonl {id, mode, text} and `model`, a link to the embedding
model's folder. The program writes NAME.jsonl {system, id, mode, score, sources, ms} and NAME.json {seconds, megabytes} there.
"""
