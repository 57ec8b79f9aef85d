"""ONNX graphs written like NumPy: tensors with operators, and loops of functions.

A node belongs to the innermost graph among those of its inputs, so that what does not change
within a loop is computed once, before it.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper


class Graph:
    """A graph under construction, or the body of a loop in one.

    Args:
        outer: the graph that the loop is in.
    """

    def __init__(self, outer: "Graph | None" = None):
        self.level: int = outer.level + 1 if outer else 0
        self._names: Any = outer._names if outer else itertools.count()
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[tuple[Any, ...], onnx.TensorProto] = {}

    def tensor(self, name: str | None = None) -> "Tensor":
        """Return a tensor of this graph that no node computes yet."""
        return Tensor(self, name or f"t{next(self._names)}")

    def constant(self, values: Any) -> "Tensor":
        """Return a constant; Python's numbers and lists of them become int64 or float32."""
        array = np.asarray(values)
        if not isinstance(values, np.ndarray | np.generic):
            array = array.astype(np.float32 if array.dtype.kind == "f" else np.int64)
        key = array.dtype.str, array.shape, array.tobytes()
        if key not in self._constants:
            name = self.tensor().name
            self._constants[key] = numpy_helper.from_array(array, name)
        return self.tensor(self._constants[key].name)

    def append(self, node: onnx.NodeProto) -> None:
        """Add a node whose inputs are there already."""
        self._nodes.append(node)

    def proto(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> onnx.GraphProto:
        """Return the finished graph with these inputs and outputs, as `ValueInfoProto`."""
        constants = list(self._constants.values())
        return helper.make_graph(self._nodes, f"graph{self.level}", inputs, outputs, constants)


class Tensor:
    """A named value of a graph; + - * / % and // with others or with numbers add nodes.

    ONNX divides integers as C does: // is meant for those that are not negative.

    Args:
        graph: that it belongs to.
        name: unique in the whole model.
    """

    # NumPy's numbers leave the operators to this class
    __array_ufunc__ = None

    def __init__(self, graph: Graph, name: str):
        self.graph = graph
        self.name = name

    def __add__(self, other: Any) -> "Tensor":
        return node("Add", self, other)

    def __radd__(self, other: Any) -> "Tensor":
        return node("Add", other, self)

    def __sub__(self, other: Any) -> "Tensor":
        return node("Sub", self, other)

    def __rsub__(self, other: Any) -> "Tensor":
        return node("Sub", other, self)

    def __mul__(self, other: Any) -> "Tensor":
        return node("Mul", self, other)

    def __rmul__(self, other: Any) -> "Tensor":
        return node("Mul", other, self)

    def __truediv__(self, other: Any) -> "Tensor":
        return node("Div", self, other)

    def __floordiv__(self, other: Any) -> "Tensor":
        return node("Div", self, other)

    def __mod__(self, other: Any) -> "Tensor":
        return node("Mod", self, other)

    def size(self, axis: int) -> "Tensor":
        """Return the length of one axis, int64 scalar."""
        length = node("Shape", self, start=axis, end=axis + 1)
        return node("Squeeze", length, [0])

    def cast(self, dtype: Any) -> "Tensor":
        """Return the values in another NumPy type."""
        return node("Cast", self, to=_onnx_type(dtype))


def node(operator: str, *inputs: Any, **attributes: Any) -> Tensor:
    """Add a node of one output to the innermost graph of its inputs, and return the output.

    Args:
        operator: name of the ONNX operator.
        *inputs: tensors, at least one, and numbers or arrays.
        **attributes: of the operator.
    """
    return outputs_of(1, operator, *inputs, **attributes)[0]


def outputs_of(n_outputs: int, operator: str, *inputs: Any, **attributes: Any) -> list[Tensor]:
    """Add a node of several outputs, see `node`, and return them."""
    graph = _innermost(inputs)
    outputs = [graph.tensor() for _ in range(n_outputs)]
    graph.append(
        helper.make_node(
            operator,
            [(one if isinstance(one, Tensor) else graph.constant(one)).name for one in inputs],
            [one.name for one in outputs],
            **attributes,
        )
    )
    return outputs


def vector(*numbers: Any) -> Tensor:
    """Return int64 scalars, one of them a tensor at least, as one tensor: a shape, for example."""
    parts = [node("Unsqueeze", one, [0]) if isinstance(one, Tensor) else [one] for one in numbers]
    return node("Concat", *parts, axis=0)


Run = tuple[Sequence[Tensor], Sequence[tuple[Tensor, Any]]]
"""What the function of a loop returns: the new states, and what is kept, with its NumPy type."""


def loop(
    count: Any,
    states: Sequence[tuple[Tensor, Any]],
    body: Callable[..., Run],
) -> list[Tensor]:
    """Run a function several times on its own results.

    Args:
        count: number of runs, int64 scalar.
        states: initial states, each with its NumPy type; their shapes may change.
        body: function of the run's number, int64, and of the states. Returns the new states, and
            a sequence of what is to be kept of every run, each with its NumPy type.

    Returns:
        The last states, then what was kept, stacked along a new first axis.
    """
    graph = _innermost([count, *(tensor for tensor, _ in states)])
    inner = Graph(graph)
    run, go_on, *carried = (inner.tensor() for _ in range(2 + len(states)))
    results, kept = body(run, *carried)
    dtypes = [dtype for _, dtype in states]
    inputs = [_info(run, np.int64, ()), _info(go_on, np.bool_, ())]
    inputs += map(_info, carried, dtypes)
    outputs = [_info(node("Identity", go_on), np.bool_, ())]
    outputs += map(_info, results, dtypes)
    outputs += [_info(*one) for one in kept]
    finals = [graph.tensor() for _ in outputs[1:]]
    count = count if isinstance(count, Tensor) else graph.constant(count)
    graph.append(
        helper.make_node(
            "Loop",
            # no condition: it is the number of runs alone that ends it
            [count.name, "", *(tensor.name for tensor, _ in states)],
            [one.name for one in finals],
            body=inner.proto(inputs, outputs),
        )
    )
    return finals


def _innermost(inputs: Sequence[Any]) -> Graph:
    graphs = [one.graph for one in inputs if isinstance(one, Tensor)]
    return max(graphs, key=lambda graph: graph.level)


def _info(tensor: Tensor, dtype: Any, shape: Sequence[int] | None = None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(tensor.name, _onnx_type(dtype), shape)


def _onnx_type(dtype: Any) -> int:
    return helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
