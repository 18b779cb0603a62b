"""MGCN, and EGRA and SIGER as our reading of their papers has them, plainly: the whole forward pass over all nodes for every batch."""

import torch
import torch.nn.functional as F
from torch import nn

from collaborative import mean_of_layers, projection
from losses import bpr, contrast, contrast_rows, half_squares


class TwoViews(nn.Module):
    """What the three have in common: the behaviour view, and a view of every modality."""

    def __init__(self, row, form, item_graph="{}"):
        super().__init__()
        nodes = row.tensor("parameter.nodes")
        self.user_table = nn.Embedding.from_pretrained(nodes[: row.users].clone(), freeze=False)
        self.item_table = nn.Embedding.from_pretrained(nodes[row.users :].clone(), freeze=False)
        self.features = nn.ParameterList(row.tensor(f"parameter.features.{name}") for name in row.modalities)
        self.project = nn.ModuleList(projection(row, f"project.{name}") for name in row.modalities)
        self.gate = nn.ModuleList(projection(row, f"gate.{name}") for name in row.modalities)
        self.behavior = form(*row.csr("behavior"))
        self.user_items = form(*row.csr("user-items"))
        self.item_graphs = [form(*row.csr(item_graph.format(name))) for name in row.modalities]
        self.row, self.users = row, row.users
        self.layers = row.hyper["n_ui_layers"]
        self.hops = row.hyper["n_layers"] if "n_layers" in row.hyper else row.hyper["n_mm_layers"]

    def behavior_and_modal(self):
        nodes = torch.cat([self.user_table.weight, self.item_table.weight], dim=0)
        behavior = mean_of_layers(self.behavior, nodes, self.layers)
        modal = []
        for features, project, gate, graph in zip(self.features, self.project, self.gate, self.item_graphs):
            items = self.item_table.weight * torch.sigmoid(gate(project(features)))
            for _ in range(self.hops):
                items = graph(items)
            modal.append(torch.cat([self.user_items(items), items], dim=0))
        return behavior, modal

    def represent(self):
        behavior, side = self.views()
        final = behavior + side
        return final[: self.users], final[self.users :]

    def ranking(self, behavior, side, users, positives, negatives):
        final = behavior + side
        rows = (final[users], final[self.users + positives], final[self.users + negatives])
        return bpr(*rows) + self.row.hyper["reg_weight"] * half_squares(rows, self.row.batch_size)


class Mgcn(TwoViews):
    def __init__(self, row, form):
        super().__init__(row, form)
        self.preference = nn.ModuleList(projection(row, f"preference.{name}") for name in row.modalities)
        self.hidden = projection(row, "query.hidden")
        self.score = projection(row, "query.score", bias=False)

    def views(self):
        behavior, modal = self.behavior_and_modal()
        attention = torch.cat([self.score(torch.tanh(self.hidden(view))) for view in modal], dim=-1)
        weights = torch.softmax(attention, dim=-1)
        common = sum(weights[:, m].unsqueeze(dim=1) * view for m, view in enumerate(modal))
        specific = [torch.sigmoid(preference(behavior)) * (view - common) for preference, view in zip(self.preference, modal)]
        side = (sum(specific) + common) / (len(modal) + 1)
        return behavior, side

    def loss(self, users, positives, negatives):
        behavior, side = self.views()
        total = self.ranking(behavior, side, users, positives, negatives)
        items = self.users + positives
        both = contrast(side[items], behavior[items], 0.2) + contrast(side[users], behavior[users], 0.2)
        return total + self.row.hyper["cl_loss"] * both


class Egra(Mgcn):
    """The defaults of the card: item links in the behaviour graph, partner anchors, softmax entity weights, first epoch of the ramp."""

    def loss(self, users, positives, negatives):
        hyper = self.row.hyper
        behavior, side = self.views()
        total = self.ranking(behavior, side, users, positives, negatives)
        b_user, b_item = (F.normalize(behavior[rows], dim=1) for rows in (users, self.users + positives))
        z_user, z_item = (F.normalize(side[rows], dim=1) for rows in (users, self.users + positives))
        tau = hyper["tau"]
        of_users = 0.5 * (contrast_rows(z_user, b_item, tau) + contrast_rows(b_user, b_item, tau))
        of_items = 0.5 * (contrast_rows(z_item, b_user, tau) + contrast_rows(b_item, b_user, tau))
        with torch.no_grad():
            rows = users.shape[0]
            user_weight = rows * torch.softmax(-(b_user * z_user).sum(dim=1) / hyper["tau_w"], dim=0)
            item_weight = rows * torch.softmax(-(b_item * z_item).sum(dim=1) / hyper["tau_w"], dim=0)
        aligned = (user_weight * of_users + item_weight * of_items).mean()
        return total + hyper["lambda_max"] * hyper["lambda0_ratio"] * aligned


class Siger(TwoViews):
    """The defaults of the card: mean fusion, noise by length on every modality's view, joint anchors, fused views as keys of behaviour."""

    def __init__(self, row, form):
        super().__init__(row, form, "infused.{}")

    def views(self):
        behavior, modal = self.behavior_and_modal()
        return behavior, sum(modal) / len(modal)

    def perturbed(self, rows):
        fixed = rows.detach()
        noise = F.normalize(torch.rand_like(fixed), dim=1)
        return rows + self.row.hyper["eps"] * fixed.norm(dim=1, keepdim=True) * fixed.sign() * noise

    def loss(self, users, positives, negatives):
        hyper = self.row.hyper
        tau = hyper["tau"]
        behavior, modal = self.behavior_and_modal()
        side = sum(modal) / len(modal)
        total = self.ranking(behavior, side, users, positives, negatives)
        for ids, rows in ((users, users), (positives, self.users + positives)):
            views = [view[rows] for view in modal]
            contrasts = sum(contrast(self.perturbed(view), self.perturbed(view), tau) for view in views)
            anchors = F.normalize(behavior[rows], dim=1)
            aligned = joint_anchors(anchors, [F.normalize(view, dim=1) for view in views], ids, tau)
            aligned = aligned + contrast(anchors, side[rows], tau)
            total = total + hyper["lambda_cl"] * contrasts + hyper["lambda_al"] * aligned
        return total


def joint_anchors(anchors, views, ids, tau):
    """Every modality's view of every other entity is a negative; an entity's own further views are not."""
    own = (ids.unsqueeze(dim=1) == ids.unsqueeze(dim=0)).repeat(1, len(views))
    scores = torch.exp(anchors @ torch.cat(views, dim=0).t() / tau)
    others = scores.masked_fill(own, 0).sum(dim=1)
    positives = [torch.exp((anchors * view).sum(dim=1) / tau) for view in views]
    return sum(-torch.log(positive / (positive + others)).mean() for positive in positives) / len(views)
