"""PyTorch's side of a row: peer.py FOLDER THREADS. Takes one command a line and answers each with one line of JSON.

Forms: harness (COO product, eager autograd, Adam, Python hit test) and best (CSR with a stored transpose, fused Adam, vectorised).
"""

import json
import sys
import time
import traceback

import torch

from collaborative import Freedom, LightGCN
from multimodal import Egra, Mgcn, Siger
from products import BestProduct, HarnessProduct
from ranking import Draws, evaluate, neighbours
from row import Row

MODELS = {"lightgcn": LightGCN, "freedom": Freedom, "mgcn": Mgcn, "egra": Egra, "siger": Siger}


class Trainee:
    """A model of one form with its optimiser, over the batches of one epoch, again and again."""

    def __init__(self, row, form):
        self.row = row
        self.is_best = form == "best"
        self.model = MODELS[row.model](row, BestProduct if self.is_best else HarnessProduct)
        self.adam = torch.optim.Adam(self.model.parameters(), lr=row.learning_rate, **({"fused": True} if self.is_best else {}))
        self.next = 0

    def steps(self, count):
        losses, ms = [], []
        for _ in range(count):
            users, positives, negatives = self.row.batches[self.next % len(self.row.batches)]
            self.next += 1
            started = time.perf_counter()
            self.adam.zero_grad()
            loss = self.model.loss(users, positives, negatives)
            loss.backward()
            self.adam.step()
            losses.append(loss.item())
            ms.append((time.perf_counter() - started) * 1000)
        return losses, ms

    def begin(self):
        begin = getattr(self.model, "begin", None)
        return timed(begin)[1] if begin is not None else [0.0]


def timed(work):
    started = time.perf_counter()
    values = work()
    return values, [(time.perf_counter() - started) * 1000]


def product_ms():
    a = torch.ones(768, 768)
    torch.mm(a, a)
    return [timed(lambda: torch.mm(a, a))[1][0] for _ in range(40)]


def peak_mb():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024


class Peer:
    def __init__(self, folder):
        self.row = Row(folder)
        self.trainees = {}
        self.draws = None

    def trainee(self, form):
        if form not in self.trainees:
            self.trainees[form] = Trainee(self.row, form)
        return self.trainees[form]

    def answer(self, command, form="harness", count="1"):
        is_best = form == "best"
        if command == "hello":
            return {"name": f"PyTorch {torch.__version__}", "threads": torch.get_num_threads()}
        if command == "calibrate":
            return {"ms": product_ms()}
        if command == "peak":
            return {"mb": peak_mb()}
        if command == "losses":
            return {"losses": self.trainee(form).steps(int(count))[0]}
        if command == "steps":
            return {"ms": self.trainee(form).steps(int(count))[1]}
        if command == "begin":
            return {"ms": self.trainee(form).begin()}
        if command == "evaluate":
            values, ms = timed(lambda: evaluate(self.row, self.trainee(form).model, is_best))
        elif command == "neighbours":
            values, ms = timed(lambda: neighbours(self.row, is_best))
        elif command == "sample":
            self.draws = self.draws or Draws(self.row)
            values, ms = timed(lambda: self.draws.epoch(is_best))
        else:
            raise ValueError(f"no command {command}")
        return {"values": values, "ms": ms}


def main():
    folder, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    peer = Peer(folder)
    for line in sys.stdin:
        try:
            answer = peer.answer(*line.split())
        except Exception:
            answer = {"error": traceback.format_exc(limit=-3)}
        print(json.dumps(answer), flush=True)


main()
