"""Sparse times dense: as published harnesses write it, and the best plain form that PyTorch has."""

import warnings

import torch

warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta state")
# Sparse tensors checked at every construction are nobody's training loop.
torch.sparse.check_sparse_tensor_invariants.disable()


class HarnessProduct:
    """Coordinates, torch.sparse.mm; autograd transposes by itself in every backward pass."""

    def __init__(self, shape, offsets, indices, values):
        rows = torch.repeat_interleave(torch.arange(shape[0]), offsets.long().diff())
        self.matrix = torch.sparse_coo_tensor(torch.stack([rows, indices.long()]), values, shape)

    def __call__(self, dense):
        return torch.sparse.mm(self.matrix, dense)


class _WithTranspose(torch.autograd.Function):
    @staticmethod
    def forward(ctx, dense, matrix, transposed):
        ctx.transposed = transposed
        return matrix @ dense

    @staticmethod
    def backward(ctx, gradient):
        return ctx.transposed @ gradient, None, None


class BestProduct:
    """Compressed rows with 32-bit indices; the transpose is made once and stored for the backward pass."""

    def __init__(self, shape, offsets, indices, values):
        self.matrix = torch.sparse_csr_tensor(offsets, indices, values, shape)
        turned = self.matrix.to_sparse_coo().t().coalesce().to_sparse_csr()
        narrow = (turned.crow_indices().int(), turned.col_indices().int(), turned.values())
        self.transposed = torch.sparse_csr_tensor(*narrow, turned.shape)

    def __call__(self, dense):
        return _WithTranspose.apply(dense, self.matrix, self.transposed)
