"""What samples are good for: answers that are read off clean images."""
