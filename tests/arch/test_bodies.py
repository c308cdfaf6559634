"""Only ``kernel.web`` reads request bodies, because its limit holds while the body arrives."""

from __future__ import annotations

import ast

from tests.arch.source import modules

FACES = ("kernel", "admin", "bot", "mall_h5", "app")
READERS = {"post", "json", "text", "read", "multipart", "clone", "content"}


def test_only_the_kernel_reads_the_body_of_a_request() -> None:
    found = {
        f"{module.name} .{node.attr}"
        for package in FACES
        for module in modules(package)
        for node in module.nodes
        if isinstance(node, ast.Attribute)
        and node.attr in READERS
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
    }
    # ``clone`` copies a GET, to ask the router whether another path is a page
    assert found == {"kernel/web/bodies.py .content", "kernel/web/middleware.py .clone"}


def test_every_application_with_a_port_has_the_rules_for_bodies() -> None:
    """An application that is mounted in another one has the rules of the outer one."""
    makers = [
        (module.name, function)
        for package in FACES
        for module in modules(package)
        for function in module.functions()
        if function.name in {"make_app", "make_private_app"}
    ]
    assert len(makers) >= 2
    for name, function in makers:
        said = ast.unparse(function)
        for needed in ("ServedApplication(", "serve_bodies(app", "close_unread"):
            assert needed in said, (name, function.name, needed)
