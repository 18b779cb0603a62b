"""Matrix factorisation with the BPR loss in plain Python, for where neither PyTorch nor NumPy is at hand:  python3 mf_plain.py

The same conversation with Avocet as lightgcn_pytorch.py; slow, so for small data.
"""
import json, math, os, random, struct

config = json.load(open(os.environ["AVOCET_CONFIG"]))
budget, output = config["budget"], config["output"]
rate, weight = float(config["parameters"].get("rate", 0.05)), float(config["parameters"].get("reg", 0.01))
random.seed(config["seed"])
width = budget["width"]
user_vectors = [[random.gauss(0, 0.1) for _ in range(width)] for _ in range(config["users"])]
item_vectors = [[random.gauss(0, 0.1) for _ in range(width)] for _ in range(config["items"])]

with open(os.path.join(config["dataset"], "train.tsv")) as file:
    next(file)
    train = [tuple(int(field) for field in line.split("\t")[:2]) for line in file]
known = set(train)


def save(path, rows):
    """A float32 .npy file: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html"""
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }" % (len(rows), len(rows[0]))
    header = header.ljust(64 * math.ceil((len(header) + 11) / 64) - 11) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        for row in rows:
            file.write(struct.pack("<%df" % len(row), *row))


for epoch in range(1, budget["epochs"] + 1):
    loss = 0.0
    random.shuffle(train)
    for user, item in train:
        negative = random.randrange(config["items"])
        while (user, negative) in known:
            negative = random.randrange(config["items"])
        u, p, n = user_vectors[user], item_vectors[item], item_vectors[negative]
        difference = sum(a * (b - c) for a, b, c in zip(u, p, n))
        loss += math.log1p(math.exp(-difference))
        slope = 1 / (1 + math.exp(difference))
        for k in range(width):
            a, b, c = u[k], p[k], n[k]
            u[k] += rate * (slope * (b - c) - weight * a)
            p[k] += rate * (slope * a - weight * b)
            n[k] -= rate * (slope * a + weight * c)
    folder = os.path.join(output, "epoch-%d" % epoch)
    os.makedirs(folder)
    save(os.path.join(folder, "users.npy"), user_vectors)
    save(os.path.join(folder, "items.npy"), item_vectors)
    print(json.dumps({"epoch": epoch, "loss": loss, "output": "epoch-%d" % epoch}), flush=True)
