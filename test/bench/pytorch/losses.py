"""Loss terms as released code writes them."""

import torch
import torch.nn.functional as F


def bpr(users, positives, negatives):
    difference = (users * positives).sum(dim=1) - (users * negatives).sum(dim=1)
    return -F.logsigmoid(difference).mean()


def contrast(queries, keys, temperature):
    """InfoNCE of every batch row against all rows; a row for each pair, repeated or not."""
    return contrast_rows(F.normalize(queries, dim=1), F.normalize(keys, dim=1), temperature).mean()


def contrast_rows(queries, keys, temperature):
    positive = torch.exp((queries * keys).sum(dim=1) / temperature)
    every = torch.exp(queries @ keys.t() / temperature).sum(dim=1)
    return -torch.log(positive / every)


def half_squares(tables, rows):
    return 0.5 * sum((table**2).sum() for table in tables) / rows
