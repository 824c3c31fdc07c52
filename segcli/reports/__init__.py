"""Reports: several overviews with their titles and files, written all together or not at all."""
