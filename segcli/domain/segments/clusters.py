"""Clusters of accounts: how metrics are scaled, where the centres are, and which centre an account is nearest to. Pure.

k-means (Lloyd, k-means++) and the silhouette are those of scikit-learn; only `fitted` needs it. A metric with a skewness above 1
enters as its logarithm, log(1 + x), for negative values -log(1 - x); each metric enters as its z-score: less its mean, divided by
its standard deviation.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import copysign, dist, log1p
from typing import Any, NamedTuple

SKEWED = 1.0  # from this skewness on a metric enters as its logarithm
STARTS = 10  # k-means++ starts; the one with the lowest inertia counts
MOST_K = 10
SAMPLE = 5000  # accounts on which k is chosen and silhouettes are calculated
MOST_SEED = 2**32 - 1  # of scikit-learn
_SILHOUETTE_MB = 64  # of distances at a time
Point = tuple[float, ...]


class Scale(NamedTuple):
    """How a metric enters: its logarithm or itself, less its mean, in standard deviations."""

    is_log: bool
    mean: float
    deviation: float

    def of(self, value: float) -> float:
        """Return the scaled value."""
        return ((copysign(log1p(abs(value)), value) if self.is_log else value) - self.mean) / self.deviation


class Model(NamedTuple):
    """Centres in scaled metrics, in the order of the numbers of the clusters: the highest first metric first."""

    scales: tuple[Scale, ...]
    centres: tuple[Point, ...]

    def place(self, values: Sequence[float]) -> tuple[int, float]:
        """Return the number of the nearest cluster and the distance to its centre. The first of equal ones counts."""
        point = tuple(scale.of(value) for scale, value in zip(self.scales, values, strict=True))
        distances = [dist(point, centre) for centre in self.centres]
        nearest = min(range(len(distances)), key=distances.__getitem__)
        return nearest + 1, distances[nearest]


class Step(NamedTuple):
    """A point of the curve: a number of clusters, and the fit of the sample."""

    k: int
    inertia: float
    silhouette: float


class Fit(NamedTuple):
    """A fitted model: the curve if k was chosen by it, and the mean silhouette of the sample by cluster."""

    model: Model
    inertia: float
    curve: tuple[Step, ...]
    silhouettes: Mapping[int, float]
    silhouette: float | None
    iterations: int


def numbered(centres: Iterable[Point]) -> list[int]:
    """Return the indices of the centres in the order of their numbers: by the first metric, highest first, then by the next."""
    held = list(centres)
    return sorted(range(len(held)), key=lambda at: tuple(-part for part in held[at]))


def chosen(curve: Iterable[Step]) -> int:
    """Return the k of the highest silhouette, the smallest of equal ones."""
    return max(curve, key=lambda step: (step.silhouette, -step.k)).k


def scales(data: Any) -> tuple[Scale, ...]:  # noqa: ANN401 - an array with a row per account and a column per metric
    """Return the scale of each column. The deviation is 0 for a column of equal values."""
    return tuple(_scale(data[:, at]) for at in range(data.shape[1]))


def _scale(column: Any) -> Scale:  # noqa: ANN401 - an array
    import numpy as np

    apart = column - column.mean()
    deviation = float(np.sqrt((apart**2).mean()))
    if not deviation or column.min() == column.max():  # the mean of equal values can be another number
        return Scale(is_log=False, mean=float(column.mean()), deviation=0.0)
    is_log = bool((apart**3).mean() / deviation**3 > SKEWED)
    if is_log:
        column = np.copysign(np.log1p(np.abs(column)), column)
    return Scale(is_log, float(column.mean()), float(column.std()))


def scale(data: Any, found: Iterable[Scale]) -> None:  # noqa: ANN401 - an array
    """Scale the columns of an array in place."""
    import numpy as np

    for at, one in enumerate(found):
        if one.is_log:
            data[:, at] = np.copysign(np.log1p(np.abs(data[:, at])), data[:, at])
        data[:, at] -= one.mean
        data[:, at] /= one.deviation


def different(points: Any) -> int:  # noqa: ANN401 - an array
    """Return the number of different points."""
    import numpy as np

    return len(np.unique(points, axis=0))


def fitted(points: Any, sample: Sequence[int], found: tuple[Scale, ...], k: int | None, seed: int) -> Fit:  # noqa: ANN401
    """Fit k-means to scaled points; without k the sample decides. One thread, because more of them add up in another order.

    Raise ValueError if there are too few different points.
    """
    from sklearn import config_context
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), config_context(working_memory=_SILHOUETTE_MB):
        part = points[list(sample)]
        if different(part) <= (k or 2):
            raise ValueError(f"there are only {different(part)} different accounts")
        curve = tuple(_curve(part, seed)) if k is None else ()
        means = _means(points, k or chosen(curve), seed)
        order = numbered(tuple(map(float, centre)) for centre in means.cluster_centers_)
        model = Model(found, tuple(tuple(map(float, means.cluster_centers_[at])) for at in order))
        numbers = {at: number for number, at in enumerate(order, 1)}
        labels = [numbers[int(at)] for at in means.predict(part)]
        by_cluster, mean = _silhouettes(part, labels)
    return Fit(model, float(means.inertia_), curve, by_cluster, mean, int(means.n_iter_))


def _means(points: Any, k: int, seed: int) -> Any:  # noqa: ANN401 - of scikit-learn
    from sklearn.cluster import KMeans

    return KMeans(k, init="k-means++", n_init=STARTS, random_state=seed, algorithm="lloyd").fit(points)


def _curve(part: Any, seed: int) -> Iterator[Step]:  # noqa: ANN401 - an array
    from sklearn.metrics import silhouette_score

    for k in range(2, min(MOST_K, different(part) - 1) + 1):
        means = _means(part, k, seed)
        yield Step(k, float(means.inertia_), float(silhouette_score(part, means.labels_)))


def _silhouettes(part: Any, labels: Sequence[int]) -> tuple[dict[int, float], float | None]:  # noqa: ANN401 - an array
    """Return the mean silhouette of each cluster in the sample, and of all; none if the sample is in one cluster."""
    from sklearn.metrics import silhouette_samples

    if not 1 < len(set(labels)) < len(labels):
        return {}, None
    found = silhouette_samples(part, labels)
    sums: dict[int, list[float]] = {}
    for label, value in zip(labels, found, strict=True):
        sums.setdefault(label, []).append(float(value))
    return {label: sum(values) / len(values) for label, values in sums.items()}, float(found.mean())
