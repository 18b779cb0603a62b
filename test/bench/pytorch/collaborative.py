"""LightGCN and FREEDOM, plainly."""

import torch
from torch import nn

from losses import bpr


def mean_of_layers(product, nodes, layers):
    hops = [nodes]
    for _ in range(layers):
        hops.append(product(hops[-1]))
    return torch.stack(hops, dim=1).mean(dim=1)


class LightGCN(nn.Module):
    def __init__(self, row, form):
        super().__init__()
        nodes = row.tensor("parameter.nodes")
        self.user_table = nn.Embedding.from_pretrained(nodes[: row.users].clone(), freeze=False)
        self.item_table = nn.Embedding.from_pretrained(nodes[row.users :].clone(), freeze=False)
        self.graph = form(*row.csr("user-item"))
        self.users, self.layers, self.weight = row.users, row.hyper["n_layers"], row.hyper["reg_weight"]

    def represent(self):
        nodes = torch.cat([self.user_table.weight, self.item_table.weight], dim=0)
        final = mean_of_layers(self.graph, nodes, self.layers)
        return final[: self.users], final[self.users :]

    def loss(self, users, positives, negatives):
        user_all, item_all = self.represent()
        user, positive, negative = user_all[users], item_all[positives], item_all[negatives]
        difference = (user * positive).sum(dim=1) - (user * negative).sum(dim=1)
        ranking = -torch.log(1e-10 + torch.sigmoid(difference)).mean()
        own = (self.user_table(users), self.item_table(positives), self.item_table(negatives))
        return ranking + self.weight * sum(torch.norm(table, p=2) for table in own) / own[-1].shape[0]


class Freedom(nn.Module):
    def __init__(self, row, form):
        super().__init__()
        nodes = row.tensor("parameter.nodes")
        self.user_table = nn.Embedding.from_pretrained(nodes[: row.users].clone(), freeze=False)
        self.item_table = nn.Embedding.from_pretrained(nodes[row.users :].clone(), freeze=False)
        self.features = nn.ParameterList(row.tensor(f"parameter.features.{name}") for name in row.modalities)
        self.projections = nn.ModuleList(projection(row, f"project.{name}") for name in row.modalities)
        self.row, self.form = row, form
        self.full = form(*row.csr("user-item"))
        self.items = form(*row.csr("items"))
        self.graph = form(*row.csr("pruned"))
        self.users, self.layers, self.hops = row.users, row.hyper["n_ui_layers"], row.hyper["n_mm_layers"]
        self.weight = row.hyper["reg_weight"]
        self.edges = (row.tensor("train.users").long(), row.tensor("train.items").long())

    def begin(self):
        """A new pruned graph, drawn and normalised as before every epoch."""
        users, items = self.edges
        degrees = [torch.bincount(ids, minlength=size).float() + 1e-7 for ids, size in ((users, self.row.users), (items, self.row.items))]
        chances = (degrees[0][users] * degrees[1][items]).rsqrt()
        kept = torch.multinomial(chances, int(len(users) * (1 - self.row.hyper["dropout"])))
        users, items = users[kept], items[kept]
        degrees = [torch.bincount(ids, minlength=size).float() + 1e-7 for ids, size in ((users, self.row.users), (items, self.row.items))]
        values = (degrees[0][users] * degrees[1][items]).rsqrt()
        size = self.row.users + self.row.items
        places = torch.stack([torch.cat([users, items + self.row.users]), torch.cat([items + self.row.users, users])])
        matrix = torch.sparse_coo_tensor(places, torch.cat([values, values]), (size, size)).coalesce()
        csr = matrix.to_sparse_csr()
        self.graph = self.form((size, size), csr.crow_indices().int(), csr.col_indices().int(), csr.values())

    def represent(self, graph=None):
        nodes = torch.cat([self.user_table.weight, self.item_table.weight], dim=0)
        final = mean_of_layers(graph or self.full, nodes, self.layers)
        side = self.item_table.weight
        for _ in range(self.hops):
            side = self.items(side)
        return final[: self.users], final[self.users :] + side

    def loss(self, users, positives, negatives):
        user_all, item_all = self.represent(self.graph)
        user = user_all[users]
        total = bpr(user, item_all[positives], item_all[negatives])
        for features, project in zip(self.features, self.projections):
            projected = project(features)
            total = total + self.weight * bpr(user, projected[positives], projected[negatives])
        return total


def projection(row, name, bias=True):
    """A linear layer with the weights of the row; where the row has no bias, none has an effect and it starts at 0."""
    weight = row.tensor(f"parameter.{name}.weight")
    layer = nn.Linear(weight.shape[0], weight.shape[1], bias=bias)
    with torch.no_grad():
        layer.weight.copy_(weight.t())
        if bias:
            try:
                layer.bias.copy_(row.tensor(f"parameter.{name}.bias"))
            except FileNotFoundError:
                layer.bias.zero_()
    return layer
