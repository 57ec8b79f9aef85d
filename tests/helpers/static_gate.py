"""What an old TensorFlow does not know in an exported graph, found without running it."""

from pathlib import Path

from tensorflow.core.protobuf import saved_model_pb2

_OPERATIONS = Path(__file__).with_name("operations_2.7.1.txt")


def operations_of_tensorflow_2_7():
    """Return names of attributes by name of operation, as the runtime of 2.7.1 lists them."""
    lines = (line.split() for line in _OPERATIONS.read_text(encoding="utf-8").splitlines())
    return {name: attributes for name, *attributes in lines}


def graph_nodes(folder):
    """Return all nodes of a SavedModel, those of its functions too."""
    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((folder / "saved_model.pb").read_bytes())
    graph = saved.meta_graphs[0].graph_def
    return [
        *graph.node,
        *(node for function in graph.library.function for node in function.node_def),
    ]


def unknown_operations(folder, known):
    """Return pairs of operation and attribute in a SavedModel that are not among the known ones."""
    nodes = graph_nodes(folder)
    unknown = {(node.op, "") for node in nodes if node.op not in known}
    return unknown | {
        (node.op, name)
        for node in nodes
        for name in node.attr
        if not name.startswith("_") and name not in known.get(node.op, [name])
    }
