"""Attention over the tiles of a bag (ABMIL, Ilse et al. 2018, with the gate)."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

HIDDEN = 64
BATCH = 16
LEARNING_RATE = 1e-3


class AttentionMIL(nn.Module):
    """Bags of features (N, tiles, D) -> one score a bag (N,)."""

    def __init__(self, features: int, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.project = nn.Sequential(nn.Linear(features, HIDDEN), nn.ReLU(), nn.Dropout(0.25))
        self.signal, self.gate = nn.Linear(HIDDEN, HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.attention = nn.Linear(HIDDEN, 1)
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, bags: Tensor) -> Tensor:
        """Score bags."""
        tiles = self.project(bags)
        gated = torch.tanh(self.signal(tiles)) * torch.sigmoid(self.gate(tiles))
        weights = self.attention(gated).softmax(1)
        scores: Tensor = self.head((weights * tiles).sum(1))[:, 0]
        return scores


def train_attention_mil(
    bags: NDArray[np.float32], labels: NDArray[np.bool_], *, epochs: int, seed: int
) -> AttentionMIL:
    """Train on bags, float32 (N, tiles, D)."""
    random = np.random.default_rng(seed)
    network = AttentionMIL(bags.shape[2], seed)
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=1e-2)
    x, y = torch.from_numpy(bags), torch.from_numpy(labels).float()
    network.train()
    for _ in range(epochs):
        order = random.permutation(len(bags))
        for first in range(0, len(order), BATCH):
            chosen = torch.from_numpy(order[first : first + BATCH])
            loss = nn.functional.binary_cross_entropy_with_logits(network(x[chosen]), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network.eval()


def score_bags(network: AttentionMIL, bags: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the score of each bag; higher is more likely positive."""
    with torch.inference_mode():
        scores: NDArray[np.float32] = network(torch.from_numpy(bags)).numpy()
    return scores
