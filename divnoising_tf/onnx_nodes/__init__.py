"""ONNX graphs as Python writes them."""
