"""One layout for the files that authors write; comments and values stay as they are."""
