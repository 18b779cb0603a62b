"""What the benchmark wrote for a row: starting parameters, graphs, features, batches."""

import json
import os

import numpy as np
import torch


class Row:
    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "row.json")) as file:
            values = json.load(file)
        self.model = values["model"]
        self.users = values["users"]
        self.items = values["items"]
        self.width = values["width"]
        self.batch_size = values["batchSize"]
        self.learning_rate = values["learningRate"]
        self.neighbours = values["neighbours"]
        self.hyper = values["hyper"]
        self.modalities = values["modalities"]
        self.batches = self._batches(values["batches"])

    def array(self, name):
        return np.load(os.path.join(self.folder, name + ".npy"))

    def tensor(self, name):
        return torch.from_numpy(self.array(name))

    def csr(self, name):
        """(shape, offsets, indices, values) of a sparse matrix."""
        shape = tuple(int(size) for size in self.array(f"graph.{name}.shape"))
        return shape, *(self.tensor(f"graph.{name}.{part}") for part in ("offsets", "indices", "values"))

    def _batches(self, lengths):
        stream = torch.from_numpy(self.array("batches")).long()
        batches, start = [], 0
        for rows in lengths:
            users, positives, negatives = stream[start : start + 3 * rows].view(3, rows)
            batches.append((users, positives, negatives))
            start += 3 * rows
        return batches
