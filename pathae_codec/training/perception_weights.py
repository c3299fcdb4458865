"""What each distance of `perception` counts; read by a config without torch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PerceptionWeights:
    """What each distance counts by the squared error in 8-bit units.

    Attributes:
        local_statistics: Of the filter bank.
        features: Position by position.
        feature_statistics: Means and deviations in windows of 16 pixels.
    """

    local_statistics: float
    features: float
    feature_statistics: float
