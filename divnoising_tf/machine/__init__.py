"""What there is to compute with: free memory, optional libraries, TensorFlow's environment."""
