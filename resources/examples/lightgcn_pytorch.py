"""LightGCN in PyTorch, trained under Avocet:  python lightgcn_pytorch.py   (needs torch and numpy)

Avocet sets AVOCET_CONFIG, a JSON file with the folders, the seed, the parameters and the budget. Each epoch is one JSON line on
stdout that names a folder with the vectors; Avocet ranks and scores them, keeps the best epoch and stops when patience runs out.
"""
import json, os
import numpy as np
import torch

config = json.load(open(os.environ["AVOCET_CONFIG"]))
parameters, budget, output = config["parameters"], config["budget"], config["output"]
layers, weight = int(parameters.get("layers", 2)), float(parameters.get("reg", 1e-4))
torch.manual_seed(config["seed"])
torch.set_num_threads(config["threads"])

users, items = config["users"], config["items"]
train = np.loadtxt(os.path.join(config["dataset"], "train.tsv"), dtype=np.int64, delimiter="\t", skiprows=1, usecols=(0, 1), ndmin=2)
user, item = torch.from_numpy(train[:, 0].copy()), torch.from_numpy(train[:, 1].copy())

# D^-1/2 A D^-1/2 of the graph between users and items, both directions.
rows, columns = torch.cat([user, item + users]), torch.cat([item + users, user])
degree = torch.bincount(rows, minlength=users + items).clamp(min=1).float()
values = (degree[rows] * degree[columns]).rsqrt()
graph = torch.sparse_coo_tensor(torch.stack([rows, columns]), values, (users + items, users + items)).coalesce()

embedding = torch.nn.Parameter(torch.empty(users + items, budget["width"]))
torch.nn.init.xavier_uniform_(embedding)
optimiser = torch.optim.Adam([embedding], lr=budget["lr"])


def propagate():
    layer, total = embedding, embedding
    for _ in range(layers):
        layer = torch.sparse.mm(graph, layer)
        total = total + layer
    return (total / (layers + 1)).split([users, items])


known = set((train[:, 0] * items + train[:, 1]).tolist())
for epoch in range(1, budget["epochs"] + 1):
    loss_sum = 0.0
    for batch in torch.randperm(len(user)).split(budget["batch_size"]):
        u, p = user[batch], item[batch]
        n = torch.randint(items, u.shape)
        seen = torch.tensor([pair in known for pair in (u * items + n).tolist()])
        while seen.any():  # a negative is an item that the user does not have
            n = torch.where(seen, torch.randint(items, n.shape), n)
            seen = torch.tensor([pair in known for pair in (u * items + n).tolist()])
        user_vectors, item_vectors = propagate()
        difference = (user_vectors[u] * (item_vectors[p] - item_vectors[n])).sum(1)
        bpr = -torch.nn.functional.logsigmoid(difference).mean()
        squares = sum(embedding[index].square().sum() for index in (u, p + users, n + users)) / (2 * len(u))
        loss = bpr + weight * squares
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        loss_sum += loss.item()
    folder = os.path.join(output, f"epoch-{epoch}")
    os.makedirs(folder)
    with torch.no_grad():
        for name, vectors in zip(("users", "items"), propagate()):
            np.save(os.path.join(folder, name), vectors.numpy())
    print(json.dumps({"epoch": epoch, "loss": loss_sum, "output": f"epoch-{epoch}"}), flush=True)
