"""What several actions share: the job, how it is carried out, and the folder of what is printed."""
