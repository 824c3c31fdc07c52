"""The lake: a copy of the tables in Parquet files, and the columnar and distributed engines that answer over it."""
