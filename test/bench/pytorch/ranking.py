"""Full ranking, neighbours and negatives: as published harnesses do them, and vectorised."""

import random

import numpy as np
import torch

CUT_OFFS = (5, 10, 20, 50)


def evaluate(row, model, is_best, block=4096):
    """Recall@20 and NDCG@20 over users with held-out rows, among all four metrics at four cut-offs."""
    offsets, indices = row.array("train.offsets"), row.tensor("train.indices").long()
    held = (row.array("validation.offsets"), row.array("validation.indices"))
    with torch.no_grad():
        users, items = model.represent()
        lists = []
        for start in range(0, row.users, block):
            end = min(start + block, row.users)
            scores = users[start:end] @ items.t()
            lengths = torch.from_numpy(np.diff(offsets[start : end + 1])).long()
            rows = torch.repeat_interleave(torch.arange(end - start), lengths)
            scores[rows, indices[offsets[start] : offsets[end]]] = -1e10
            _, best = torch.topk(scores, max(CUT_OFFS), dim=-1)
            lists.append(best)
        best = torch.cat(lists, dim=0).numpy()
    hits = hits_vectorised(row, best, *held) if is_best else hits_by_loop(best, *held)
    counts = np.diff(held[0])
    return metrics(hits[counts > 0], counts[counts > 0])


def hits_by_loop(best, offsets, indices):
    held = [set(indices[offsets[user] : offsets[user + 1]].tolist()) for user in range(len(best))]
    return np.asarray([[item in held[user] for item in items] for user, items in enumerate(best.tolist())])


def hits_vectorised(row, best, offsets, indices):
    keys = np.repeat(np.arange(row.users), np.diff(offsets)) * row.items + indices
    wanted = np.arange(row.users)[:, None] * row.items + best
    places = np.searchsorted(keys, wanted)
    return keys[np.minimum(places, len(keys) - 1)] == wanted


def metrics(hits, counts):
    width = hits.shape[1]
    ranks = np.arange(1, width + 1)
    found = np.cumsum(hits, axis=1)
    recall = found / counts[:, None]
    precision = found / ranks
    discounts = 1 / np.log2(ranks + 1)
    ideal = np.cumsum(discounts)[np.minimum(counts[:, None], ranks) - 1]
    ndcg = np.cumsum(np.where(hits, discounts, 0), axis=1) / ideal
    mean_precision = np.cumsum(np.where(hits, precision, 0), axis=1) / np.minimum(counts[:, None], ranks)
    values = {name: table.mean(axis=0) for name, table in (("recall", recall), ("ndcg", ndcg), ("precision", precision), ("map", mean_precision))}
    every = {(name, k): float(values[name][k - 1]) for name in values for k in CUT_OFFS}
    return [every["recall", 20], every["ndcg", 20]]


def neighbours(row, is_best, block=1024):
    """Mean cosine of the k nearest items; the harness holds the whole matrix, the best form a block of it."""
    features = row.tensor(f"features.{row.modalities[0]}")
    unit = features / torch.norm(features, p=2, dim=-1, keepdim=True)
    if not is_best:
        cosines, _ = torch.topk(unit @ unit.t(), row.neighbours, dim=-1)
        return [float(cosines.mean())]
    parts = [torch.topk(unit[start : start + block] @ unit.t(), row.neighbours, dim=-1)[0] for start in range(0, len(unit), block)]
    return [float(torch.cat(parts).mean())]


class Draws:
    """Batches of an epoch with one negative a pair, drawn again while the user has it."""

    def __init__(self, row):
        self.row = row
        self.users, self.items = row.array("train.users"), row.array("train.items")
        self.candidates = np.unique(self.items)
        self.listed = self.candidates.tolist()
        self.keys = np.sort(self.users.astype(np.int64) * row.items + self.items)
        offsets, indices = row.array("train.offsets"), row.array("train.indices")
        self.seen = [set(indices[offsets[user] : offsets[user + 1]].tolist()) for user in range(row.users)]

    def epoch(self, is_best):
        order = np.random.permutation(len(self.users))
        rows = 0
        for start in range(0, len(order), self.row.batch_size):
            chosen = order[start : start + self.row.batch_size]
            users, positives = self.users[chosen], self.items[chosen]
            negatives = self._vectorised(users) if is_best else self._by_loop(users)
            batch = [torch.from_numpy(np.ascontiguousarray(column)).long() for column in (users, positives, negatives)]
            rows += len(batch[2])
        return [rows]

    def _by_loop(self, users):
        negatives = []
        for user in users.tolist():
            item = random.choice(self.listed)
            while item in self.seen[user]:
                item = random.choice(self.listed)
            negatives.append(item)
        return np.asarray(negatives)

    def _vectorised(self, users):
        negatives = np.random.choice(self.candidates, len(users))
        waiting = np.arange(len(users))
        while len(waiting) > 0:
            wanted = users[waiting].astype(np.int64) * self.row.items + negatives[waiting]
            places = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
            waiting = waiting[self.keys[places] == wanted]
            negatives[waiting] = np.random.choice(self.candidates, len(waiting))
        return negatives
