"""A student that learns from a teacher's soft labels (Hinton et al. 2015): DistilBERT (Sanh et al. 2019) from BERT."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, softmax
from transformers import DistilBertConfig, DistilBertForSequenceClassification
from transformers.initialization import no_init_weights

from workloads.bert import LABELS, POSITIONS, VOCABULARY, Shape
from workloads.nets.bert import DEVIATION, Classifier
from workloads.nets.weights import fill

TEMPERATURE = 2.0


class Student(nn.Module):
    """Ids (B, T) to logits (B, 2): BERT without segments, and with a ReLU where BERT's head has a tanh."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        config = DistilBertConfig(
            vocab_size=VOCABULARY,
            max_position_embeddings=POSITIONS,
            dim=shape.width,
            n_layers=shape.layers,
            n_heads=shape.heads,
            hidden_dim=4 * shape.width,
            dropout=0.0,
            attention_dropout=0.0,
            seq_classif_dropout=0.0,
            num_labels=LABELS,
            attn_implementation="maskless-sdpa",
        )
        with no_init_weights():
            self.model = DistilBertForSequenceClassification(config)
        fill(self, lambda _: DEVIATION, seed=1)

    def forward(self, ids_BT: Tensor) -> Tensor:
        """Logits of the two labels."""
        logits_BC: Tensor = self.model(input_ids=ids_BT).logits
        return logits_BC


class Distillation(nn.Module):
    """Ids (B, T) to the logits (B, 2) of the student, which learns, and of the teacher, which does not."""

    def __init__(self, student: Shape, teacher: Shape) -> None:
        super().__init__()
        self.student = Student(student).train()
        self.teacher = Classifier(teacher).eval().requires_grad_(requires_grad=False)

    def forward(self, ids_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of both; no gradient leads to the teacher."""
        with torch.no_grad():
            teacher_BC = self.teacher(ids_BT)
        return self.student(ids_BT), teacher_BC.detach()


def distillation_loss(module: nn.Module, ids_BT: Tensor, labels_B: Tensor) -> Tensor:
    """The mean of the cross-entropy against the teacher's softened labels and of that against the true ones.

    Softened gradients shrink with the square of the temperature, which is therefore a factor (Hinton et al. 2015).
    """
    student_BC, teacher_BC = module(ids_BT)
    soft = cross_entropy(student_BC / TEMPERATURE, softmax(teacher_BC / TEMPERATURE, dim=-1))
    return 0.5 * TEMPERATURE**2 * soft + 0.5 * cross_entropy(student_BC, labels_B)
