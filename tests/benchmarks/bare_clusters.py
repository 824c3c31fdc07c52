"""k-means over three metrics as a Python user writes it: one SQL statement, numpy and scikit-learn.

python tests/benchmarks/bare_clusters.py DATABASE DAY K
Prints CSV: cluster, accounts. A metric with a skewness above 1 enters as its logarithm, as `segcli cluster` says of itself.
"""

import sqlite3
import sys
from datetime import date

import numpy as np
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

SQL = """SELECT round(sum(i.base_revenue_amount) / 1e4) / 100, sum(i.total_amount >= 0), max(i.invoice_date) FILTER (WHERE i.total_amount >= 0)
  FROM invoice AS i JOIN account AS a ON a.id = i.ordered_by_id WHERE i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date <= ?
 GROUP BY a.id HAVING max(i.total_amount) >= 0 ORDER BY a.code"""


def main() -> None:
    """Read, scale, fit and count."""
    database, day, k = sys.argv[1:]
    now = date.fromisoformat(day)
    rows = sqlite3.connect(database).execute(SQL, (day,))
    data = np.array(
        [(turnover, bought, (now - date.fromisoformat(last)).days) for turnover, bought, last in rows], dtype=float
    )
    for at in range(data.shape[1]):
        column = data[:, at]
        if (((column - column.mean()) / column.std()) ** 3).mean() > 1:
            data[:, at] = np.copysign(np.log1p(np.abs(column)), column)
    with threadpool_limits(1):
        means = KMeans(int(k), n_init=10, random_state=0).fit(StandardScaler().fit_transform(data))
    print("cluster,accounts")
    for number, old in enumerate(np.argsort(-means.cluster_centers_[:, 0]), 1):
        print(f"{number},{(means.labels_ == old).sum()}")


if __name__ == "__main__":
    main()
